"""Making a response of whatever a view returned.

value                                    response
a response of the app's class            itself
str, bytes, bytearray, iterator          the body
dict, list                               JSON
another response class, WSGI callable    converted, or called with this environ
(value, status)                          any of these, with the status
(value, headers)                         … with the headers
(value, status, headers)                 … with both
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as ResponseBase

import tantalus_http as http

from . import typing as types
from .ctx import current_context
from .globals import _cv_app, current_app
from .wrappers import Response

if TYPE_CHECKING:  # the app delegates to this module
    from ._app import App

_HEADERS = (Headers, dict, tuple, list)
_TEXTS = (str, bytes)
_BODIES = (str, bytes, bytearray, Iterator)
# Asking whether one of these is an Iterator would take long.
_JSON = (dict, list)


class InvalidReturn(TypeError):
    """A view returned something that can't be made a response."""

    def __init__(self, problem: str) -> None:
        self.endpoint = current_context().request.endpoint
        super().__init__(
            f"The view function for {self.endpoint!r} did not return a valid response."
            f" {problem}"
        )


def make_response(app: App, rv: types.ResponseReturnValue) -> Response:
    """Return the response that a view's return value stands for (table above).

    Raises:
        TypeError: It stands for none.
    """
    if type(rv) in _TEXTS:
        return app.response_class(rv)
    if isinstance(rv, app.response_class):
        return rv
    if isinstance(rv, tuple):
        return _from_tuple(app, *_unpacked(rv))
    if type(rv) in _JSON:
        return app.json.response(rv)  # type: ignore[return-value]  # the app's class
    if isinstance(rv, _BODIES):
        return app.response_class(rv)
    return _converted(app, rv)


def _unpacked(value: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Return `(body, status, headers)` of a tuple that a view returned."""
    if len(value) == 2:
        body, second = value
        if isinstance(second, _HEADERS):
            return body, None, second
        return body, second, None
    if len(value) == 3:
        return value
    raise InvalidReturn(
        "The tuple must have the form (body, status, headers), (body, status), or"
        f" (body, headers), but it has {len(value)} items."
    )


def _from_tuple(app: App, body: Any, status: Any, headers: Any) -> Response:
    if isinstance(body, app.response_class):
        response = body
    elif type(body) not in _JSON and isinstance(body, _BODIES):
        return app.response_class(body, status=status, headers=headers)
    else:
        response = _converted(app, body)
    if isinstance(status, (str, bytes, bytearray)):
        response.status = status  # type: ignore[assignment]  # Werkzeug takes bytes
    elif status is not None:
        response.status_code = status
    if headers:
        response.headers.update(headers)
    return response


def _converted(app: App, value: Any) -> Response:
    """Return a response of a value that is neither a body nor a response of ours."""
    if isinstance(value, _JSON):
        return app.json.response(value)  # type: ignore[return-value]  # the app's class
    if isinstance(value, HTTPException):
        environ = current_context().request.environ
        page = http.error_page(value, environ, app.response_class)
        if page is not None:
            return page
    if value is None:
        raise InvalidReturn(
            "The function either returned None or ended without a return statement."
        )
    if isinstance(value, ResponseBase) or callable(value):
        return _from_callable(app, value)
    raise InvalidReturn(_expected(value))


def _from_callable(app: App, value: Any) -> Response:
    try:
        return app.response_class.force_type(  # type: ignore[return-value]  # our class
            value, current_context().request.environ
        )
    except TypeError as error:
        raise InvalidReturn(f"{_expected(value)} ({error})") from error


def _expected(value: object) -> str:
    return (
        "The return type must be a string, dict, list, tuple with headers or status,"
        f" Response instance, or WSGI callable, but it was a {type(value).__name__}."
    )


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
