"""Making a response of whatever a program answers with.

value                                    response
a response of the class asked for        itself
str, bytes, bytearray, iterator          the body
dict, list                               JSON
another response class, WSGI callable    converted, or called with the environ
(value, status)                          any of these, with the status
(value, headers)                         … with the headers
(value, status, headers)                 … with both
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias, TypeVar
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as ResponseBase

from ._pages import error_page, reads_environ
from ._response import Response

R = TypeVar("R", bound=Response)
GetEnviron: TypeAlias = Callable[[], WSGIEnvironment]

_HEADERS = (Headers, dict, tuple, list)
_BODIES = (str, bytes, bytearray, Iterator)
# Asking whether one of these is an Iterator would take long.
_JSON = (dict, list)


class MakesJSON(Protocol):
    """What makes responses of dicts and lists; a `JSONProvider` does."""

    def response(self, value: Any, /) -> ResponseBase:
        """Return a response with the JSON of `value`, of the class asked for."""
        ...


class NoResponse(TypeError):
    """A value stands for no response.

    Attributes:
        problem: What is wrong with it, in one sentence.
    """

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"No response can be made of what was returned. {problem}")


def make_response(
    value: Any,
    response_class: type[R],
    json: MakesJSON,
    get_environ: GetEnviron,
) -> R:
    """Return the response that `value` stands for (table above).

    Args:
        json: Makes the responses of dicts and lists.
        get_environ: Asked only for what a WSGI callable is called with.

    Raises:
        NoResponse: It stands for none.
    """
    if isinstance(value, tuple):
        return _from_tuple(value, response_class, json, get_environ)
    if isinstance(value, response_class):
        return value
    if isinstance(value, HTTPException):
        environ = get_environ() if reads_environ(value) else {}
        page = error_page(value, environ, response_class)
        if page is not None:
            return page
    elif type(value) not in _JSON and isinstance(value, _BODIES):
        return response_class(value)
    elif isinstance(value, _JSON):
        return json.response(value)  # type: ignore[return-value]  # the class asked for
    if value is None:
        raise NoResponse(
            "The function either returned None or ended without a return statement."
        )
    if isinstance(value, ResponseBase) or callable(value):
        return _converted(value, response_class, get_environ())
    raise NoResponse(_expected(value))


def _from_tuple(
    value: tuple[Any, ...],
    response_class: type[R],
    json: MakesJSON,
    get_environ: GetEnviron,
) -> R:
    body, status, headers = _unpacked(value)
    if type(body) not in _JSON and isinstance(body, _BODIES):
        return response_class(body, status=status, headers=headers)
    if isinstance(body, tuple):
        raise NoResponse(_expected(body))
    response = make_response(body, response_class, json, get_environ)
    if isinstance(status, str):
        response.status = status
    elif status is not None:
        response.status_code = status
    if headers:
        response.headers.update(headers)
    return response


def _unpacked(value: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Return `(body, status, headers)` of a tuple."""
    if len(value) == 2:
        body, second = value
        if isinstance(second, _HEADERS):
            return body, None, second
        return body, second, None
    if len(value) == 3:
        return value
    raise NoResponse(
        "The tuple must have the form (body, status, headers), (body, status), or"
        f" (body, headers), but it has {len(value)} items."
    )


def _converted(value: Any, response_class: type[R], environ: WSGIEnvironment) -> R:
    """Return what another response, or a WSGI callable, answers."""
    try:
        return response_class.force_type(value, environ)  # type: ignore[return-value]  # of that class
    except TypeError as error:
        raise NoResponse(f"{_expected(value)} ({error})") from error


def _expected(value: object) -> str:
    return (
        "The return type must be a string, dict, list, tuple with headers or status,"
        f" Response instance, or WSGI callable, but it was a {type(value).__name__}."
    )
