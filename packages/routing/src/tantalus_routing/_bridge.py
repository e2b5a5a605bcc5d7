"""A WSGI application inside an ASGI one: each request in a thread.

The thread and the loop meet as seldom as they can. A body that has come whole is handed
over as it is, and an answer whose end is known (a list of parts, or as many bytes as
`Content-Length` says) is handed back at once. Else every part crosses by itself when it
is there, and the next is made when it was sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from inspect import iscoroutine
from io import BufferedReader, BytesIO, RawIOBase
from types import TracebackType
from typing import TypeAlias
from wsgiref.types import InputStream, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import HTTPException

from ._answers import deny, send_response
from ._errors import BridgeError
from ._lifespan import answer_lifespan
from ._protocols import Message, Receive, Scope, Send, is_coroutine, protocol_of
from ._results import WrongProtocol
from ._scope import environ_of

THREADS = 40
ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
)


class WSGIBridge:
    """An ASGI application that calls a WSGI application in threads.

    Context variables of the caller are seen in the thread. A WebSocket is refused. A
    thread cannot be stopped: where the client has left, its next read or write raises
    `ConnectionResetError`, and the iterable is closed.

    Args:
        application: Any WSGI application.
        threads: How many requests it answers at a time; others wait.

    Raises:
        TypeError: The application cannot be called.
        BridgeError: It speaks ASGI.
        ValueError: There is no thread.
    """

    def __init__(self, application: WSGIApplication, threads: int = THREADS) -> None:
        protocol_of(application, "in a bridge", "wsgi")
        if is_coroutine(application):
            raise BridgeError(application, "speaks ASGI itself: use it as it is")
        self.application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="wsgi")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        elif scope["type"] == "websocket":
            refusal = WrongProtocol().http_error().get_response()
            await deny(refusal, scope, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        crossing = Crossing(receive, send)
        body: InputStream = BytesIO(message.get("body", b""))
        if message.get("more_body", False):
            crossing.whole = False
            body = BufferedReader(Body(crossing, message.get("body", b"")))
        try:
            environ = environ_of(scope, body)
        except HTTPException as error:
            await send_response(error.get_response(), scope, send)
            return
        await answer_in_thread(self.application, self._pool, environ, crossing)


async def answer_in_thread(
    application: WSGIApplication,
    pool: ThreadPoolExecutor,
    environ: WSGIEnvironment,
    crossing: Crossing,
) -> None:
    """Answer a request by a WSGI application; quietly, if the client has left."""
    call = Call(application, environ, crossing)
    loop = asyncio.get_running_loop()
    try:
        rest = await loop.run_in_executor(pool, copy_context().run, call.run)
        await crossing.send_all(rest)
    except OSError:
        if not crossing.left:
            raise
    finally:
        crossing.end()


class Crossing:
    """What a thread asks of the loop, each time waiting for it.

    Once there is a stream, the loop listens for the client to leave: not every server
    says so where something is sent.

    Attributes:
        whole: Whether the body of the request has come to its end.
        left: Whether the client has left, or the request is over for the loop.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._send = send
        self._watch: asyncio.Task[None] | None = None
        self.whole = True
        self.left = False

    def receive(self) -> Message:
        """Return the next message of the server, to the thread."""
        message = self._wait(self._receive_one)
        assert message is not None  # it has returned one
        return message

    def send(self, messages: Iterable[Message]) -> None:
        """Send messages to the server, for the thread."""
        self._wait(lambda: self.send_all(messages))

    async def send_all(self, messages: Iterable[Message]) -> None:
        """Send messages to the server, in order."""
        for message in messages:
            try:
                await self._send(message)
            except OSError:
                self.left = True
                raise
            if self._watch is None and self.whole and message.get("more_body", False):
                self._watch = asyncio.create_task(self._watch_client())

    def end(self) -> None:
        """Let the thread have nothing more of the loop."""
        self.left = True
        if self._watch is not None:
            self._watch.cancel()

    def _wait(
        self, step: Callable[[], Coroutine[object, object, Message | None]]
    ) -> Message | None:
        if self.left or self._loop.is_closed():
            raise ConnectionResetError("The client has left.")
        return asyncio.run_coroutine_threadsafe(step(), self._loop).result()

    async def _receive_one(self) -> Message:
        message = await self._receive()
        self.left = message["type"] == "http.disconnect"
        self.whole = not message.get("more_body", False)
        return message

    async def _watch_client(self) -> None:
        # What comes before may be the rest of a body that nobody reads.
        while not self.left:
            message = await self._receive()
            self.left = message["type"] == "http.disconnect"
            await asyncio.sleep(0)


class Body(RawIOBase):
    """The body of a request, piece by piece as the thread asks for it."""

    def __init__(self, crossing: Crossing, first: bytes) -> None:
        self._crossing = crossing
        self._piece = memoryview(first)
        self._more = True

    def readable(self) -> bool:
        """Return whether it can be read."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override] # what BufferedReader passes
        """Put what is there into a buffer; wait until there is something.

        Raises:
            ConnectionResetError: The client left before the body had its end.
        """
        while self._more and not self._piece:
            message = self._crossing.receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("The client left in the middle of a body.")
            self._piece = memoryview(message.get("body", b""))
            self._more = message.get("more_body", False)
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size


class Call:
    """One call of a WSGI application (PEP 3333)."""

    def __init__(
        self,
        application: WSGIApplication,
        environ: WSGIEnvironment,
        crossing: Crossing,
    ) -> None:
        self._application = application
        self._environ = environ
        self._crossing = crossing
        self._start: Message | None = None
        self._started = False
        self._missing: int | None = None

    def run(self) -> list[Message]:
        """Answer the request; return the messages that are still to be sent."""
        try:
            return self._run()
        except StopIteration as error:  # no future may have it
            raise BridgeError(self._application, "raised StopIteration") from error

    def _run(self) -> list[Message]:
        parts = self._application(self._environ, self._start_response)
        if iscoroutine(parts):
            parts.close()  # or Python complains of it, too
            raise BridgeError(self._application, "made a coroutine, as ASGI ones do")
        try:
            if isinstance(parts, list | tuple):
                return [*self._head(), body_message(b"".join(parts), more=False)]
            for part in parts:
                if part:
                    self._write(part)
            if self._missing == 0:
                return []
            return [*self._head(), body_message(b"", more=False)]
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    def _start_response(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: ExcInfo | None = None,
        /,
    ) -> Callable[[bytes], object]:
        if exc_info is not None and exc_info[1] is not None and self._started:
            raise exc_info[1].with_traceback(exc_info[2])
        if exc_info is None and self._start is not None:
            raise BridgeError(self._application, "called start_response() twice")
        pairs = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers
        ]
        self._start = {
            "type": "http.response.start",
            "status": int(status.partition(" ")[0]),
            "headers": pairs,
        }
        length = dict(pairs).get(b"content-length", b"")
        # Of an empty answer, the end is sent like that of any other.
        self._missing = int(length) or None if length.isdigit() else None
        return self._write

    def _head(self) -> list[Message]:
        """Return the message that begins the answer, the first time."""
        if self._started:
            return []
        if self._start is None:
            raise BridgeError(self._application, "did not call start_response()")
        self._started = True
        return [self._start]

    def _write(self, part: bytes) -> None:
        head = self._head()
        if self._missing is not None:
            if len(part) > self._missing:
                raise BridgeError(
                    self._application, "sends more than its Content-Length says"
                )
            self._missing -= len(part)
        message = body_message(part, more=self._missing != 0)
        self._crossing.send([*head, message])


def body_message(part: bytes, *, more: bool) -> Message:
    """Return the message that sends a part of the body."""
    return {"type": "http.response.body", "body": part, "more_body": more}
