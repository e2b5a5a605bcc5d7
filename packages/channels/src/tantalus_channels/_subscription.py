"""One who listens: a buffer that publishers fill, and a reader empties.

Publishers never wait. What does not fit pushes out what is oldest, and the reader is
told so at the place where it is missing. The reader is a thread or a task, whatever
thread the publisher runs in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import TIMEOUT_MAX, Condition
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias

from ._errors import ChannelUnreachable, NotSubscribed

#: How many messages wait for a reader, if nothing else is said.
LIMIT = 100
#: Seconds that entering a channel may take.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Lost:
    """Told to a reader in place of messages that it does not get.

    Whoever has a state that messages keep up to date reads it anew: from here on
    nothing is missing.

    Attributes:
        count: How many, if somebody has counted; None after the connection to what
            carries them was lost.
    """

    count: int | None


#: What a reader is given: a message, that some were lost, or None where it was silent.
Item: TypeAlias = str | Lost | None


class Entrance(Protocol):
    """What a subscription asks of the channels it belongs to."""

    def enter(self, subscription: Subscription, /) -> None:
        """Begin to offer messages, and say `confirm()` once none is missed."""
        ...

    async def aenter(self, subscription: Subscription, /) -> None:
        """Do so without keeping the event loop waiting."""
        ...

    def leave(self, subscription: Subscription, /) -> None:
        """Offer no more messages. It may be called twice, and waits for nothing."""
        ...


class Subscription:
    """Hears a channel from when it is entered (`with`, `async with`) until it is left.

    Iterating gives messages, `Lost` where some are missing, and None after `idle`
    seconds of silence. It enters by itself, and leaves at the end. One thread or task
    reads it; any may close it, which ends the reading.

    Attributes:
        channel: The name of the channel.
        is_over: Whether it was closed.
    """

    def __init__(
        self, entrance: Entrance, channel: str, limit: int, idle: float | None
    ) -> None:
        if type(limit) is not int or limit < 1:
            raise ValueError(f"limit={limit!r} is no number of messages that may wait.")
        if idle is not None and not 0 < idle <= TIMEOUT_MAX:
            raise ValueError(f"idle={idle!r} is no time to wait: use seconds, or None.")
        self.channel = channel
        self._entrance = entrance
        self._limit = limit
        self._idle = idle
        self._items: deque[str | Lost] = deque()
        self._dropped = 0
        self._is_uncounted = False
        self._is_entered = False
        self._is_confirmed = False
        self.is_over = False
        self._changed = Condition()
        # How a task that waits is woken.
        self._alarm: Callable[[], object] | None = None

    # What the channels call, in whatever thread.

    def offer(self, message: str) -> None:
        """Put a message into the buffer, in place of the oldest if it is full."""
        with self._changed:
            if self.is_over:
                return
            if len(self._items) >= self._limit:
                self._drop(self._items.popleft())
            self._items.append(message)
            self._notify()

    def miss(self, count: int | None) -> None:
        """Tell the reader that messages are missing from here on, or one was."""
        with self._changed:
            last = self._items[-1] if self._items else None
            if isinstance(last, Lost):  # one place, where more are missing
                self._items.pop()
                counted = None not in (count, last.count)
                count = (count or 0) + (last.count or 0) if counted else None
            self._items.append(Lost(count))
            self._notify()

    def confirm(self) -> None:
        """Say that nothing is missed from now on; that some was, if it did before."""
        with self._changed:
            is_again, self._is_confirmed = self._is_confirmed, True
            self._notify()
        if is_again:
            self.miss(None)

    def _drop(self, item: str | Lost) -> None:
        if isinstance(item, str):
            self._dropped += 1
        elif item.count is None:
            self._is_uncounted = True
        else:
            self._dropped += item.count

    def _notify(self) -> None:
        self._changed.notify_all()
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            with suppress(RuntimeError):  # the loop of the reader was closed
                alarm()

    # What the reader calls.

    def __enter__(self) -> Self:
        self._begin()
        try:
            self._entrance.enter(self)
            with self._changed:
                self._changed.wait_for(self._is_settled, PATIENCE)
            self._check_confirmed()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        self._begin()
        try:
            await self._entrance.aenter(self)
            await self._wait(self._is_settled, PATIENCE)
            self._check_confirmed()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Item]:
        if not self._is_entered:
            with self:
                yield from self
            return
        while True:
            with self._changed:
                self._changed.wait_for(self._has_news, self._idle)
                if self.is_over:
                    return
                item = self._take()
            yield item

    async def __aiter__(self) -> AsyncIterator[Item]:
        if not self._is_entered:
            async with self:
                async for item in self:
                    yield item
            return
        while True:
            await self._wait(self._has_news, self._idle)
            with self._changed:
                if self.is_over:
                    return
                item = self._take()
            yield item

    def close(self) -> None:
        """Leave the channel. Who waits for a message comes to the end of it."""
        with self._changed:
            self.is_over = True
            self._items.clear()
            self._notify()
        self._entrance.leave(self)

    def _begin(self) -> None:
        if self._is_entered:
            raise NotSubscribed(self.channel, "it was entered before. Make another.")
        self._is_entered = True

    def _is_settled(self) -> bool:
        return self._is_confirmed or self.is_over

    def _has_news(self) -> bool:
        return bool(self._items or self._dropped or self._is_uncounted or self.is_over)

    def _check_confirmed(self) -> None:
        if not self._is_confirmed:
            raise ChannelUnreachable(
                self.channel, f"nobody has answered for {PATIENCE:g} seconds."
            )

    def _take(self) -> Item:
        """Return what is next, or None if there is nothing."""
        if self._dropped or self._is_uncounted:
            lost = Lost(None if self._is_uncounted else self._dropped)
            self._dropped, self._is_uncounted = 0, False
            return lost
        return self._items.popleft() if self._items else None

    async def _wait(self, is_so: Callable[[], bool], patience: float | None) -> None:
        """Wait until something is so, or as long as somebody has patience."""
        # Programs without an event loop need none of it.
        from asyncio import get_running_loop, timeout  # noqa: PLC0415 - see above

        loop = get_running_loop()
        with suppress(TimeoutError):
            async with timeout(patience):
                while True:
                    rung = loop.create_future()
                    with self._changed:
                        if is_so():
                            return
                        self._set_alarm(loop, rung)
                    await rung

    def _set_alarm(self, loop: Any, rung: Any) -> None:
        from asyncio import _get_running_loop  # noqa: PLC0415 - as above

        def ring() -> None:
            if not rung.done():
                rung.set_result(None)

        def alarm() -> None:
            here = _get_running_loop() is loop
            (loop.call_soon if here else loop.call_soon_threadsafe)(ring)

        self._alarm = alarm
