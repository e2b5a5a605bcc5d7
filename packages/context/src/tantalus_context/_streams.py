"""Asynchronous streams for synchronous code.

A stream is one task on the loop from its first piece to its last: it pauses where it
has handed one over, until the next one is asked for.
"""

from __future__ import annotations

from asyncio import CancelledError, Future
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from contextvars import copy_context
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from ._carried import take_over
from ._elsewhere import Waiting, loop_for

T = TypeVar("T")

_END: Any = object()


class StreamElsewhere(Iterator[T]):
    """An asynchronous stream, iterated by synchronous code; see `iterate_elsewhere`.

    Who can await it may iterate it as what it is, with `async for`.

    Attributes:
        stream: The stream itself.
    """

    __slots__ = ("_pieces", "stream")

    def __init__(self, stream: AsyncIterable[T]) -> None:
        self.stream = stream
        self._pieces: _Pieces[T] | None = None

    def __next__(self) -> T:
        """Return the next piece, made on the loop."""
        if self._pieces is None:
            self._pieces = _Pieces(self.stream)
        return self._pieces.take()

    def __aiter__(self) -> AsyncIterator[T]:
        return aiter(self.stream)

    async def aclose(self) -> None:
        """Close the stream, awaited."""
        await _close(self.stream)

    def close(self) -> None:
        """Close the stream, and wait until it has come to its end."""
        if self._pieces is None:
            self._pieces = _Pieces(self.stream)
        self._pieces.close()

    def __del__(self) -> None:
        # Perhaps in the thread of the loop: nobody waits.
        if self._pieces is not None:
            self._pieces.abandon()


def iterate_elsewhere(stream: AsyncIterable[T]) -> StreamElsewhere[T]:
    """Return an iterator over an asynchronous stream, whose pieces are made elsewhere.

    That is the loop of `run_elsewhere()`. The whole stream is one task there, which
    waits between the pieces: so a `timeout()` or `TaskGroup` may span them. It has
    context variables of its own, brought up to date with those of here for each piece;
    what it sets is set here.

    `close()` closes the stream and waits for that. One that is dropped half-way is
    closed all the same, and nobody waits. Asynchronous code may iterate it, too.

    Raises:
        TypeError: `stream` is not asynchronous.
    """
    if not isinstance(stream, AsyncIterable):
        raise TypeError(
            f"Cannot iterate {stream!r} elsewhere: it is no asynchronous stream. Call"
            " an asynchronous generator function and pass what it returns."
        )
    return StreamElsewhere(stream)


class _Pieces(Waiting[T]):
    """The task that iterates a stream, and pauses after each piece."""

    __slots__ = (
        "_is_over",
        "_now",
        "_paused",
        "_stream",
        "_tokens",
        "_turn",
        "_variables",
    )

    def __init__(self, stream: AsyncIterable[T]) -> None:
        super().__init__(loop_for(stream))
        self._stream = stream
        self._variables = copy_context()
        self._now = self._variables
        self._tokens: dict[Any, Any] = {}
        self._paused: Future[bool] | None = None
        self._is_over = False
        # A stream is closed after the step that is under way.
        self._turn = Lock()

    def take(self) -> T:
        """Return the next piece."""
        with self._turn:
            ended = self._is_over and self.error is None
            piece = _END if ended else self._step(True)
        if piece is _END:
            raise StopIteration
        return piece

    def close(self) -> None:
        """Close the stream."""
        with self._turn:
            if not self._is_over:
                self._step(False)

    def abandon(self) -> None:
        """Have the stream closed, without waiting for that."""
        if self.task is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._resume, False)

    def _step(self, goes_on: bool) -> T:
        self._now = copy_context()
        try:
            self.wait_for(partial(self._resume, goes_on))
            return self.outcome()
        finally:
            take_over(self._variables)

    def _resume(self, goes_on: bool) -> None:
        """Let the task go on, or begin, in the thread of the loop."""
        self._variables.run(take_over, self._now, self._tokens)
        if self._paused is None:
            self.begin_task(self._run(goes_on), self._variables)
        elif self._is_over:  # it was cancelled while it paused
            self.settle()
        elif not self._paused.done():
            self._paused.set_result(goes_on)

    async def _run(self, goes_on: bool) -> None:
        self.enter()
        try:
            try:
                if goes_on:
                    await self._give_pieces()
            finally:
                await _close(self._stream)
            self.result = _END
        except BaseException as error:
            self.error = error
            if not self.is_open and not isinstance(error, CancelledError):
                message = "An asynchronous stream failed after it was dropped"
                context = {"message": message, "exception": error}
                self.loop.call_exception_handler(context)
        self._is_over = True
        self.task = None
        self.leave()
        self.settle()

    async def _give_pieces(self) -> None:
        async for piece in self._stream:
            self.result = piece
            self._paused = self.loop.create_future()
            self.leave()
            self.settle()
            try:
                goes_on = await self._paused
            finally:  # also where it is cancelled
                self.enter()
            if not goes_on:
                return


async def _close(stream: AsyncIterable[object]) -> None:
    close: Callable[[], Awaitable[object]] | None = getattr(stream, "aclose", None)
    if close is not None:
        await close()
