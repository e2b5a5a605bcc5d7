"""A server of ASGI for one connection at a time, and a browser before it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from werkzeug.datastructures import Headers
from werkzeug.http import parse_cookie

Message = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]


class Answer(NamedTuple):
    """What an application sent in answer to a request."""

    messages: list[Message]

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> Headers:
        return Headers(
            (name.decode(), value.decode())
            for name, value in self.messages[0].get("headers", ())
        )

    @property
    def text(self) -> str:
        return b"".join(part.get("body", b"") for part in self.messages[1:]).decode()


class Browser:
    """Sends the cookies that it was given."""

    def __init__(self, app: App, **scope: Any) -> None:
        self.app = app
        self.scope = scope
        self.cookies: dict[str, str] = {}

    def get(self, path: str = "/", **scope: Any) -> Answer:
        """Ask, on an event loop made for it."""
        return asyncio.run(self.ask(path, **scope))

    async def ask(self, path: str = "/", **scope: Any) -> Answer:
        """Ask, and keep the cookies of the answer."""
        incoming: list[Message] = [{"type": "http.request", "body": b""}]
        messages = await self.connect("http", path, incoming, **scope)
        answer = Answer(messages)
        self.keep(answer.headers)
        return answer

    async def connect(
        self, kind: str, path: str, incoming: list[Message], **scope: Any
    ) -> list[Message]:
        """Connect, and return what the application sends until it ends."""
        sent: list[Message] = []
        end = {"type": f"{kind}.disconnect", "code": 1001}

        async def receive() -> Message:
            return incoming.pop(0) if incoming else end

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(self._scope(kind, path) | self.scope | scope, receive, send)
        return sent

    async def shake_hands(
        self, *texts: str, path: str = "/", **scope: Any
    ) -> list[Message]:
        """Open a WebSocket, send `texts`, and leave; keep the cookies of the answer."""
        incoming: list[Message] = [{"type": "websocket.connect"}]
        incoming += [{"type": "websocket.receive", "text": text} for text in texts]
        messages = await self.connect("websocket", path, incoming, **scope)
        if messages:
            self.keep(Answer(messages).headers)
        return messages

    def keep(self, headers: Headers) -> None:
        for header in headers.getlist("Set-Cookie"):
            self.cookies.update(parse_cookie(header.partition(";")[0]))
            if "Max-Age=0" in header:
                self.cookies.pop(header.partition("=")[0])

    def _scope(self, kind: str, path: str) -> dict[str, Any]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"cookie", cookies.encode())] if cookies else [],
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
        }
