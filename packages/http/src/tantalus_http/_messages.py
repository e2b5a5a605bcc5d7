"""The messages of one answer under ASGI, sent until its client goes away."""

from __future__ import annotations

from asyncio import Task, TimerHandle, get_running_loop, sleep
from collections.abc import Callable
from typing import Any, TypeAlias

from ._asgi_types import ASGIReceive, ASGISend
from ._received import ReceivedBody

Items: TypeAlias = list[tuple[str, str]]

#: Seconds after which a stream is watched for its client going away.
WATCH_AFTER = 0.1
#: Parts of a stream after which other tasks have their turn.
PAUSE_AFTER = 64
# Names of headers as ASGI has them. Programs and their clients choose the names, so not
# all are remembered.
_names: dict[str, bytes] = {}
_REMEMBERED = 512


def encoded(headers: Items) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI has them: bytes, with names in lower case."""
    known = _names.get
    return [
        (known(name) or _learn(name), value.encode("latin1")) for name, value in headers
    ]


def _learn(name: str) -> bytes:
    made = name.lower().encode("latin1")
    if len(_names) < _REMEMBERED:
        _names[name] = made
    return made


def start_message(status: int, headers: Items) -> dict[str, Any]:
    """Return the message with which an answer begins."""
    return {
        "type": "http.response.start",
        "status": status,
        "headers": encoded(headers),
    }


class Sender:
    """Sends the messages of one answer, until its client goes away.

    Args:
        source: The body of the request, if it came in a `ReceivedBody`.
    """

    def __init__(
        self, receive: ASGIReceive, send: ASGISend, source: object = None
    ) -> None:
        self._receive = receive
        self._send = send
        self._source = source
        #: Called when the client of a stream goes away.
        self.then: Callable[[], object] | None = None
        self._timer: TimerHandle | None = None
        self._watcher: Task[None] | None = None
        self._parts = 0
        #: Whether something was sent.
        self.is_begun = False
        #: Whether the client has gone: nothing is sent any more.
        self.is_gone = False

    async def begin(self, status: int, headers: Items) -> None:
        """Send the begin of an answer whose parts follow, and watch the client."""
        self.is_begun = True
        self._timer = get_running_loop().call_later(WATCH_AFTER, self._begin_to_watch)
        await self._try(start_message(status, headers))

    async def part(self, part: bytes) -> None:
        """Send a part.

        Where neither who makes the parts nor who sends them ever waits, others have
        their turn nevertheless, and the client is looked for.
        """
        await self._try({"type": "http.response.body", "body": part, "more_body": True})
        self._parts += 1
        if not self._parts % PAUSE_AFTER:
            await sleep(0)

    async def end(self) -> None:
        """Say that there are no more parts."""
        await self._try({"type": "http.response.body", "body": b""})

    async def whole(self, status: int, headers: Items, body: bytes) -> None:
        """Send an answer that is complete."""
        self.is_begun = True
        await self._try(start_message(status, headers))
        await self._try({"type": "http.response.body", "body": body})

    async def _try(self, message: dict[str, Any]) -> None:
        if not self.is_gone:
            try:
                await self._send(message)
            except OSError:
                self.is_gone = True

    def _begin_to_watch(self) -> None:
        self._watcher = get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        source = self._source
        body = source if isinstance(source, ReceivedBody) else None
        await (body or ReceivedBody(self._receive)).until_gone()
        self.is_gone = True
        if self.then is not None:
            self.then()

    def stop(self) -> None:
        """Send nothing more, and look for the client no longer."""
        self.is_gone = True
        if self._timer is not None:
            self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
