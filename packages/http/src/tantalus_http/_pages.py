"""The pages of HTTP errors, redirects among them.

An error is a WSGI application, which can be run to get its page. Most errors are
Werkzeug's own, whose page is known without that, and mostly says what it always says.
"""

from __future__ import annotations

from typing import TypeVar
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.routing import RequestRedirect
from werkzeug.utils import redirect

from ._headers import checked
from ._response import Response

R = TypeVar("R", bound=Response)

# What makes the page of an error, unless a subclass has its own.
_CALL, _GET_RESPONSE = HTTPException.__call__, HTTPException.get_response
_GET_HEADERS = HTTPException.get_headers
_REDIRECT = RequestRedirect.get_response
# What stands in front of the length if an error has no headers of its own.
_HEADERS = HTTPException().get_headers()
# What an error may carry without another text on its page.
_NOT_IN_TEXT = frozenset(
    {"original_exception", "response", "valid_methods", "www_authenticate"}
)
# By class and description.
_texts: dict[tuple[type[HTTPException], str | None], str] = {}


def error_page(
    error: HTTPException, environ: WSGIEnvironment, response_class: type[R]
) -> R | None:
    """Return a new response with the page of an error; None if it has to be run.

    Args:
        response_class: The class of the page, which is made without its `__init__()`.
    """
    kind = type(error)
    if (
        # An error whose class never called `super().__init__()` has none.
        getattr(error, "response", None) is not None
        or kind.__call__ is not _CALL
        or "get_response" in vars(error)
    ):
        return None
    if kind.get_response is _GET_RESPONSE:
        page = _page(error, environ)
    elif isinstance(error, RequestRedirect) and kind.get_response is _REDIRECT:
        page = redirect(error.new_url, error.code, Response)  # type: ignore[assignment]  # our class
    else:
        return None
    # As Werkzeug converts it, without `__init__` of the class.
    page.__class__ = response_class
    return page  # type: ignore[return-value]  # of that class now


def reads_environ(error: HTTPException) -> bool:
    """Tell whether the page of an error may depend on the request.

    Werkzeug's own classes say the same of each.
    """
    kind = type(error)
    return kind is not default_exceptions.get(error.code or 0) or "get_body" in vars(
        error
    )


def _page(error: HTTPException, environ: WSGIEnvironment) -> Response:
    page = Response(_text(error, environ), error.code, mimetype="text/html")
    if type(error).get_headers is _GET_HEADERS and "get_headers" not in vars(error):
        return page
    headers = error.get_headers(environ)
    if headers != _HEADERS:
        length = ("Content-Length", page.headers["Content-Length"])
        page.headers = checked([*headers, length])
    return page


def _text(error: HTTPException, environ: WSGIEnvironment) -> str:
    """Return the text of a page; made once if it is the same for its whole class."""
    kind = type(error)
    if (
        default_exceptions.get(error.code or 0) is not kind
        or not vars(error).keys() <= _NOT_IN_TEXT
        # Somebody may have given the class another one, that is translated when read.
        or type(error.description) is not str
    ):
        return error.get_body(environ)
    key = kind, error.description
    text = _texts.get(key)
    if text is None:
        text = _texts[key] = error.get_body(environ)
    return text
