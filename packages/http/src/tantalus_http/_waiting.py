"""A thread that waits for a coroutine on an event loop."""

from __future__ import annotations

from asyncio import AbstractEventLoop, CancelledError, Task
from collections.abc import Coroutine
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class LoopEnded(RuntimeError):
    """The event loop has ended before the coroutine."""


def wait_for(coroutine: Coroutine[Any, Any, T], loop: AbstractEventLoop) -> T:
    """Return what a coroutine returns that runs on a loop; not in the thread of that.

    Unlike `run_coroutine_threadsafe()` it leaves no objects that refer to each other.

    Raises:
        LoopEnded: The loop is closed, or was about to be.
    """
    ended: SimpleQueue[Task[T]] = SimpleQueue()

    def begin() -> None:
        loop.create_task(coroutine).add_done_callback(ended.put)

    try:
        loop.call_soon_threadsafe(begin)
    except RuntimeError as error:
        coroutine.close()
        raise LoopEnded("The event loop of the server has ended.") from error
    try:
        return ended.get().result()
    except CancelledError as error:
        raise LoopEnded("The event loop of the server is ending.") from error
