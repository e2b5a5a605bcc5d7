"""A request, a response and a view for a bare WSGI server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import msgspec

from ._binder import Binder
from ._errors import RequestError, SetupError, TooLarge
from ._form import Values, read_form
from ._request import FORMS, JSON, media_type

# Limits of a body in bytes, and of the parts of a form.
MAX_BODY = 8 * 1024 * 1024
MAX_PARTS = 1000


class PlainRequest:
    """A request of an environ and the bytes of its body.

    Args:
        environ: QUERY_STRING, CONTENT_TYPE and headers of it are read.
        body: All of it.
        max_parts: Fields and files that a form may have.
    """

    __slots__ = ("_body", "_cookies", "_form", "_max_parts", "environ")

    def __init__(
        self,
        environ: Mapping[str, Any],
        body: bytes | None,
        max_parts: int = MAX_PARTS,
    ) -> None:
        self.environ = environ
        self._body = body
        self._max_parts = max_parts
        self._form: tuple[Values, Values] | None = None
        self._cookies: dict[str, str] | None = None

    def get_data(self) -> bytes:
        """Return the body."""
        return self._body or b""

    @property
    def form(self) -> Values:
        """Texts of a form."""
        return self._read_form()[0]

    @property
    def files(self) -> Values:
        """Uploads of a form."""
        return self._read_form()[1]

    def _read_form(self) -> tuple[Values, Values]:
        if self._form is None:
            self._form = Values(), Values()
            if media_type(self.environ) in FORMS:
                kind = self.environ["CONTENT_TYPE"]
                self._form = read_form(self.get_data(), kind, self._max_parts)
        return self._form

    @property
    def cookies(self) -> Mapping[str, str]:
        """Cookies by name, the first of a name (RFC 6265 §5.4)."""
        if self._cookies is None:
            self._cookies = read_cookies(self.environ.get("HTTP_COOKIE") or "")
        return self._cookies


def read_cookies(header: str) -> dict[str, str]:
    """Return cookies by name; of several with a name the first."""
    found: dict[str, str] = {}
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        found.setdefault(name, value)
    return found


class EnvironRequest(PlainRequest):
    """The request of a WSGI environ.

    Args:
        environ: Is not changed; `wsgi.input` is read once.
        max_body: Bytes that a body may have.
        max_parts: Fields and files that a form may have.
    """

    __slots__ = ("_max_body",)

    def __init__(
        self,
        environ: WSGIEnvironment,
        *,
        max_body: int = MAX_BODY,
        max_parts: int = MAX_PARTS,
    ) -> None:
        super().__init__(environ, None, max_parts)
        self._max_body = max_body

    def get_data(self) -> bytes:
        """Return the body, which is read when this is called first.

        Raises:
            TooLarge: It is beyond the limit.
        """
        if self._body is None:
            self._body = self._read_input()
        return self._body

    def _read_input(self) -> bytes:
        text = self.environ.get("CONTENT_LENGTH") or ""
        if text.isdecimal() and text.isascii() and len(text) < 20:
            length = int(text)
        elif self.environ.get("wsgi.input_terminated"):
            return self._read_to_the_end()
        else:
            length = 0
        if length > self._max_body:
            raise TooLarge(f"The body has more than {self._max_body:,} bytes.")
        body: bytes = self.environ["wsgi.input"].read(length) if length else b""
        if len(body) < length:
            raise RequestError("The body is shorter than its Content-Length.")
        return body

    def _read_to_the_end(self) -> bytes:
        body: bytes = self.environ["wsgi.input"].read(self._max_body + 1)
        if len(body) > self._max_body:
            raise TooLarge(f"The body has more than {self._max_body:,} bytes.")
        return body


class Answer:
    """A response that is a WSGI application."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str]) -> None:
        self.body = body
        self.status = status
        self.headers = headers

    @property
    def sent_headers(self) -> dict[str, str]:
        """The headers, with the length of the body if the status may have one."""
        if self.status == 204:
            return dict(self.headers)
        return {**self.headers, "Content-Length": str(len(self.body))}

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        headers = [*self.sent_headers.items()]
        start_response(f"{self.status} {phrase_of(self.status)}", headers)
        return [self.body]


@cache
def phrase_of(status: int) -> str:
    """Return the reason phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def answer_of(result: object) -> Answer:
    """Return the answer of a view whose annotation says nothing about it."""
    if isinstance(result, Answer):
        return result
    if result is None:
        return Answer(b"", 204, {})
    if isinstance(result, str | bytes):
        body = result.encode() if isinstance(result, str) else result
        return Answer(body, 200, {"Content-Type": "text/plain; charset=utf-8"})
    return Answer(msgspec.json.encode(result), 200, {"Content-Type": JSON})


class WSGIView:
    """A WSGI application of one view; errors of requests are answered by it.

    Variables of a path are taken from `wsgiorg.routing_args`, if a router put them
    there.

    Args:
        view: What answers. A plain function, for WSGI does not await.
        binder: With `respond=Answer`; by default one of its own.
        max_body: Bytes that a body may have.

    Raises:
        SetupError: A request cannot be read into the view.
    """

    def __init__(
        self,
        view: Callable[..., Any],
        *,
        binder: Binder | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self.bound = (binder or Binder(respond=Answer)).bind(view)
        self._max_body = max_body
        if self.bound.plan.is_async:
            raise SetupError(
                f"{view.__qualname__} is async: a WSGIView does not await."
            )

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        _, args = environ.get("wsgiorg.routing_args", ((), {}))
        request = EnvironRequest(environ, max_body=self._max_body)
        try:
            answer = answer_of(self.bound.call(request, args))
        except RequestError as error:
            answer = Answer(error.body, error.status, error.headers)
        return answer(environ, start_response)
