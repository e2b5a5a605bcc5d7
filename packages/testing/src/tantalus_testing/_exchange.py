"""One request of an ASGI app, as a server holds it.

The app runs in a task of its own, so that what it sets stays with it. A part that is
not the last is taken before the app makes the next one, so a stream that never ends
takes no memory. Messages that no server takes are errors, raised where they are sent.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from werkzeug.datastructures import Headers
from werkzeug.http import HTTP_STATUS_CODES

from ._errors import ASGIMessageError, UnansweredError
from ._scope import ASGIApplication, Message, Scope

# Seconds that an app has to end once its client has left; then it is cancelled.
PATIENCE = 0.1


class Exchange:
    """A request that was asked, and what there is of the answer.

    Attributes:
        status: As text, `200 OK`; empty before the app has begun to answer.
        headers: Of the answer.
        complete: Whether the answer has its end.
    """

    def __init__(self, app: ASGIApplication, scope: Scope, body: bytes) -> None:
        self.status = ""
        self.headers = Headers()
        self.complete = False
        self._app = app
        self._scope = scope
        self._body: bytes | None = body
        self._parts: deque[bytes] = deque()
        self._left = False
        # Something has happened that the other side may wait for.
        self._news = asyncio.Event()
        self._taken = asyncio.Event()
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda task: self._news.set())

    async def begin(self) -> None:
        """Wait until the app has begun to answer; and ended, if all of it is there.

        Raises:
            UnansweredError: It ended without an answer.
        """
        await self._wait(lambda: bool(self.status))
        if self.complete:
            await self._task
        elif not self.status:
            await self._task
            raise UnansweredError(self._app, self._state())

    async def next_part(self) -> bytes | None:
        """Return the next part of the body; None at its end."""
        await self._wait(lambda: bool(self._parts) or self.complete)
        if self._parts:
            part = self._parts.popleft()
            self._taken.set()
            return part
        await self._task
        if not self.complete:
            raise UnansweredError(self._app, self._state())
        return None

    async def read(self) -> list[bytes]:
        """Return all parts that are still to come."""
        parts: list[bytes] = []
        while (part := await self.next_part()) is not None:
            parts.append(part)
        return parts

    async def leave(self) -> None:
        """Leave as a client does; what the app still raises, but for that, is raised.

        An app that goes on is cancelled.
        """
        self._left = True
        self._news.set()
        self._taken.set()
        await end(self._task)

    async def _run(self) -> None:
        await self._app(self._scope, self._receive, self._send)

    async def _wait(self, ready: Callable[[], bool]) -> None:
        while not (ready() or self._task.done()):
            self._news.clear()
            await self._news.wait()

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        while not (self.complete or self._left):
            self._news.clear()
            await self._news.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if self._left:
            raise OSError("The client has left.")
        if kind == "http.response.start" and not self.status:
            self._start(message)
        elif kind == "http.response.body" and self.status and not self.complete:
            await self._add(message)
        else:
            raise ASGIMessageError(self._app, message, self._state())

    def _start(self, message: Message) -> None:
        self.headers = headers_of(self._app, message)
        self.status = status_of(self._app, message)
        self._news.set()

    async def _add(self, message: Message) -> None:
        part = message.get("body", b"")
        if not isinstance(part, bytes | bytearray | memoryview):
            raise ASGIMessageError(self._app, message, "the body is no bytes")
        if part and self._scope["method"] != "HEAD":
            self._parts.append(bytes(part))
        self.complete = not message.get("more_body", False)
        self._news.set()
        if self._parts and not self.complete:
            self._taken.clear()
            await self._taken.wait()

    def _state(self) -> str:
        if self.complete:
            return "the answer is complete"
        return "the answer has begun" if self.status else "no answer has begun"


async def end(task: asyncio.Task[None]) -> None:
    """Have a task end whose client has left; raise its error, if it is another."""
    try:
        await asyncio.wait({task}, timeout=PATIENCE)
    finally:
        task.cancel()  # also where the client is cancelled while it waits
    await asyncio.wait({task})
    if not task.cancelled():
        error = task.exception()
        if error is not None and not tells_of_leaving(error):
            raise error


def tells_of_leaving(error: BaseException) -> bool:
    """Return whether an error says no more than that the client has left.

    Frameworks make errors of their own of it, which no import of ours may know:
    `ClientDisconnect` and `WebSocketDisconnect` of Starlette, for two.
    """
    return isinstance(error, OSError) or "Disconnect" in type(error).__name__


def status_of(app: ASGIApplication, message: Message) -> str:
    """Return the status of an answer as a line has it.

    Raises:
        ASGIMessageError: It is no number.
    """
    status = message.get("status")
    if not isinstance(status, int):
        raise ASGIMessageError(app, message, "the status is no number")
    return f"{int(status)} {HTTP_STATUS_CODES.get(status, 'Unknown').upper()}"


def headers_of(app: ASGIApplication, message: Message) -> Headers:
    """Return the headers of an answer.

    Raises:
        ASGIMessageError: They are no pairs of bytes.
    """
    headers = Headers()
    for name, value in message.get("headers", ()):
        if not (isinstance(name, bytes) and isinstance(value, bytes)):
            raise ASGIMessageError(app, message, "a header is no pair of bytes")
        headers.add(name.decode("latin-1"), value.decode("latin-1"))
    return headers
