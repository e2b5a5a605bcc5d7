"""Threads that make whole calls for an event loop, one hop there and one back.

A call is put into a queue and taken by a thread; what comes of it goes back with one
`call_soon_threadsafe()`. No executor, no second future and no task are between, which
makes a hop about half as dear as that of `asyncio.to_thread()`.

Where a thread waits for a coroutine (`run_elsewhere`), that thread makes the calls of
the coroutine and of its tasks: were they to wait for another thread of a pool, all of
them could wait for each other.
"""

from __future__ import annotations

import os
from asyncio import AbstractEventLoop, CancelledError, Future
from collections.abc import Callable, Generator
from contextvars import ContextVar
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread, local
from typing import Any, Generic, Protocol, TypeAlias, TypeVar
from weakref import WeakSet

from ._carried import Passage, Side
from ._errors import WorkersBusyError

T = TypeVar("T")

Job: TypeAlias = Callable[[], object]
# Calls that a thread is to make, each for a loop; None only wakes it, or lets it go.
Jobs: TypeAlias = "SimpleQueue[tuple[AbstractEventLoop, Hop[Any]] | None]"


class Waits(Protocol):
    """What waits in a thread for a coroutine, and makes the calls of it meanwhile."""

    @property
    def jobs(self) -> Jobs:
        """What the thread does one after the other."""
        ...

    def waits_in(self, loop: AbstractEventLoop) -> bool:
        """Tell, in the thread of `loop`, whether a coroutine there is not over."""
        ...

    def runs_here(self) -> bool:
        """Tell whether this is the thread in which that coroutine runs."""
        ...


#: What waits for the coroutine, or for that which began the task, that runs here.
waiting: ContextVar[Waits | None] = ContextVar("tantalus_context.waiting", default=None)


class Here(local):
    """What a thread knows of itself.

    Attributes:
        loop: The event loop whose calls it makes, in a worker.
        jobs: What it is to do while it waits, once it has waited.
    """

    loop: AbstractEventLoop | None = None
    jobs: Jobs | None = None


here = Here()


class Workers:
    """A pool of threads, started as they are needed, that serve event loops.

    In a worker, `run_elsewhere` runs coroutine functions on the loop that it works for.
    The threads are daemons: a call that never ends does not keep a program from ending.
    They end with the pool, or at `stop()`; a child made by `os.fork()` starts anew.

    Args:
        limit: How many threads there may be.
        queue_limit: How many calls may wait for a thread.

    Raises:
        ValueError: `limit` is below one, or `queue_limit` below zero.
    """

    def __init__(self, limit: int = 40, *, queue_limit: int = 1_000) -> None:
        if limit < 1 or queue_limit < 0:
            raise ValueError(
                f"Workers(limit={limit}, queue_limit={queue_limit}) would make no call:"
                " give it one thread at least, and a queue of no negative length."
            )
        self.limit = limit
        self.queue_limit = queue_limit
        self._begin()
        _pools.add(self)

    def run(
        self,
        loop: AbstractEventLoop,
        call: Callable[[], T],
        side: Side | None = None,
    ) -> Future[T]:
        """Have a worker make `call()`, with the context variables of here.

        Call this in the thread of `loop`, which is running.

        Args:
            side: An `OtherSide`, for calls that share their variables.

        Returns:
            A future of `loop`: the result of the call, or what it raised; for a
            `StopIteration`, which no future takes, a `RuntimeError` from it. Who awaits
            it directly has the context variables that the call has set.

            To cancel the future gives up a call that has not begun. One that has begun
            goes on and ends by itself; `loop.call_exception_handler()` is then told of
            an error. Where the end of a call matters, as that of a teardown, use
            `asyncio.shield()`.

        Raises:
            WorkersBusyError: All threads are at work and the queue is full. At once,
                not from the future.
        """
        caller = waiting.get()
        if caller is not None and caller.waits_in(loop):
            hop = Hop(call, side, loop=loop)
            caller.jobs.put((loop, hop))
            return hop
        counts = self._counts
        with counts.lock:
            calls = counts.calls
            if calls >= self.limit + self.queue_limit:
                raise WorkersBusyError(self.limit, calls - self.limit)
            counts.calls = calls + 1
            is_short = counts.threads <= calls and counts.threads < self.limit
            if is_short:
                counts.threads += 1
        if is_short:
            self._start_thread()
        hop = Hop(call, side, loop=loop)
        self._queue.put((loop, hop))
        return hop

    def stop(self) -> None:
        """Let the threads end, each as soon as no call is waiting."""
        counts = self._counts
        with counts.lock:
            threads, counts.threads = counts.threads, 0
        for _ in range(threads):
            self._queue.put(None)

    @property
    def busy(self) -> int:
        """How many calls are being made."""
        return min(self._counts.calls, self.limit)

    @property
    def queued(self) -> int:
        """How many calls wait for a thread."""
        return max(self._counts.calls - self.limit, 0)

    def __del__(self) -> None:
        if hasattr(self, "_queue"):  # the arguments were right
            self.stop()

    def _begin(self) -> None:
        self._counts = Counts()
        self._queue: Jobs = SimpleQueue()

    def _start_thread(self) -> None:
        # It does not refer to the pool: who drops that lets its threads end.
        work = partial(_work, self._queue, self._counts)
        try:
            Thread(target=work, name="tantalus worker", daemon=True).start()
        except BaseException:
            with self._counts.lock:
                self._counts.threads -= 1
                self._counts.calls -= 1
            raise


class Counts:
    """How much a pool has to do, counted under a lock: it may serve several loops."""

    __slots__ = ("calls", "lock", "threads")

    def __init__(self) -> None:
        self.lock = Lock()
        self.calls = 0
        self.threads = 0


class Hop(Future[T], Generic[T]):
    """The future of a call made in another thread."""

    __slots__ = ("_calls", "passage")

    def __init__(
        self,
        call: Callable[[], T],
        side: Side | None,
        *,
        loop: AbstractEventLoop,
    ) -> None:
        super().__init__(loop=loop)
        # Who takes it out, one thread alone, decides: it is made, or given up.
        self._calls = [call]
        self.passage = Passage() if side is None else side.depart()

    def take_call(self) -> Callable[[], T] | None:
        """Return what is to be made, once; None after that, or if it was given up."""
        try:
            return self._calls.pop()
        except IndexError:
            return None

    def cancel(self, msg: Any | None = None) -> bool:
        """Give up the call; one of the same side that follows need not wait for it."""
        is_cancelled = super().cancel(msg)
        if is_cancelled and self.take_call() is not None:
            self.passage.give_up()
        return is_cancelled

    def __await__(self) -> Generator[Any, None, T]:
        """Wait for the call, and take over the variables that it has set."""
        steps = super().__await__()
        passage = self.passage
        # An error that the future holds refers to this frame: it would be a cycle.
        del self
        try:
            result = yield from steps
        except CancelledError:
            raise  # the call goes on
        except BaseException:
            passage.come_back()
            raise
        passage.come_back()
        return result

    __iter__ = __await__


def make(loop: AbstractEventLoop, hop: Hop[Any]) -> None:
    """Make the call of `hop` in this thread, and tell `loop` what came of it."""
    _tell(loop, _outcome(loop, hop))


def _work(queue: Jobs, counts: Counts) -> None:
    """Make the calls of a pool until it has enough of this thread."""
    while (job := queue.get()) is not None:
        loop, hop = job
        here.loop = loop
        told = _outcome(loop, hop)
        # Counted first, so that who is told finds a thread that is free.
        with counts.lock:
            counts.calls -= 1
        _tell(loop, told)
        here.loop = None
        del job, loop, hop, told


def _outcome(loop: AbstractEventLoop, hop: Hop[Any]) -> Job | None:
    """Make the call of `hop`; return what is to be done in `loop` about its outcome."""
    call = hop.take_call()
    if call is None:
        return None
    try:
        hop.passage.arrive()
        result = hop.passage.variables.run(_call_and_end, call, hop.passage)
    except BaseException as error:
        return partial(_fail, loop, hop, error)
    else:
        return partial(_succeed, loop, hop, result)
    finally:
        # The traceback refers to this frame, and the future to the error.
        del hop, call


def _call_and_end(call: Callable[[], T], passage: Passage) -> T:
    try:
        return call()
    finally:
        passage.end()


def _tell(loop: AbstractEventLoop, told: Job | None) -> None:
    """Have `loop` take notice of an outcome."""
    if told is None:
        return
    try:
        loop.call_soon_threadsafe(told)
    except RuntimeError:  # it is closed: nobody waits
        told()


def _succeed(loop: AbstractEventLoop, hop: Hop[T], result: T) -> None:
    if not (loop.is_closed() or hop.done()):
        hop.set_result(result)


def _fail(loop: AbstractEventLoop, hop: Hop[Any], error: BaseException) -> None:
    if loop.is_closed() or hop.done():
        message = "A call in a worker failed after nobody waited for it any more"
        loop.call_exception_handler({"message": message, "exception": error})
    elif isinstance(error, StopIteration):
        failure = RuntimeError("A call in a worker raised StopIteration.")
        failure.__cause__ = error
        hop.set_exception(failure)
    else:
        hop.set_exception(error)


_pools: WeakSet[Workers] = WeakSet()


def begin_in_child() -> None:
    """Forget, in a process that was forked off, the threads that it does not have."""
    vars(here).clear()
    for pool in list(_pools):
        pool._begin()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=begin_in_child)
