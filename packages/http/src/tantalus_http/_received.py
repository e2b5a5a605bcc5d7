"""The body of a request on an ASGI scope: a file for threads, pieces for coroutines.

Messages are asked for one at a time and only when somebody wants more, so a client that
sends faster than the program reads has to wait. Only the event loop asks; a thread that
reads has it do so.
"""

from __future__ import annotations

from asyncio import (
    AbstractEventLoop,
    Lock,
    get_running_loop,
    run_coroutine_threadsafe,
    sleep,
    wrap_future,
)
from asyncio import _get_running_loop as running_loop
from collections import deque
from collections.abc import AsyncIterator
from io import BytesIO, RawIOBase
from typing import Any

from werkzeug.exceptions import ClientDisconnected

from ._asgi_types import ASGIReceive, ASGIScope
from ._body import body_too_large
from ._scope import announces_body, headers_of, length_of
from ._waiting import wait_for

#: Bytes of a body that are waited for before a program is called.
READ_AHEAD = 65_536
# How often it is looked whether a piece was taken that stands in the way of watching.
_PAUSE = 0.1


_NOT_COME = (
    "The body of this request has not come as a whole yet, and reading it here would"
    " stop the event loop. In the coroutine function that answers, call 'await"
    " request.load()' first, or take it piece by piece: 'async for piece in"
    " request.chunks()', or part by part: 'async for part in request.aparts()'."
)
_NOT_GIVEN = (
    "This request has a body but was made without: pass 'body=await read_ahead(receive,"
    " scope=scope)' to Request.from_scope()."
)


class BodyNotLoaded(RuntimeError):
    """A body was read where it is not there, and nobody can wait for it."""


class NoBody(RawIOBase):
    """Stands for a body that nobody has handed over."""

    def readinto(self, buffer: Any, /) -> int:
        """Raise BodyNotLoaded, as every way of reading does."""
        raise BodyNotLoaded(_NOT_GIVEN)


class ReceivedBody(RawIOBase):
    """The body of a request, as far as it has come; the rest comes when it is read.

    In a thread it is a file, whose methods wait. On the event loop nothing may wait but
    coroutines, and reading what has not come raises `BodyNotLoaded`. One reads at a
    time.

    Args:
        receive: Gives the messages of the server.
    """

    def __init__(self, receive: ASGIReceive) -> None:
        super().__init__()
        self._receive = receive
        self._loop: AbstractEventLoop = get_running_loop()
        self._lock = Lock()
        self._pieces: deque[bytes] = deque()
        # What is left of the piece that is being read as a file.
        self._current = BytesIO()
        #: Bytes that have come.
        self.size = 0
        #: Whether the last piece has come.
        self.is_complete = False
        #: Whether the client has gone.
        self.is_gone = False

    async def piece(self) -> bytes:
        """Return the next piece as it came; nothing at the end.

        Raises:
            ClientDisconnected: The client has gone before the end (400).
        """
        if running_loop() is not self._loop:
            elsewhere = run_coroutine_threadsafe(self.piece(), self._loop)
            return await wrap_future(elsewhere)
        rest = self._current.read()
        if rest:
            return rest
        while not self._pieces:
            if self.is_complete:
                return b""
            await self._more_than(0)
        return self._pieces.popleft()

    async def load(self, size: int | None = None) -> None:
        """Wait until the body has come.

        Args:
            size: Be content with more than so many bytes; None for all there are.

        Raises:
            ClientDisconnected: The client has gone before the end (400).
        """
        while not self.is_complete and (size is None or self.size <= size):
            await self._more_than(len(self._pieces))

    async def pieces(
        self, limit: int | None, length: int | None
    ) -> AsyncIterator[bytes]:
        """Yield the pieces as they come, and check their size.

        Args:
            limit: Bytes that there may be, None for no limit.
            length: Bytes that were announced, None if that is not known.

        Raises:
            RequestEntityTooLarge: There are more than the limit allows (413).
            ClientDisconnected: There are fewer than were announced (400).
        """
        if limit is not None and (length or 0) > limit:
            raise body_too_large(limit)
        size = 0
        while piece := await self.piece():
            size += len(piece)
            if limit is not None and size > limit:
                raise body_too_large(limit)
            yield piece
        if size < (length or 0):
            raise ClientDisconnected(f"The body ended after {size} of {length} bytes.")

    async def until_gone(self) -> None:
        """Wait until the client goes away; what it sends meanwhile is not lost."""
        while not self.is_gone:
            if self._pieces and not self.is_complete:
                await sleep(_PAUSE)  # nobody takes what is there, so no more is asked
                continue
            async with self._lock:
                await self._take_message()

    async def _more_than(self, count: int) -> None:
        """Wait until more pieces lie here, or the body has ended.

        Another may wait for the same, and get them.
        """
        async with self._lock:
            if len(self._pieces) > count or self.is_complete:
                return
            if not self.is_gone:
                await self._take_message()
        if self.is_gone:
            raise ClientDisconnected(
                f"The body could not be read after {self.size} bytes."
            )

    async def _take_message(self) -> None:
        message = await self._receive()
        kind: str = message["type"]
        if kind == "http.request":
            body = bytes(message.get("body", b""))
            if body:
                self._pieces.append(body)
                self.size += len(body)
            # Last, for threads that look meanwhile.
            self.is_complete = not message.get("more_body", False)
        elif kind == "http.disconnect":
            self.is_gone = True
        # Others are extensions that nobody here asked for.

    def whole(self) -> bytes | None:
        """Return the body if all of it has come and nothing was read; else None."""
        if not self.is_complete or self._current.getbuffer().nbytes:
            return None
        if len(self._pieces) > 1:
            self._pieces = deque((b"".join(self._pieces),))
        whole = self._pieces[0] if self._pieces else b""
        return whole if len(whole) == self.size else None

    # As a file.

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return so many bytes, or all there are.

        Raises:
            BodyNotLoaded: They have not come, and this runs on the event loop.
            ClientDisconnected: The client has gone before the end (400).
        """
        missing = -1 if size is None else size
        pieces: list[bytes] = []
        while missing:
            part = self._current.read(missing)
            if part:
                pieces.append(part)
                missing = missing - len(part) if missing > 0 else missing
            elif not self._advance():
                break
        return b"".join(pieces)

    def readall(self) -> bytes:
        """Return all there is. Raises what `read()` raises."""
        return self.read()

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a line with its end. Raises what `read()` raises."""
        missing = -1 if size is None else size
        parts: list[bytes] = []
        while missing and not (parts and parts[-1].endswith(b"\n")):
            part = self._current.readline(missing)
            if part:
                parts.append(part)
                missing = missing - len(part) if missing > 0 else missing
            elif not self._advance():
                break
        return b"".join(parts)

    def readinto(self, buffer: Any, /) -> int:
        """Put the next bytes into `buffer`. Raises what `read()` raises."""
        view = memoryview(buffer).cast("B")
        part = self.read(len(view))
        view[: len(part)] = part
        return len(part)

    def _advance(self) -> bool:
        """Turn to the next piece; tell whether there is one."""
        was_complete = self.is_complete  # before looking: the loop goes on meanwhile
        if self._pieces:
            piece = self._pieces.popleft()
        elif was_complete:
            return False
        elif running_loop() is self._loop:
            raise BodyNotLoaded(_NOT_COME)
        else:
            piece = wait_for(self.piece(), self._loop)
        self._current = BytesIO(piece)
        return bool(piece)


async def read_ahead(
    receive: ASGIReceive, limit: int = READ_AHEAD, *, scope: ASGIScope | None = None
) -> ReceivedBody:
    """Return the body of a request, of which up to `limit` bytes have come.

    A body that is not larger has come as a whole, so that reading it waits for nothing.

    Args:
        scope: If given, what it announces decides, too: where there is no body, or one
            that is larger than `limit`, nothing is waited for, and a client that asks
            first whether to send it (`Expect: 100-continue`) is not told to.

    Raises:
        ClientDisconnected: The client has gone before (400).
    """
    body = ReceivedBody(receive)
    if scope is not None:
        headers = headers_of(scope)
        body.is_complete = not announces_body(scope, headers)
        if (length_of(headers) or 0) > limit:
            return body
    if not body.is_complete:
        await body._take_message()  # nobody else waits for it yet
        if body.is_gone or not body.is_complete:
            await body.load(limit)
    return body
