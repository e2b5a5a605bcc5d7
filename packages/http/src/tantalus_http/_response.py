"""The response class: Werkzeug's, with no detour where nothing needs one.

Most responses are made of one string and sent as they are. These skip the copy of the
headers that Werkzeug rewrites before sending; whatever else there is takes Werkzeug's
way. A subclass that overrides a part of that way gets all of it.

Neither way makes an invalid message: what HTTP can't carry is an error where it is set.
What comes in from elsewhere, such as headers of a class of somebody's own, takes
Werkzeug's way, and is checked at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import Any, ClassVar, Self, TypeAlias
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.datastructures import Headers
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.utils import get_content_type
from werkzeug.wrappers import Request as RequestBase
from werkzeug.wrappers import Response as ResponseBase

from ._asgi_types import ASGIReceive, ASGISend, Run
from ._conditions import CONDITIONS, read_date, unmet_condition, write_date
from ._headers import DirectHeaders, check_message, check_text, checked, made_direct
from ._locations import plain_url
from ._ranges import ALWAYS_TELLS_RANGES, is_current, part_of
from ._ready_body import ReadyBody

# What Werkzeug takes for a body, a status and headers is told by its own docs.
Body: TypeAlias = Any
HeaderItems: TypeAlias = Any

# Overriding one of these needs Werkzeug's way of making, or of sending.
_MAKING = frozenset({"automatically_set_content_length", "set_data", "status"})
_SENDING = frozenset(
    {"close", "get_app_iter", "get_wsgi_headers", "get_wsgi_response"}
    | {"is_sequence", "iter_encoded", "status"}
)
_CONDITIONS = CONDITIONS | {"HTTP_RANGE"}
_DIRECT_BODIES = (str, bytes, type(None))
# Or need a closer look: a length may be spelled in another way than ours.
_NEED_REWRITING = frozenset({"content-length", "content-location", "location"})
# Of these names: the other names need not be spelled in lower case.
_LENGTHS = frozenset(map(len, _NEED_REWRITING))
# Names that most responses have, as they are mostly written: none needs rewriting.
_PLAIN_NAMES = frozenset(
    {"Allow", "Content-Type", "Date", "Set-Cookie", "Vary"}
    | {"Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options"}
)
# The codes of responses whose body is sent, and whose headers stay.
_WITH_BODY = frozenset(range(200, 600)) - {204, 304}
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
def _content_type(mimetype: str) -> tuple[str, str]:
    """Return the header for a body of text.

    Raises:
        ValueError: HTTP can't carry it.
    """
    check_text("The media type", mimetype)
    return "Content-Type", get_content_type(mimetype, "utf-8")


_USUAL_TYPES = {kind: _content_type(kind) for kind in ("application/json", "text/html")}


def _left_to_werkzeug(response: ResponseBase) -> None:
    """Stand in for `_complete_headers` where Werkzeug has to make them."""


class Response(ResponseBase):
    """A response: Werkzeug's, made of one text and sent without a detour."""

    _is_made_directly: ClassVar[bool] = is_known(ResponseBase())

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if overrides(cls, Response, _MAKING):
            cls._is_made_directly = False
        if overrides(cls, Response, _SENDING):
            cls._headers_as_sent = _left_to_werkzeug

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
            type(response) not in _DIRECT_BODIES
            or headers is not None
            or content_type is not None
            or kind is None
            or not self._is_made_directly
        ):
            made = checked(headers)
            super().__init__(
                response, status, made, mimetype, content_type, direct_passthrough
            )
            return
        self.headers = direct = made_direct()
        # What is put here is valid: no need to check it item by item.
        if response is None:
            direct._list = [_USUAL_TYPES.get(kind) or _content_type(kind)]
            self.response = []
        else:
            body = response.encode() if type(response) is str else response
            length = ("Content-Length", str(len(body)))
            direct._list = [_USUAL_TYPES.get(kind) or _content_type(kind), length]
            self.response = [body]
        self.direct_passthrough = direct_passthrough
        self._on_close: list[Callable[[], Any]] = []
        if status is None:
            status = self.default_status
        code = status if type(status) is int else 0
        line = _STATUS_LINES.get(code)
        if line is None:
            self.status = status
        else:
            self._status, self._status_code = line, code

    @classmethod
    def force_type(
        cls, response: ResponseBase, environ: WSGIEnvironment | None = None
    ) -> ResponseBase:
        """Return a response, or what a WSGI application answers, in this class.

        Raises:
            TypeError: It is an application, and there is no environ to call it with.
            ValueError: It holds what HTTP can't carry.
        """
        made = super().force_type(response, environ)
        check_text("The status", made.status)
        made.headers = checked(made.headers)
        return made

    @property
    def status(self) -> str:
        """The status line. A number is given its reason."""
        return super().status

    @status.setter
    def status(self, value: str | int | HTTPStatus) -> None:
        if isinstance(value, str):
            check_text("The status", value)
        ResponseBase.status.fset(self, value)  # type: ignore[attr-defined]  # a property

    def make_conditional(
        self,
        request_or_environ: WSGIEnvironment | RequestBase,
        accept_ranges: bool | str = False,
        complete_length: int | None = None,
    ) -> Self:
        """Answer with 304, 206 or 412 if the request's conditions ask for it.

        Args:
            accept_ranges: Whether a part may be asked for, or in which unit.
            complete_length: In bytes; parts are only given if it is known.

        Raises:
            RequestedRangeNotSatisfiable: There is no such part (416).
        """
        environ: Any = getattr(request_or_environ, "environ", request_or_environ)
        known = {name.lower() for name, _ in self.headers}
        if (
            not environ.keys().isdisjoint(_CONDITIONS)
            or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
            or "content-length" not in known
            or "accept-ranges" in known
        ):
            status = self._unmet(environ)
            asked = {"REQUEST_METHOD": environ["REQUEST_METHOD"]}
            if status is None:
                asked |= self._part_asked(environ, accept_ranges, complete_length)
            super().make_conditional(asked, accept_ranges, complete_length)
            self.status_code = status or self.status_code
            return self
        if "date" not in known:
            self.headers["Date"] = write_date(int(time()))
        if accept_ranges and ALWAYS_TELLS_RANGES:
            unit = "bytes" if accept_ranges is True else accept_ranges
            self.headers["Accept-Ranges"] = unit
        return self

    def _unmet(self, environ: WSGIEnvironment) -> int | None:
        """Return the status for a condition that does not hold: not of an error."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or not self._is_success():
            return None
        etag, modified = map(self.headers.get, ("ETag", "Last-Modified"))
        return unmet_condition(environ, etag, read_date(modified))

    def _is_success(self) -> bool:
        return HTTPStatus.OK <= self.status_code < HTTPStatus.MULTIPLE_CHOICES

    def _part_asked(
        self,
        environ: WSGIEnvironment,
        accept_ranges: bool | str,
        complete_length: int | None,
    ) -> WSGIEnvironment:
        """Return the header that asks for the part to give, if one is given."""
        header = environ.get("HTTP_RANGE")
        etag, last_modified = map(self.headers.get, ("ETag", "Last-Modified"))
        if (
            header is None
            or environ["REQUEST_METHOD"] != "GET"
            or accept_ranges not in (True, "bytes")
            or not complete_length
            or self.status_code != HTTPStatus.OK
            or not is_current(environ, etag, last_modified)
        ):
            return {}
        part = part_of(header, complete_length)
        # Werkzeug is asked for one part that is there.
        return {} if part is None else {"HTTP_RANGE": f"bytes={part[0]}-{part[1] - 1}"}

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Send the response (PEP 3333)."""
        headers = self._headers_as_sent()
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        if headers is None or (is_head and self.direct_passthrough):
            return self._send_checked(environ, start_response)
        start_response(self._status, headers)
        body: Any = [] if is_head else self.response  # of bytes
        if self._on_close and type(body) is list:
            ready = ReadyBody(body)
            ready.calls, ready.variables = self._on_close, None
            return ready
        return body  # type: ignore[no-any-return]  # it is one of those

    async def send_asgi(
        self,
        request: RequestBase,
        receive: ASGIReceive,
        send: ASGISend,
        run: Run | None = None,
    ) -> None:
        """Send the response as the answer to a request on an ASGI scope.

        Iterators, files and what is to be done at the end run in one thread;
        asynchronous iterators run here, until the client goes away.

        Args:
            request: A `tantalus_http.Request`.
            run: Calls a function in a thread and returns what it returns, awaited;
                `asyncio.to_thread` by default.

        Raises:
            ValueError: It holds what HTTP can't carry.
        """
        # Programs under WSGI need none of it, nor asyncio.
        from ._sending import send_response  # noqa: PLC0415 - see above

        await send_response(self, request, receive, send, run)

    @classmethod
    def _is_sent_directly(cls) -> bool:
        """Tell whether no subclass makes headers or body in a way of its own."""
        return cls._headers_as_sent is not _left_to_werkzeug

    def _send_checked(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Send what Werkzeug makes of the response, if it is valid."""
        try:
            body, status, headers = self.get_wsgi_response(environ)
            check_message(status, headers)
        except ValueError:
            self.close()
            raise
        start_response(status, headers)
        return body

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Return a copy of the headers as they are sent for a request.

        A response without content has no type of it, as PEP 3333's own check wants it,
        unless it was given another than all responses of its class have.
        """
        headers = super().get_wsgi_headers(environ)
        if self.status_code == HTTPStatus.NO_CONTENT and self.default_mimetype:
            name, unchosen = _content_type(self.default_mimetype)
            if headers.get(name) == unchosen:
                headers.remove(name)
        return headers

    def _complete_headers(self) -> list[tuple[str, str]] | None:
        """Return a copy of the headers, complete; None if Werkzeug has to make it.

        A server may change the list it is given.
        """
        body: Any = self.response
        status, headers, is_text = self._status_code, self.headers, type(body) is list
        if (
            not (is_text or self.direct_passthrough)
            or (is_text and (len(body) > 1 or (body and type(body[0]) is not bytes)))
            or status not in _WITH_BODY
            or type(headers) is not DirectHeaders
        ):
            return None
        items, has_length = headers._list.copy(), False
        for name, value in items:
            if name in _PLAIN_NAMES:
                continue
            if name == "Content-Length":
                has_length = True
            elif (
                len(name) in _LENGTHS
                and name.lower() in _NEED_REWRITING
                and not self._is_final(name.lower(), value)
            ):
                return None
        if not has_length:
            if not (is_text and self.automatically_set_content_length):
                return None
            items.append(("Content-Length", str(len(body[0]) if body else 0)))
        return items

    # Chosen once, for each subclass, instead of once for each response.
    _headers_as_sent: ClassVar[Callable[[Self], list[tuple[str, str]] | None]] = (
        _complete_headers if is_known(ResponseBase()) else _left_to_werkzeug
    )

    def _is_final(self, name: str, url: str) -> bool:
        """Tell whether a URL in a header is sent as it is."""
        return (
            name == "location"
            and not self.autocorrect_location_header
            and len(self.headers.getlist(name)) == 1
            and plain_url().fullmatch(url) is not None
        )
