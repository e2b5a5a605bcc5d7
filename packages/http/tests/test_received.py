from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from driver import GONE, Exchange, body_in, scope_of
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from tantalus_http import BodyNotLoaded, ReceivedBody, read_ahead

T = TypeVar("T")
FORM = [(b"content-length", b"5")]


def run(
    messages: list[dict[str, Any]],
    use: Callable[[ReceivedBody], Awaitable[T]],
    limit: int = 4,
) -> T:
    """Return what is made of a body that was read ahead."""

    async def work() -> T:
        return await use(await read_ahead(Exchange(messages).receive, limit))

    return asyncio.run(work())


async def in_thread(read: Callable[[], T]) -> T:
    return await asyncio.to_thread(read)


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        ([b"abcd"], b"abcd"),
        ([b"ab", b"cd"], b"abcd"),
        ([b"abcd", b""], b"abcd"),
        ([b"", b"ab", b""], b"ab"),
        ([], b""),
        ([b"abcde"], b"abcde"),
        ([b"abcde", b"f"], None),
    ],
    ids=["one", "two", "late end", "empty pieces", "nothing", "larger", "more"],
)
def test_a_body_within_the_limit_has_come_as_a_whole(
    pieces: list[bytes], whole: bytes | None
) -> None:
    async def look(body: ReceivedBody) -> bytes | None:
        return body.whole()

    assert run(body_in(*pieces), look) == whole


def test_a_body_in_ten_thousand_pieces_is_one() -> None:
    async def look(body: ReceivedBody) -> tuple[bytes | None, bytes]:
        return body.whole(), body.read()

    pieces = [b"ab"] * 10_000

    assert run(body_in(*pieces), look, limit=65_536) == (b"ab" * 10_000,) * 2


def test_a_large_body_in_ten_thousand_pieces_is_read_by_a_thread() -> None:
    async def read(body: ReceivedBody) -> tuple[bool, bytes]:
        return body.is_complete, await in_thread(body.readall)

    pieces = [b"ab"] * 10_000

    assert run(body_in(*pieces), read) == (False, b"ab" * 10_000)


def test_what_has_come_is_read_on_the_loop_and_the_rest_is_not_waited_for() -> None:
    async def read(body: ReceivedBody) -> None:
        assert body.read(3) == b"abc"
        assert body.readline() == b"de\n"
        assert not body.is_complete
        with pytest.raises(BodyNotLoaded, match=r"await request\.load\(\)"):
            body.read()

    run(body_in(b"abcde\n", b"rest"), read)


@pytest.mark.parametrize(
    ("method", "arguments", "expected"),
    [
        ("read", (), b"one\ntwo\nthree"),
        ("read", (None,), b"one\ntwo\nthree"),
        ("read", (0,), b""),
        ("read", (9,), b"one\ntwo\nt"),
        ("read", (99,), b"one\ntwo\nthree"),
        ("readline", (), b"one\n"),
        ("readline", (None,), b"one\n"),
        ("readline", (2,), b"on"),
        ("readline", (99,), b"one\n"),
        ("readlines", (), [b"one\n", b"two\n", b"three"]),
    ],
)
def test_in_a_thread_it_is_a_file(
    method: str, arguments: tuple[Any, ...], expected: object
) -> None:
    async def read(body: ReceivedBody) -> object:
        assert body.readable()
        return await in_thread(lambda: getattr(body, method)(*arguments))

    assert run(body_in(b"on", b"e\ntw", b"o\nthr", b"", b"ee"), read, 0) == expected


def test_a_file_is_read_into_a_buffer() -> None:
    async def read(body: ReceivedBody) -> tuple[int, bytearray]:
        buffer = bytearray(8)
        return await in_thread(lambda: body.readinto(buffer)), buffer

    assert run(body_in(b"abc", b"de"), read, 0) == (5, bytearray(b"abcde\0\0\0"))


def test_lines_and_pieces_can_be_read_in_turn() -> None:
    async def read(body: ReceivedBody) -> list[bytes]:
        first = await in_thread(body.readline)
        return [first, await body.piece(), await body.piece(), await body.piece()]

    pieces = body_in(b"one\ntw", b"o")

    assert run(pieces, read, 0) == [b"one\n", b"tw", b"o", b""]


def test_a_piece_can_be_awaited_on_another_loop() -> None:
    async def read(body: ReceivedBody) -> bytes:
        return await in_thread(lambda: asyncio.run(body.piece()))

    assert run(body_in(b"abc", b"de"), read, 0) == b"abc"


def test_a_client_that_leaves_before_is_an_error() -> None:
    async def never(body: ReceivedBody) -> None:
        raise AssertionError

    with pytest.raises(ClientDisconnected, match="after 2 bytes"):
        run([*body_in(b"ab", is_complete=False), GONE], never)


def test_a_client_that_leaves_later_is_an_error_of_whoever_reads() -> None:
    async def read(body: ReceivedBody) -> None:
        assert await body.piece() == b"abcdef"
        with pytest.raises(ClientDisconnected):
            await in_thread(body.read)
        with pytest.raises(ClientDisconnected):
            await body.load()
        with pytest.raises(ClientDisconnected):
            await body.load()

    run([*body_in(b"abcdef", is_complete=False), GONE], read)


def test_messages_of_extensions_are_passed_over() -> None:
    async def look(body: ReceivedBody) -> bytes | None:
        return body.whole()

    messages = [{"type": "http.unheard.of"}, *body_in(b"ab")]

    assert run(messages, look) == b"ab"


@pytest.mark.parametrize(
    ("headers", "asked", "whole"),
    [
        ([], 0, b""),
        ([(b"content-length", b"4")], 1, b"abcd"),
        ([(b"content-length", b"5")], 0, None),
        ([(b"transfer-encoding", b"chunked")], 1, b"abcd"),
    ],
    ids=["no body", "small", "large", "chunked"],
)
def test_what_is_announced_decides_on_waiting(
    headers: list[tuple[bytes, bytes]], asked: int, whole: bytes | None
) -> None:
    async def look() -> tuple[int, bytes | None]:
        exchange = Exchange(body_in(b"abcd"))
        body = await read_ahead(exchange.receive, 4, scope=scope_of(headers=headers))
        return exchange.received, body.whole()

    assert asyncio.run(look()) == (asked, whole)


@pytest.mark.parametrize(
    ("limit", "length", "error"),
    [(5, None, RequestEntityTooLarge), (None, 7, ClientDisconnected)],
    ids=["too long", "too short"],
)
def test_the_size_of_pieces_is_checked(
    limit: int | None, length: int | None, error: type[Exception]
) -> None:
    async def read(body: ReceivedBody) -> list[bytes]:
        pieces = aiter(body.pieces(limit, length))
        taken = [await anext(pieces)]
        with pytest.raises(error):
            taken += [piece async for piece in pieces]
        return taken

    assert run(body_in(b"abc", b"def"), read, 0) == [b"abc"]


def test_whoever_watches_the_client_takes_nothing_of_its_body(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tantalus_http._received._PAUSE", 0)

    async def read() -> tuple[bytes, bytes, bytes, bool]:
        exchange = Exchange(body_in(b"abc", b"de"))
        body = ReceivedBody(exchange.receive)
        watching = asyncio.create_task(body.until_gone())
        for _ in range(5):
            await asyncio.sleep(0)
        held = exchange.received
        pieces = [await body.piece() for _ in range(3)]
        exchange.leave()
        await watching
        assert held == 1
        return *pieces, body.is_gone  # type: ignore[return-value]  # three

    assert asyncio.run(read()) == (b"abc", b"de", b"", True)


def test_what_another_has_waited_for_is_not_waited_for_again() -> None:
    come = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await come.wait()
        come.clear()
        return body_in(b"abc", is_complete=False)[0]

    async def read() -> bytes:
        body = ReceivedBody(receive)
        watching = asyncio.create_task(body.until_gone())
        reading = asyncio.create_task(body.piece())
        await asyncio.sleep(0)
        come.set()
        try:
            return await reading
        finally:
            watching.cancel()

    assert asyncio.run(read()) == b"abc"
