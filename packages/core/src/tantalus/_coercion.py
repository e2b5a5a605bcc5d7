"""Making a response of whatever a view returned; `tantalus_http` tells of what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIEnvironment

import tantalus_http as http

from .ctx import current_context
from .globals import _cv_app, current_app
from .wrappers import Response

if TYPE_CHECKING:  # the app delegates to this module
    from . import typing as types
    from ._app import App


class InvalidReturn(TypeError):
    """A view returned something that can't be made a response."""

    def __init__(self, problem: str) -> None:
        self.endpoint = current_context().request.endpoint
        super().__init__(
            f"The view function for {self.endpoint!r} did not return a valid response."
            f" {problem}"
        )


def make_response(app: App, rv: types.ResponseReturnValue) -> Response:
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
        return rv
    try:
        return http.make_response(rv, response_class, app.json, _current_environ)
    except http.NoResponse as error:
        raise InvalidReturn(error.problem) from error.__cause__


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
    context = _cv_app.get(None)
    # Without an app, the proxy raises the error that explains it.
    app = current_app if context is None else context.app
    if not args:
        return app.response_class()
    return app.make_response(args[0] if len(args) == 1 else args)
