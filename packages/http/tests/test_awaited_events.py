from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from driver import Exchange, scope_of
from event_source import EventSource, Told

from tantalus_http import Event, Request, event_stream

SOON, LATE = 0.001, 60.0


class Source:
    """An asynchronous iterator that waits where a test wants it to."""

    def __init__(self, *items: Any) -> None:
        self.items: asyncio.Queue[Any] = asyncio.Queue()
        for item in items:
            self.items.put_nowait(item)
        self.made: list[Any] = []
        self.seen: list[str] = []
        self.tasks: set[object] = set()

    async def __call__(self) -> AsyncIterator[Any]:
        try:
            while (item := await self.items.get()) is not Source:
                self.made.append(item)
                self.tasks.add(asyncio.current_task())
                if isinstance(item, Exception):
                    raise item
                yield item
        except asyncio.CancelledError:
            self.seen.append("cancelled")
            raise
        finally:
            self.tasks.add(asyncio.current_task())
            self.seen.append("closed")


def body_of(source: Any, heartbeat: float | None = LATE) -> Any:
    return event_stream(source, heartbeat=heartbeat).response


@pytest.mark.parametrize("heartbeat", [None, LATE])
def test_events_are_sent_in_order_until_the_source_ends(
    heartbeat: float | None,
) -> None:
    async def work() -> tuple[Exchange, Source]:
        source, exchange = Source("a", Event("b", id="2"), Source), Exchange()
        response = event_stream(source(), heartbeat=heartbeat)
        request = Request.from_scope(scope_of())
        await response.send_asgi(request, exchange.receive, exchange.send)
        return exchange, source

    exchange, source = asyncio.run(work())

    assert (b"x-accel-buffering", b"no") in exchange.headers
    assert exchange.sent[1]["body"] == b":\n\n"
    page = EventSource().read(exchange.body)
    assert page.told == [Told("a"), Told("b", last_id="2")]
    assert source.seen == ["closed"]


def test_a_silent_source_is_given_a_heartbeat_and_goes_on() -> None:
    async def work() -> tuple[list[bytes], bytes]:
        source = Source()
        body = body_of(source(), SOON)
        beats = [await anext(body) for _ in range(3)]
        source.items.put_nowait("a")
        piece = await anext(body)
        await body.aclose()
        return beats, piece

    assert asyncio.run(work()) == ([b":\n\n"] * 3, b"data: a\n\n")


def test_a_step_is_made_when_the_one_before_was_sent() -> None:
    async def work() -> list[Any]:
        source = Source("a", "b", "c")
        body = body_of(source())
        await anext(body)
        await anext(body)
        await asyncio.sleep(0)
        made = source.made.copy()
        await body.aclose()
        return made

    assert asyncio.run(work()) == ["a"]


def test_a_source_is_one_task_from_its_first_step_to_its_last() -> None:
    async def work() -> Source:
        source = Source("a", "b")
        body = body_of(source())
        for _ in range(3):
            await anext(body)
        await body.aclose()
        return source

    source = asyncio.run(work())

    assert len(source.tasks) == 1
    assert source.seen == ["closed"]


def test_a_client_that_leaves_stops_the_source_where_it_waits(at_once: None) -> None:
    async def work() -> tuple[Exchange, Source]:
        source, exchange = Source("a"), Exchange()
        response = event_stream(source())
        request = Request.from_scope(scope_of())

        async def send(message: Any) -> None:
            await exchange.send(message)
            if message.get("body") == b"data: a\n\n":
                asyncio.get_running_loop().call_soon(exchange.leave)

        await response.send_asgi(request, exchange.receive, send)
        return exchange, source

    exchange, source = asyncio.run(work())

    assert exchange.body == b":\n\ndata: a\n\n"
    assert source.seen == ["cancelled", "closed"]


def test_an_error_of_a_source_ends_the_stream_and_is_told() -> None:
    async def work() -> None:
        body = body_of(Source("a", LookupError("gone"))())
        await anext(body)
        await anext(body)
        with pytest.raises(LookupError, match="gone"):
            await anext(body)
        with pytest.raises(StopAsyncIteration):
            await anext(body)
        await body.aclose()

    asyncio.run(work())


class Closing:
    """An asynchronous iterator that notes that it was closed."""

    closed = 0

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        return "a"

    async def aclose(self) -> None:
        self.closed += 1


def test_a_source_is_closed_that_was_never_asked() -> None:
    async def work() -> tuple[int, list[bytes]]:
        source = Closing()
        body = body_of(source)
        await body.aclose()
        return source.closed, [piece async for piece in body]

    assert asyncio.run(work()) == (1, [])


def test_a_source_is_closed_whose_task_was_stopped_before_it_began() -> None:
    async def work() -> int:
        source = Closing()
        body = body_of(source)
        await anext(body)
        first = asyncio.ensure_future(anext(body))
        await asyncio.sleep(0)
        first.cancel()
        await body.aclose()
        await asyncio.wait([first])
        return source.closed

    assert asyncio.run(work()) >= 1


def test_a_source_need_not_be_closeable() -> None:
    class Plain:
        def __aiter__(self) -> AsyncIterator[str]:
            return self

        async def __anext__(self) -> str:
            return "a"

    async def work() -> bytes:
        body = body_of(Plain())
        await anext(body)
        piece: bytes = await anext(body)
        await body.aclose()
        return piece

    assert asyncio.run(work()) == b"data: a\n\n"


def test_a_source_that_goes_on_when_it_is_stopped_is_closed() -> None:
    seen: list[str] = []

    async def stubborn() -> AsyncIterator[str]:
        try:
            yield "a"
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                yield "b"
        finally:
            seen.append("closed")

    async def work() -> None:
        body = body_of(stubborn(), SOON)
        for _ in range(3):
            await anext(body)
        await body.aclose()

    asyncio.run(work())

    assert seen == ["closed"]


class Either:
    """A source that may be iterated or awaited."""

    def __iter__(self) -> Iterator[str]:
        yield "iterated"

    async def __aiter__(self) -> AsyncIterator[str]:
        yield "awaited"


def test_a_source_of_both_kinds_is_awaited_where_a_loop_runs() -> None:
    async def work() -> list[bytes]:
        return [piece async for piece in body_of(Either())]

    assert asyncio.run(work())[1] == b"data: awaited\n\n"
    assert list(body_of(Either()))[1] == b"data: iterated\n\n"


def test_an_error_while_a_source_is_stopped_is_told() -> None:
    async def failing() -> AsyncIterator[str]:
        try:
            yield "a"
            await asyncio.Event().wait()
        finally:
            raise OSError("broken")

    async def work() -> None:
        body = body_of(failing(), SOON)
        for _ in range(3):
            await anext(body)
        with pytest.raises(OSError, match="broken"):
            await body.aclose()

    asyncio.run(work())


def test_a_timeout_may_span_the_items_of_a_source() -> None:
    async def limited() -> AsyncIterator[str]:
        async with asyncio.timeout(LATE):
            yield "a"
            yield "b"

    async def work() -> list[bytes]:
        return [piece async for piece in body_of(limited())]

    assert asyncio.run(work())[1:] == [b"data: a\n\n", b"data: b\n\n"]
