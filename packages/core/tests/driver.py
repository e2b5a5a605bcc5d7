"""A server in the process: it calls an ASGI application with messages of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Application = Callable[[Any, Any, Any], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


def scope_of(
    path: str = "/",
    method: str = "GET",
    query: bytes = b"",
    headers: Headers = (),
    **more: Any,
) -> dict[str, Any]:
    """Return the scope of a request, as uvicorn makes it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", b"example.org"), *headers],
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 50_000),
        **more,
    }


def body_in(*pieces: bytes, is_complete: bool = True) -> list[dict[str, Any]]:
    """Return the messages of a body that comes in pieces."""
    messages = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
    ] or [{"type": "http.request"}]
    if is_complete:
        messages[-1].pop("more_body", None)
    return messages


GONE = {"type": "http.disconnect"}


class Exchange:
    """One request and the messages of its answer.

    Args:
        messages: What `receive()` gives. Then it waits until `leave()`.
        fails_after: How many messages `send()` takes before it raises an OSError.
    """

    def __init__(
        self,
        messages: Iterable[dict[str, Any]] = (),
        fails_after: int | None = None,
    ) -> None:
        self._messages = iter(messages)
        self._fails_after = fails_after
        self._left = asyncio.Event()
        self.received = 0
        self.sent: list[MutableMapping[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        self.received += 1
        message = next(self._messages, None)
        if message is not None:
            return message
        await self._left.wait()
        return GONE

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if self._fails_after is not None and len(self.sent) >= self._fails_after:
            raise ConnectionResetError("The client has gone.")
        self.sent.append(message)
        await asyncio.sleep(0)

    def leave(self) -> None:
        """Let the client go away."""
        self._left.set()

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        headers: list[tuple[bytes, bytes]] = self.sent[0]["headers"]
        return headers

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


def ask(
    app: Application,
    scope: dict[str, Any] | None = None,
    messages: Iterable[dict[str, Any]] = (),
) -> Exchange:
    """Return a request and its answer, on a loop of their own."""

    async def exchange() -> Exchange:
        made = Exchange(messages)
        await app(scope or scope_of(), made.receive, made.send)
        return made

    return asyncio.run(exchange())
