"""The response class: Werkzeug's, with no detour where nothing needs one.

Most responses are made of one string and sent as they are. These skip the checks that
`Headers` makes of each item, and the copy of the headers that Werkzeug rewrites before
sending; whatever else there is takes Werkzeug's way. A subclass that overrides a part
of that way gets all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, ClassVar, TypeAlias
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.utils import get_content_type
from werkzeug.wrappers import Response as ResponseBase

from . import json
from .globals import _cv_app

# What Werkzeug takes for a body, a status and headers is told by its own docs.
Body: TypeAlias = Any
HeaderItems: TypeAlias = Any

# Overriding one of these needs Werkzeug's way of making, or of sending.
_MAKING = frozenset({"automatically_set_content_length", "set_data", "status"})
_SENDING = frozenset(
    {
        "close",
        "get_app_iter",
        "get_wsgi_headers",
        "get_wsgi_response",
        "is_sequence",
        "iter_encoded",
        "status",
    }
)
_NEED_REWRITING = frozenset({"content-location", "location"})
_BODILESS = frozenset({204, 304})
# A status that is added to Werkzeug's later is looked up by Werkzeug.
_STATUS_LINES = {
    code: f"{code} {phrase.upper()}" for code, phrase in HTTP_STATUS_CODES.items()
}


def is_known(response: ResponseBase) -> bool:
    """Tell whether Werkzeug keeps status and headers where this module puts them.

    They are private attributes: where they are others, Werkzeug's way is taken.
    """
    kept = {"_status", "_status_code"} <= vars(response).keys()
    return kept and vars(response.headers).keys() == {"_list"}


def overrides(cls: type, base: type, names: Iterable[str]) -> bool:
    """Tell whether a subclass of `base`, or a class mixed in, has its own of a name."""
    return any(getattr(cls, name) is not getattr(base, name) for name in names)


@lru_cache(maxsize=64)
def _content_type(mimetype: str) -> str:
    return get_content_type(mimetype, "utf-8")


# The pages of errors that say nothing but what their class says: by class and text.
_pages: dict[tuple[type[HTTPException], str | None], str] = {}
_TEXTS = ("code", "description", "get_body", "get_description", "name")


def _page(error: HTTPException, environ: WSGIEnvironment) -> str:
    """Return the page of an error; made once if it is the same for its whole class."""
    if not _has_page_of_its_class(error):
        return error.get_body(environ)
    key = type(error), error.description
    page = _pages.get(key)
    if page is None:
        page = _pages[key] = error.get_body(environ)
    return page


def _has_page_of_its_class(error: HTTPException) -> bool:
    """Tell whether an error of Werkzeug has the text of its class, unchanged."""
    return default_exceptions.get(error.code or 0) is type(error) and not any(
        name in _TEXTS for name in vars(error)
    )


class Response(ResponseBase):
    """A response: Werkzeug's, with HTML as the default media type."""

    default_mimetype: str | None = "text/html"
    json_module: Any = json
    autocorrect_location_header = False

    _is_made_directly: ClassVar[bool] = is_known(ResponseBase())
    _is_sent_directly: ClassVar[bool] = is_known(ResponseBase())

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if overrides(cls, Response, _MAKING):
            cls._is_made_directly = False
        if overrides(cls, Response, _SENDING):
            cls._is_sent_directly = False

    def __init__(
        self,
        response: Body = None,
        status: int | str | HTTPStatus | None = None,
        headers: HeaderItems = None,
        mimetype: str | None = None,
        content_type: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        kind = self.default_mimetype if mimetype is None else mimetype
        if (
            type(response) not in (str, bytes)
            or headers is not None
            or content_type is not None
            or kind is None
            or not self._is_made_directly
        ):
            super().__init__(
                response, status, headers, mimetype, content_type, direct_passthrough
            )
            return
        body = response.encode() if type(response) is str else response
        self.headers = made = Headers()
        # What is put here is valid: no need to check it item by item.
        made._list = [
            ("Content-Type", _content_type(kind)),
            ("Content-Length", str(len(body))),
        ]
        self.response = [body]
        self.direct_passthrough = direct_passthrough
        self._on_close: list[Callable[[], Any]] = []
        if status is None:
            status = self.default_status
        if type(status) is int and status in _STATUS_LINES:
            self._status, self._status_code = _STATUS_LINES[status], status
        else:
            self.status = status

    @classmethod
    def of_error(cls, error: HTTPException, environ: WSGIEnvironment) -> Response:
        """Return the page of an HTTP error, without `__init__` of a subclass.

        That is how Werkzeug converts a response to another class.
        """
        response = cls.__new__(cls)
        Response.__init__(
            response, _page(error, environ), error.code, mimetype="text/html"
        )
        headers = error.get_headers(environ)
        if len(headers) > 1 or not cls._is_made_directly:
            length = response.headers["Content-Length"]
            response.headers = Headers([*headers, ("Content-Length", length)])
        return response

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Send the response (PEP 3333)."""
        if self._is_sent_directly and self._is_complete():
            # A server may change the list it is given.
            start_response(self._status, self.headers._list.copy())
            if environ["REQUEST_METHOD"] == "HEAD":
                return []
            return self.response  # type: ignore[return-value]  # a list of bytes
        return super().__call__(environ, start_response)

    def _is_complete(self) -> bool:
        """Tell whether headers and body can be sent as they are."""
        body, status, headers = self.response, self._status_code, self.headers
        if (
            type(body) is not list
            or len(body) != 1
            or type(body[0]) is not bytes
            or self._on_close
            or status < 200
            or status in _BODILESS
            or type(headers) is not Headers
        ):
            return False
        has_length = False
        for name, _ in headers._list:
            lower = name.lower()
            if lower == "content-length":
                has_length = True
            elif lower in _NEED_REWRITING:
                return False
        return has_length

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]  # a setting here
        """Bytes a cookie may have before a warning is given (`MAX_COOKIE_SIZE`)."""
        context = _cv_app.get(None)
        if context is None:
            return ResponseBase.max_cookie_size
        limit: int = context.app.config["MAX_COOKIE_SIZE"]
        return limit
