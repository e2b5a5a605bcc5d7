"""The response class: Werkzeug's, with no detour where nothing needs one.

Most responses are made of one string and sent as they are. These skip the checks that
`Headers` makes of each item, and the copy of the headers that Werkzeug rewrites before
sending; whatever else there is takes Werkzeug's way. A subclass that overrides a part
of that way gets all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, ClassVar, TypeAlias
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.datastructures import Headers
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
# Locations that are sent as they are, for `iri_to_uri()` would return them unchanged.
_LABEL = r"[a-z0-9-]{1,63}"
_PLAIN_URL = re.compile(
    rf"(?:https?://{_LABEL}(?:\.{_LABEL})*(?::[1-9][0-9]{{0,3}})?|(?!//))"
    r"(?:/[\w.~%!$&'()*+,/:;=@-]*)?"
    r"(?:\?[\w.~%!$&'()*+,/:;=?@-]+)?"
    r"(?:#[\w.~%!$&'()*+,/:;=?@#-]+)?",
    re.ASCII,
)


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

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Send the response (PEP 3333)."""
        headers = self._headers_as_sent() if self._is_sent_directly else None
        if headers is None:
            return super().__call__(environ, start_response)
        start_response(self._status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        return self.response  # type: ignore[return-value]  # a list of bytes

    def _headers_as_sent(self) -> list[tuple[str, str]] | None:
        """Return a copy of the headers, complete; None if Werkzeug has to make it.

        A server may change the list it is given.
        """
        body, status, headers = self.response, self._status_code, self.headers
        if (
            type(body) is not list
            or len(body) > 1
            or (body and type(body[0]) is not bytes)
            or self._on_close
            or status < 200
            or status in _BODILESS
            or type(headers) is not Headers
        ):
            return None
        items, has_length, location = headers._list.copy(), False, None
        for name, value in items:
            lower = name.lower()
            if lower == "content-length":
                has_length = True
            elif lower in _NEED_REWRITING:
                if lower != "location" or location is not None:
                    return None
                if not self._is_final(value):
                    return None
                location = value
        if not has_length:
            if not self.automatically_set_content_length:
                return None
            items.append(("Content-Length", str(len(body[0]) if body else 0)))
        return items

    def _is_final(self, location: str) -> bool:
        """Tell whether a location is sent as it is."""
        return not self.autocorrect_location_header and bool(
            _PLAIN_URL.fullmatch(location)
        )

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]  # a setting here
        """Bytes a cookie may have before a warning is given (`MAX_COOKIE_SIZE`)."""
        context = _cv_app.get(None)
        if context is None:
            return ResponseBase.max_cookie_size
        limit: int = context.app.config["MAX_COOKIE_SIZE"]
        return limit
