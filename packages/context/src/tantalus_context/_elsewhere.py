"""Coroutine functions and asynchronous streams for synchronous code.

They run on an event loop of another thread: that of the server, if this thread is one
of its workers, else the one that this process has of its own. The thread that waits is
of use meanwhile: it makes the calls that the coroutine gives to `Workers`. So they are
made in the thread whose connections they may use, and need no other thread of a pool in
which all may be waiting.

All that concerns a call happens in the thread of the loop, except to wait: no lock.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, CancelledError, Future, Task
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from contextvars import Context as Variables
from contextvars import Token, copy_context
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar, cast

from ._carried import Passage, take_over
from ._own_loop import get_own
from ._workers import Jobs, here, make, waiting

P = ParamSpec("P")
T = TypeVar("T")

# Seconds after which who waits looks whether the loop is still there.
_PATIENCE = 5.0
_END: Any = object()


def run_elsewhere(
    function: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a coroutine function to its end, and return or raise what comes of it.

    In a thread of `Workers` it runs on the loop that they serve, elsewhere on
    `own_loop()`. It sees the context variables of here, and what it sets is set here
    afterwards. Tasks that it begins may outlive it.

    Where the wait is interrupted (Ctrl-C), the coroutine is cancelled.

    Raises:
        RuntimeError: This is the thread of that loop, which would wait for itself; or
            the loop was closed before the coroutine ended.
    """
    return run_in_passage(Passage(), partial(function, *args, **kwargs))


def run_in_passage(passage: Passage, function: Callable[[], Awaitable[T]]) -> T:
    """Do so with the context variables of `passage`."""
    call = _Call(_loop_for(function), function, passage)
    try:
        call.wait_for(call.begin)
        return call.outcome()
    finally:
        passage.come_back()


def _loop_for(subject: object) -> AbstractEventLoop:
    """Return the loop on which coroutines of this thread are to run."""
    if here.loop is not None:
        return here.loop
    own = get_own()
    if own.is_here():
        shown = subject.func if isinstance(subject, partial) else subject
        raise RuntimeError(
            f"Cannot run {shown!r} to its end here: this is the thread of the event"
            " loop on which it would run, which would wait for itself. Await it, or"
            " make this call in a worker."
        )
    return own.loop


class _Waiting(Generic[T]):
    """What one thread waits for and another one does."""

    __slots__ = ("_token", "error", "is_open", "jobs", "loop", "result", "task")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self.is_open = False
        self.jobs: Jobs
        self.task: Task[None] | None = None
        self.error: BaseException | None = None
        self.result: T
        self._token: Token[Any]

    def waits_in(self, loop: AbstractEventLoop) -> bool:
        """Tell whether a thread waits for a coroutine of `loop`."""
        return self.is_open and self.loop is loop

    def wait_for(self, start: Callable[[], object]) -> None:
        """Have the loop call `start`, and wait until `settle` is called."""
        jobs = here.jobs
        if jobs is None:
            # One for all calls that are waited for in this thread: an inner one does
            # not keep the coroutine of an outer one waiting.
            jobs = here.jobs = SimpleQueue()
        self.jobs = jobs
        self.is_open = True
        try:
            self.loop.call_soon_threadsafe(self._start, start)
            while self.is_open:
                self._do_next_job()
        except BaseException:
            self._give_up()
            raise
        while not jobs.empty():  # of tasks that nobody has waited for
            _do(jobs.get())

    def outcome(self) -> T:
        """Return or raise what has come of it."""
        if self.error is None:
            result = self.result
            del self.result  # tasks may outlive this, and refer to it
            return result
        try:
            raise self.error
        finally:
            self.error = None  # its traceback refers to this frame

    def settle(self) -> None:
        """Let the thread that waits go on."""
        self.is_open = False
        self.jobs.put(None)

    def begin_task(self, run: Coroutine[Any, Any, None], variables: Variables) -> None:
        """Have the loop run a coroutine."""
        try:
            self.task = self.loop.create_task(run, context=variables)
        except BaseException:  # of a factory that the loop was given
            run.close()
            raise
        self.task.add_done_callback(self.end_unless_ended)

    def end_unless_ended(self, task: Task[None]) -> None:
        """Settle for a task that was cancelled before it began."""
        if self.is_open:
            self.error = CancelledError()
            self.settle()

    def enter(self) -> None:
        """Have calls in a worker made here; in the variables of the coroutine."""
        self._token = waiting.set(self)

    def leave(self) -> None:
        """End that, and let the thread that waits go on."""
        with suppress(ValueError):  # collected, it ends in the variables of others
            waiting.reset(self._token)
        self.settle()

    def _start(self, start: Callable[[], object]) -> None:
        try:
            start()
        except BaseException as error:
            self.error = error
            self.settle()

    def _do_next_job(self) -> None:
        try:
            job = self.jobs.get(timeout=_PATIENCE)
        except Empty:
            if self.loop.is_closed():
                raise RuntimeError(
                    "The event loop was closed before what ran on it has ended."
                ) from None
        else:
            _do(job)

    def _give_up(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self._cancel)
        except RuntimeError:  # it is closed
            self.is_open = False

    def _cancel(self) -> None:
        self.is_open = False
        with suppress(Empty):
            while True:
                if (job := self.jobs.get_nowait()) is not None:
                    job[1].cancel()
        if self.task is not None:
            self.task.cancel()


def _do(job: tuple[AbstractEventLoop, Any] | None) -> None:
    if job is not None:
        make(*job)


class _Call(_Waiting[T]):
    """A coroutine function that is run to its end."""

    __slots__ = ("_function", "_passage")

    def __init__(
        self,
        loop: AbstractEventLoop,
        function: Callable[[], Awaitable[T]],
        passage: Passage,
    ) -> None:
        super().__init__(loop)
        self._function = function
        self._passage = passage

    def begin(self) -> None:
        """Begin it, in the thread of the loop."""
        self._passage.arrive()
        self.begin_task(self._run(), self._passage.variables)

    async def _run(self) -> None:
        self.enter()
        try:
            self.result = await self._function()
        except BaseException as error:
            self.error = error
        # Tasks that outlive this refer to it.
        self.task = None
        del self._function
        self._passage.end()
        self.leave()


class StreamElsewhere(Iterator[T]):
    """An asynchronous stream, iterated by synchronous code; see `iterate_elsewhere`.

    Attributes:
        stream: The stream itself, for who can await it.
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
    closed all the same, and nobody waits.

    Raises:
        TypeError: `stream` is not asynchronous.
    """
    if not isinstance(stream, AsyncIterable):
        raise TypeError(
            f"Cannot iterate {stream!r} elsewhere: it is no asynchronous stream. Call"
            " an asynchronous generator function and pass what it returns."
        )
    return StreamElsewhere(stream)


class _Pieces(_Waiting[T]):
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
        super().__init__(_loop_for(stream))
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
                await self._close()
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

    async def _give_pieces(self) -> None:
        async for piece in self._stream:
            self.result = piece
            self._paused = self.loop.create_future()
            self.leave()
            goes_on = await self._paused
            self.enter()
            if not goes_on:
                return

    async def _close(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await cast("Callable[[], Awaitable[object]]", close)()
