"""Coroutine functions for synchronous code.

They run on an event loop of another thread: that of the server, if this thread is one
of its workers, else the one that this process has of its own. The thread that waits is
of use meanwhile: it makes the calls that the coroutine gives to `Workers`. So they are
made in the thread whose connections they may use, and need no other thread of a pool in
which all may be waiting.

All that concerns a call happens in the thread of the loop, except to wait: no lock.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, CancelledError, Task
from asyncio import _get_running_loop as running_loop
from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
)
from contextlib import suppress
from contextvars import Context as Variables
from contextvars import Token
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Generic, ParamSpec, TypeVar

from ._carried import Passage
from ._own_loop import get_own
from ._workers import Jobs, here, make, waiting

P = ParamSpec("P")
T = TypeVar("T")

# Seconds after which who waits looks whether the loop is still there.
_PATIENCE = 5.0


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
    call = _Call(loop_for(function), function, passage)
    try:
        call.wait_for(call.begin)
        return call.outcome()
    finally:
        passage.come_back()


def loop_for(subject: object) -> AbstractEventLoop:
    """Return the loop on which coroutines of this thread are to run."""
    if here.loop is not None:
        return here.loop
    own, caller = get_own(), waiting.get()
    if own.is_here() or (caller is not None and caller.runs_here()):
        shown = subject.func if isinstance(subject, partial) else subject
        raise RuntimeError(
            f"Cannot run {shown!r} to its end here: this is the thread of the event"
            " loop on which it would run, which would wait for itself. Await it, or"
            " make this call in a worker."
        )
    return own.loop


class Waiting(Generic[T]):
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

    def runs_here(self) -> bool:
        """Tell whether this is the thread of the loop."""
        return running_loop() is self.loop

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
        """End that."""
        with suppress(ValueError):  # collected, it ends in the variables of others
            waiting.reset(self._token)

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


class _Call(Waiting[T]):
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
        self.leave()
        self._passage.end()
        self.settle()
