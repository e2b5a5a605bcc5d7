"""Making a response of whatever a view returned; `tantalus_http` tells of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import HTTPException

import tantalus_context as contexts
import tantalus_http as http

from .._state._app import AppState
from ..ctx import current_app_context, current_context
from ..typing import ResponseReturnValue
from ..wrappers import Response

# What may be gone through in both ways is gone through in this one.
_SYNCHRONOUS = (str, bytes, bytearray, dict, list, Iterator)


class InvalidReturn(TypeError):
    """A view returned something that can't be made a response."""

    def __init__(self, problem: str) -> None:
        self.endpoint = current_context().request.endpoint
        super().__init__(
            f"The view function for {self.endpoint!r} did not return a valid response."
            f" {problem}"
        )


def make_response(app: AppState, rv: ResponseReturnValue) -> Response:
    """Return the response that a view's return value stands for.

    Raises:
        TypeError: It stands for none.
    """
    response_class = app.steps.response_class
    kind = type(rv)
    if kind is str or kind is bytes:
        return response_class(rv)
    if kind is dict or kind is list:
        return app.json.response(rv)  # type: ignore[return-value]  # the app's class
    if isinstance(rv, response_class):
        return rv if type(rv.response) is list else _iterable(rv)
    value: Any = rv
    if isinstance(value, HTTPException):
        problem = _problem(app, value)
        if problem is not None:
            return problem
    if _is_awaited(value):
        value = contexts.iterate_elsewhere(value)
    elif type(value) is tuple and value and _is_awaited(value[0]):
        value = (contexts.iterate_elsewhere(value[0]), *value[1:])
    try:
        return _iterable(
            http.make_response(value, response_class, app.json, _current_environ)
        )
    except http.NoResponse as error:
        raise InvalidReturn(error.problem) from error.__cause__


def _is_awaited(value: Any) -> bool:
    """Tell whether a value is an asynchronous stream, and nothing that Flask takes."""
    return (
        hasattr(value, "__aiter__")
        and not callable(value)
        and not isinstance(value, _SYNCHRONOUS)
    )


def _problem(app: AppState, error: HTTPException) -> Response | None:
    """Return an error as a problem document, where the client would rather have that.

    Clients of typed views have it unless they ask for a page, others if they ask for
    it.
    """
    request = current_context().request
    is_typed = getattr(request.url_rule, "is_typed", False)
    accept = request.accept_header()
    if not is_typed and not (
        app.config["PROBLEM_DOCUMENTS"] and accept and "json" in accept
    ):
        return None
    if not http.prefers_problem(accept, by_default=is_typed):
        return None
    return http.problem_page(error, request.environ, app.steps.response_class)


def _iterable(response: Response) -> Response:
    """Return `response` with a body that synchronous servers can iterate."""
    body: Any = response.response
    if hasattr(body, "__aiter__") and not hasattr(body, "__iter__"):
        response.response = contexts.iterate_elsewhere(body)
    return response


def _current_environ() -> WSGIEnvironment:
    return current_context().request.environ


def make_response_from(*args: Any) -> Response:
    """Return a response of the current app's class, to be changed before it is sent.

    Args:
        args: What a view may return, as one value or as the items of a tuple; without
            any, the response is empty.

    Raises:
        TypeError: They stand for no response.
    """
    app = current_app_context().app
    if not args:
        return app.response_class()
    return app.make_response(args[0] if len(args) == 1 else args)
