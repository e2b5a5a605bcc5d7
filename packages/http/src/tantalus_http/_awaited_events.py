"""Streams of server-sent events whose source is awaited."""

from __future__ import annotations

from asyncio import Queue, Task, create_task, timeout, wait
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, TypeAlias

from ._events import Dumps, encoded_event

# Any: data of an event is whatever can be written as JSON.
Item: TypeAlias = Any

_END: Any = object()


class AwaitedEvents(AsyncIterator[bytes]):
    """What is sent for a source that is awaited.

    The source is one task from its first step to its last, so that a `timeout()` or
    `TaskGroup` may span its items, and makes a step when it is asked for one.

    Args:
        first: What is sent at once, so that the client knows that it is heard.
    """

    def __init__(
        self,
        source: AsyncIterable[Item],
        heartbeat: float | None,
        dumps: Dumps,
        first: bytes,
    ) -> None:
        self._source = aiter(source)
        self._heartbeat = heartbeat
        self._dumps = dumps
        self._first: bytes | None = first
        self._asked: Queue[bool] = Queue()
        self._given: Queue[Item] = Queue()
        self._task: Task[None] | None = None
        self._is_waiting = False
        self._is_over = False

    async def __anext__(self) -> bytes:
        """Return what is sent next; the heartbeat if the source is silent."""
        if self._is_over:
            raise StopAsyncIteration
        first, self._first = self._first, None
        if first is not None:
            return first
        if self._task is None:
            self._task = create_task(self._make_steps())
        if not self._is_waiting:
            self._asked.put_nowait(True)
            self._is_waiting = True
        try:
            async with timeout(self._heartbeat):
                item = await self._given.get()
        except TimeoutError:
            return encoded_event(None, self._dumps)
        self._is_waiting = False
        if item is _END:
            self._is_over = True
            await self._task  # it may have failed
            raise StopAsyncIteration
        return encoded_event(item, self._dumps)

    async def _make_steps(self) -> None:
        """Make one step of the source each time that somebody asks."""
        try:
            await self._asked.get()
            async for item in self._source:
                self._given.put_nowait(item)
                if not await self._asked.get():
                    return
        finally:
            self._given.put_nowait(_END)
            await self._close()

    async def aclose(self) -> None:
        """Stop the source where it waits, and close it."""
        self._is_over = True
        task = self._task
        if task is not None and not task.done():
            self._asked.put_nowait(False)
            if self._is_waiting:
                task.cancel()
            await wait([task])
            if not task.cancelled():
                task.result()
        # A task that was cancelled before it began has not closed the source.
        await self._close()

    async def _close(self) -> None:
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()
