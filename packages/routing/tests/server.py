"""A server for ASGI applications that is one function call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tantalus_routing._protocols import ASGIApplication, Message, Scope

Headers = list[tuple[bytes, bytes]]


@dataclass
class Answer:
    """What an application has sent."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        pairs: Headers = self.messages[0]["headers"]
        return {name.decode(): value.decode("latin-1") for name, value in pairs}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    @property
    def text(self) -> str:
        return self.body.decode()


def http_scope(path: str = "/", method: str = "GET", **changes: Any) -> Scope:
    """Return the scope of a request as uvicorn makes it."""
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"h.example")],
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 8000),
        "state": {},
        "extensions": {},
        **changes,
    }


def websocket_scope(path: str, *, denial: bool = True, **changes: Any) -> Scope:
    """Return the scope of a WebSocket's handshake."""
    scope = http_scope(path, **changes)
    del scope["method"]
    extensions: dict[str, object] = {"websocket.http.response": {}} if denial else {}
    return {**scope, "type": "websocket", "scheme": "ws", "extensions": extensions}


def request_messages(*pieces: bytes) -> list[Message]:
    """Return the messages of a body in pieces."""
    last = len(pieces) - 1
    return [
        {"type": "http.request", "body": piece, "more_body": place < last}
        for place, piece in enumerate(pieces)
    ]


async def serve(
    app: ASGIApplication, scope: Scope, messages: Iterable[Message] = ()
) -> Answer:
    """Answer one request; after the messages the client waits for the answer."""
    answer = Answer()
    ended = asyncio.Event()
    left = list(messages or request_messages(b""))

    async def receive() -> Message:
        await asyncio.sleep(0)
        if left:
            return left.pop(0)
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        answer.messages.append(message)
        if message["type"].endswith(".body") and not message.get("more_body", False):
            ended.set()

    await app(scope, receive, send)
    return answer


def ask(
    app: ASGIApplication,
    path: str = "/",
    method: str = "GET",
    *pieces: bytes,
    **changes: Any,
) -> Answer:
    """Return what a request is answered with."""
    scope = http_scope(path, method, **changes)
    return asyncio.run(serve(app, scope, request_messages(*pieces or [b""])))
