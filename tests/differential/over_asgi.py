"""A server in the process: it hands what a WSGI server would over to an ASGI app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

Application = Callable[[Any, Any, Any], Awaitable[None]]
# Names of headers that are not spelled as others are.
SPELLED = {b"etag": "ETag", b"www-authenticate": "WWW-Authenticate"}
# Bytes of a request that come in one message.
PIECE = 50


def scope_of(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the scope that a server makes of the request with this environ."""
    mount, path = (
        environ.get(key, "").encode("latin-1") for key in ("SCRIPT_NAME", "PATH_INFO")
    )
    whole = mount + path
    # Only HTTP/2 has bodies that nothing announces.
    is_framed = environ.keys() & {"CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1" if is_framed else "2",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "path": whole.decode(errors="replace"),
        "raw_path": quote(whole).encode(),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "root_path": mount.decode(errors="replace"),
        "headers": list(headers_of(environ)),
        "server": (environ["SERVER_NAME"], int(environ["SERVER_PORT"])),
        "client": (environ["REMOTE_ADDR"], 50_000)
        if "REMOTE_ADDR" in environ
        else None,
    }


def headers_of(environ: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers of a request as ASGI has them."""
    for key, value in environ.items():
        prefix, _, rest = key.partition("_")
        if key in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            rest = key
        elif prefix != "HTTP" or not isinstance(value, str):
            continue
        yield rest.replace("_", "-").lower().encode(), value.encode("latin-1")


def messages_of(body: bytes) -> Iterator[dict[str, Any]]:
    """Yield the messages of a body that comes in pieces; then the client waits."""
    for start in range(0, max(len(body), 1), PIECE):
        more = start + PIECE < len(body)
        piece = body[start : start + PIECE]
        yield {"type": "http.request", "body": piece, "more_body": more}


class OverASGI:
    """An ASGI app as a WSGI one: each request goes through `app` on an event loop.

    Args:
        app: The ASGI application.
        loop: Runs where it is called.
    """

    def __init__(self, app: Application, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._loop = loop

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request (PEP 3333), whole."""
        messages = messages_of(environ["wsgi.input"].read())
        sent: list[Any] = []
        over = asyncio.Event()

        async def receive() -> dict[str, Any]:
            message = next(messages, None)
            if message is None:
                await over.wait()
                return {"type": "http.disconnect"}
            return message

        async def send(message: Any) -> None:
            sent.append(message)

        work = self._app(scope_of(environ), receive, send)
        try:
            self._loop.run_until_complete(work)
        finally:
            if sent:
                start_response(str(sent[0]["status"]), headers_in(sent[0]))
        return [message["body"] for message in sent[1:]]


def headers_in(message: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the headers of an answer, with their names as WSGI apps write them."""
    return [
        (SPELLED.get(name) or name.decode("latin-1").title(), value.decode("latin-1"))
        for name, value in message["headers"]
    ]
