from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_channels import ChannelUnreachable, Lost, MemoryChannels, Subscription
from tantalus_channels import _subscription as module


class Entrance:
    """Channels that confirm when a test says so."""

    def __init__(self, confirms: bool = True) -> None:
        self._confirms = confirms
        self.left = 0

    def enter(self, subscription: Subscription) -> None:
        if self._confirms:
            subscription.confirm()

    async def aenter(self, subscription: Subscription) -> None:
        self.enter(subscription)

    def leave(self, subscription: Subscription) -> None:
        self.left += 1


def made(limit: int = 3, idle: float | None = 0.001, confirms: bool = True) -> Any:
    return Subscription(Entrance(confirms), "news", limit, idle)


def waiting(subscription: Subscription) -> list[Any]:
    """Return what waits for the reader."""
    items = []
    for item in subscription:
        if item is None:
            break
        items.append(item)
    return items


def test_messages_come_in_order() -> None:
    with made() as subscription:
        subscription.offer("a")
        subscription.offer("b")

        assert waiting(subscription) == ["a", "b"]


def test_the_oldest_makes_room_and_the_reader_is_told_first() -> None:
    with made(limit=2) as subscription:
        for number in range(5):
            subscription.offer(str(number))

        assert waiting(subscription) == [Lost(3), "3", "4"]
        subscription.offer("5")
        assert waiting(subscription) == ["5"]


def test_a_lost_connection_is_told_where_messages_are_missing() -> None:
    with made() as subscription:
        subscription.offer("a")
        subscription.confirm()
        subscription.offer("b")

        assert waiting(subscription) == ["a", Lost(None), "b"]


@pytest.mark.parametrize(
    ("missed", "told"),
    [((1, 1), Lost(2)), ((1, None), Lost(None)), ((None, 1), Lost(None))],
)
def test_what_is_missing_in_one_place_is_told_once(missed: Any, told: Lost) -> None:
    with made() as subscription:
        for count in missed:
            subscription.miss(count)

        assert waiting(subscription) == [told]


@pytest.mark.parametrize(("count", "told"), [(2, Lost(3)), (None, Lost(None))])
def test_what_is_said_to_be_lost_is_not_lost_itself(count: Any, told: Lost) -> None:
    with made(limit=2) as subscription:
        subscription.miss(count)
        for text in "abc":
            subscription.offer(text)

        assert waiting(subscription) == [told, "b", "c"]


@given(st.lists(st.sampled_from(["offer", "read"]), max_size=40), st.integers(1, 5))
def test_each_message_is_read_or_counted(steps: list[str], limit: int) -> None:
    sent, seen, lost = 0, 0, 0

    def take(items: Iterator[Any]) -> None:
        nonlocal seen, lost
        item = next(items)
        if isinstance(item, Lost):
            assert item.count is not None
            lost += item.count
        elif item is not None:
            assert int(item) == seen + lost
            seen += 1

    with made(limit=limit, idle=1e-9) as subscription:
        items = iter(subscription)
        for step in steps:
            if step == "offer":
                subscription.offer(str(sent))
                sent += 1
            else:
                take(items)
        for _ in range(limit + 2):
            take(items)

    assert seen + lost == sent


def test_silence_gives_none_to_who_wants_it() -> None:
    async def awaited() -> list[Any]:
        async with made() as subscription:
            items = aiter(subscription)
            return [await anext(items), await anext(items)]

    with made() as subscription:
        items = iter(subscription)
        assert [next(items), next(items)] == [None, None]
    assert asyncio.run(awaited()) == [None, None]


def test_iterating_enters_and_leaves() -> None:
    async def awaited(subscription: Any) -> None:
        async for _ in subscription:
            subscription.close()

    first, second = made(), made()
    second.offer("a")

    for _ in first:
        first.close()
    asyncio.run(awaited(second))

    assert first._entrance.left >= 1
    assert second._entrance.left >= 1


def test_a_loop_that_is_left_half_way_leaves_the_channel() -> None:
    subscription = made()

    for _ in subscription:
        break

    assert subscription.is_over
    assert subscription._entrance.left == 1


def test_closing_ends_a_thread_that_reads() -> None:
    subscription = made(idle=None)
    seen: list[Any] = []
    entered = threading.Event()

    def read() -> None:
        with subscription:
            entered.set()
            seen.extend(subscription)

    thread = threading.Thread(target=read)
    thread.start()
    assert entered.wait(60)
    subscription.close()
    thread.join(60)

    assert not thread.is_alive()
    assert seen == []


def test_closing_from_a_thread_ends_a_task_that_reads() -> None:
    async def read() -> list[Any]:
        async with made(idle=None) as subscription:
            threading.Timer(0, subscription.close).start()
            return [item async for item in subscription]

    assert asyncio.run(read()) == []


def test_a_closed_one_takes_no_more_messages() -> None:
    with made() as subscription:
        subscription.close()
        subscription.offer("a")

        assert list(subscription) == []


def test_a_task_whose_loop_is_closed_keeps_nobody_from_publishing() -> None:
    subscription = made(idle=None)

    async def read() -> None:
        async with asyncio.timeout(0.01):
            await subscription._wait(lambda: False, None)

    subscription._alarm = _alarm_of_a_closed_loop
    with pytest.raises(TimeoutError):
        asyncio.run(read())
    subscription._alarm = _alarm_of_a_closed_loop
    subscription.offer("a")
    subscription.offer("b")

    assert list(subscription._items) == ["a", "b"]


def _alarm_of_a_closed_loop() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    loop.call_soon_threadsafe(print)


def test_one_is_entered_once() -> None:
    async def again(subscription: Any) -> None:
        async with subscription:
            pass

    with made() as subscription:
        pass

    with pytest.raises(RuntimeError, match=r"'news': it was entered before\. Make"):
        subscription.__enter__()
    with pytest.raises(RuntimeError, match="it was entered before"):
        asyncio.run(again(subscription))


def test_nobody_waits_for_a_confirmation_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)

    async def enter(subscription: Any) -> None:
        async with subscription:
            pass

    first, second = made(confirms=False), made(confirms=False)
    with pytest.raises(ChannelUnreachable, match=r"nobody has answered for 0\.01 sec"):
        first.__enter__()
    with pytest.raises(ConnectionError, match="Channel 'news' cannot be reached"):
        asyncio.run(enter(second))
    assert (first.is_over, second.is_over) == (True, True)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"limit": 0}, "limit=0 is no number of messages"),
        ({"limit": 1.5}, r"limit=1\.5 is no number of messages"),
        ({"limit": True}, "limit=True is no number of messages"),
        ({"idle": 0}, "idle=0 is no time to wait"),
        ({"idle": float("inf")}, "idle=inf is no time to wait"),
        ({"idle": float("nan")}, "idle=nan is no time to wait"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MemoryChannels()["news"].subscribe(**settings)
