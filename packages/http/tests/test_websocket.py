from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_http import WebSocket, WebSocketClosed
from tantalus_http import _websocket as module

UNTYPED: Any = lambda value: value  # noqa: E731 - hides a type
CONNECT = {"type": "websocket.connect"}


def text(data: str) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": data}


def left(code: int = 1001) -> dict[str, Any]:
    return {"type": "websocket.disconnect", "code": code, "reason": "bye"}


class Peer:
    """A client in the process, and the server between.

    Args:
        messages: What comes in; then it waits for `leave()`.
    """

    def __init__(
        self,
        messages: Iterable[dict[str, Any]] = (),
        denies: bool = True,
        fails_after: int | None = None,
        **settings: Any,
    ) -> None:
        self._messages = iter([CONNECT, *messages])
        self._left = asyncio.Event()
        self._fails_after = fails_after
        self.sent: list[dict[str, Any]] = []
        extensions: Any = {"websocket.http.response": {}} if denies else None
        scope = {
            "type": "websocket",
            "path": "/",
            "headers": [],
            "subprotocols": ["tea", "cake"],
            "extensions": extensions,
        }
        self.websocket = WebSocket(scope, self._receive, self._send, **settings)

    async def _receive(self) -> Any:
        message = next(self._messages, None)
        if message is None:
            await self._left.wait()
            return left()
        return message

    async def _send(self, message: Any) -> None:
        if self._fails_after is not None and len(self.sent) >= self._fails_after:
            raise ConnectionResetError("The client has gone.")
        self.sent.append(message)
        await asyncio.sleep(0)

    def leave(self) -> None:
        self._left.set()

    @property
    def kinds(self) -> list[str]:
        return [message["type"].removeprefix("websocket.") for message in self.sent]


def talk(
    do: Callable[[WebSocket, Peer], Awaitable[Any]], *messages: Any, **settings: Any
) -> tuple[Any, Peer]:
    """Return what is made of a WebSocket, and the other end of it."""

    async def work() -> tuple[Any, Peer]:
        peer = Peer(messages, **settings)
        return await do(peer.websocket, peer), peer

    return asyncio.run(work())


def test_messages_are_echoed_until_the_client_leaves() -> None:
    async def echo(websocket: WebSocket, peer: Peer) -> None:
        async for message in websocket:
            await websocket.send(message)

    binary = {"type": "websocket.receive", "bytes": b"\0", "text": None}
    _, peer = talk(echo, text("a"), binary, left())

    assert peer.sent == [
        {"type": "websocket.accept", "subprotocol": None, "headers": []},
        {"type": "websocket.send", "text": "a"},
        {"type": "websocket.send", "bytes": b"\0"},
    ]
    assert peer.websocket.close_code == 1001


def test_it_is_accepted_with_a_subprotocol_and_headers() -> None:
    async def accepting() -> list[tuple[str, str]]:
        return [("Set-Cookie", "a=1"), ("Content-Type", "text/html")]

    async def accept(websocket: WebSocket, peer: Peer) -> list[bool]:
        states = [websocket.is_asked, websocket.is_open]
        await websocket.accept("cake", [("X-A", "1")])
        return [*states, websocket.is_asked, websocket.is_open]

    states, peer = talk(accept, accepting=accepting)

    assert states == [True, False, False, True]
    assert peer.sent == [
        {
            "type": "websocket.accept",
            "subprotocol": "cake",
            "headers": [(b"x-a", b"1"), (b"set-cookie", b"a=1")],
        }
    ]


def test_a_subprotocol_that_the_client_has_not_offered_is_refused() -> None:
    with pytest.raises(ValueError, match=r"does not speak 'milk': it has offered \['t"):
        talk(lambda websocket, peer: websocket.accept("milk"))


@pytest.mark.parametrize("again", ["accept", "deny"])
def test_a_handshake_has_one_answer(again: str) -> None:
    async def twice(websocket: WebSocket, peer: Peer) -> None:
        await websocket.accept()
        if again == "accept":
            await websocket.accept()
        else:
            await websocket.deny(403, [], b"")

    with pytest.raises(RuntimeError, match="its handshake has an answer already"):
        talk(twice)


def test_json_is_sent_and_received() -> None:
    async def echo(websocket: WebSocket, peer: Peer) -> None:
        await websocket.send_json(await websocket.receive_json())

    _, peer = talk(echo, text('{"a": ["ö"]}'))

    assert peer.sent[1]["text"] == '{"a": ["\\u00f6"]}'


def test_what_is_no_json_ends_it() -> None:
    async def read(websocket: WebSocket, peer: Peer) -> None:
        with pytest.raises(
            WebSocketClosed, match=r"with 1003\. The message is no JSON"
        ):
            await websocket.receive_json()

    _, peer = talk(read, text("{"))

    assert (peer.kinds, peer.sent[-1]["code"]) == (["accept", "close"], 1003)


def test_after_the_end_each_use_raises_the_same() -> None:
    async def use(websocket: WebSocket, peer: Peer) -> list[tuple[int, str]]:
        seen = []
        for call in (websocket.receive, websocket.receive, lambda: websocket.send("a")):
            with pytest.raises(WebSocketClosed) as closed:
                await call()
            seen.append((closed.value.code, closed.value.reason))
        await websocket.close()
        return seen

    seen, peer = talk(use, left(4000))

    assert seen == [(4000, "bye")] * 3
    assert peer.kinds == ["accept"]


def test_a_client_that_leaves_before_it_is_accepted_has_gone() -> None:
    async def accept(websocket: WebSocket, peer: Peer) -> None:
        peer._messages = iter([{"type": "websocket.disconnect"}])
        with pytest.raises(WebSocketClosed) as closed:
            await websocket.accept()
        assert closed.value.code == 1006

    _, peer = talk(accept)

    assert peer.sent == []


def test_a_send_to_a_client_that_has_gone_says_so() -> None:
    async def send(websocket: WebSocket, peer: Peer) -> None:
        with pytest.raises(WebSocketClosed, match="closed with 1006"):
            await websocket.send("a")
        assert not websocket.is_open

    talk(send, fails_after=1)


def test_closing_a_connection_that_has_broken_is_no_error() -> None:
    talk(lambda websocket, peer: websocket.close(), fails_after=0)


def test_a_code_and_a_reason_are_sent_once() -> None:
    async def close(websocket: WebSocket, peer: Peer) -> None:
        await websocket.accept()
        await websocket.close(4001, "no tea")
        await websocket.close(4002)

    _, peer = talk(close)

    assert peer.sent[1:] == [
        {"type": "websocket.close", "code": 4001, "reason": "no tea"}
    ]


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_a_code_that_is_not_for_programs_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match="is no code with which a program closes"):
        talk(lambda websocket, peer: websocket.close(code))


def test_a_reason_that_no_frame_can_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 123 bytes"):
        talk(lambda websocket, peer: websocket.close(1000, "ö" * 62))


@pytest.mark.parametrize("message", [1, None, {"a": 1}, bytearray(b"a")])
def test_what_is_neither_text_nor_bytes_is_refused(message: object) -> None:
    with pytest.raises(TypeError, match="carries text or bytes, not"):
        talk(lambda websocket, peer: websocket.send(UNTYPED(message)))


@pytest.mark.parametrize(
    ("message", "is_refused"),
    [
        (text("x" * 10), False),
        (text("x" * 11), True),
        (text("ö" * 5), False),
        (text("ö" * 6), True),
        (text("x" * 100), True),
        ({"type": "websocket.receive", "bytes": b"x" * 10}, False),
        ({"type": "websocket.receive", "bytes": b"x" * 11}, True),
        ({"type": "websocket.receive", "bytes": None}, False),
    ],
)
def test_a_message_may_be_as_large_as_it_is_said(
    message: dict[str, Any], is_refused: bool
) -> None:
    async def read(websocket: WebSocket, peer: Peer) -> list[Any]:
        return [one async for one in websocket]

    read_, peer = talk(read, message, left(), max_size=10)

    assert len(read_) == (0 if is_refused else 1)
    assert peer.websocket.close_code == (1009 if is_refused else 1001)


@given(st.text(max_size=8), st.integers(0, 20))
def test_the_size_is_that_of_utf_8(data: str, limit: int) -> None:
    size = len(data.encode(errors="replace"))

    assert WebSocket._is_larger(data, limit) == (size > limit)


def test_a_flood_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])

    async def read(websocket: WebSocket, peer: Peer) -> list[Any]:
        seen: list[Any] = []
        async for message in websocket:
            seen.append(message)
            now[0] += 0.5 if len(seen) == 3 else 0.0
        return seen

    seen, peer = talk(read, *[text(str(n)) for n in range(9)], max_rate=4)

    # Four at once, two more after half a second, and one too many.
    assert seen == ["0", "1", "2", "3", "4", "5"]
    assert peer.sent[-1] == {
        "type": "websocket.close", "code": 1008, "reason": "Too many messages.",
    }  # fmt: skip


@pytest.mark.parametrize("denies", [True, False])
def test_a_handshake_is_denied_by_a_response_where_the_server_can(
    denies: bool,
) -> None:
    _, peer = talk(
        lambda websocket, peer: websocket.deny(401, [("X-A", "1")], b"Log in."),
        denies=denies,
    )

    if denies:
        assert peer.sent == [
            {
                "type": "websocket.http.response.start",
                "status": 401,
                "headers": [(b"x-a", b"1")],
            },
            {"type": "websocket.http.response.body", "body": b"Log in."},
        ]
    else:
        assert peer.sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]


class Source:
    """An asynchronous source that waits after its items, if it is to.

    Attributes:
        then: Called when it begins to wait.
    """

    def __init__(self, *items: str, waits: bool) -> None:
        self._items = items
        self._waits = waits
        self.then: Callable[[], object] = list
        self.seen: list[str] = []

    async def __call__(self) -> AsyncIterator[str]:
        try:
            for item in self._items:
                yield item
            if self._waits:
                self.then()
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.seen.append("cancelled")
            raise
        finally:
            self.seen.append("closed")


def test_a_source_is_forwarded_until_it_ends() -> None:
    source = Source("a", "b", waits=False)

    _, peer = talk(lambda websocket, peer: websocket.forward(source()))

    assert [message.get("text") for message in peer.sent[1:]] == ["a", "b"]
    assert (source.seen, peer.websocket.is_open) == (["closed"], True)


def test_a_client_that_leaves_stops_the_source() -> None:
    source = Source("a", waits=True)

    async def forward(websocket: WebSocket, peer: Peer) -> None:
        source.then = peer.leave
        await websocket.forward(source())

    _, peer = talk(forward, text("dropped"))

    assert source.seen == ["cancelled", "closed"]
    assert peer.websocket.close_code == 1001


def test_an_error_of_a_source_is_raised() -> None:
    class Broken:
        def __aiter__(self) -> AsyncIterator[str]:
            return self

        async def __anext__(self) -> str:
            raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        talk(lambda websocket, peer: websocket.forward(Broken()))


@pytest.mark.parametrize(
    ("limit", "moments", "allowed"),
    [
        (2, [0, 0, 0], [True, True, False]),
        (2, [0, 0, 0.5, 0.6, 1], [True, True, True, False, True]),
        (3, [9, 9, 9, 9], [True, True, True, False]),
        (0.5, [0, 1.9, 2, 3.9, 4.1], [True, False, True, False, True]),
        (7, [n / 7 for n in range(50)], [True] * 50),
    ],
    ids=["at once", "again", "after silence", "less than one a second", "evenly"],
)
def test_so_many_messages_a_second_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
    limit: float,
    moments: list[float],
    allowed: list[bool],
) -> None:
    clock = iter([1000.0 + moment for moment in moments])
    monkeypatch.setattr(module, "monotonic", lambda: next(clock))
    rate = module.Rate(limit)

    assert [rate.allows() for _ in moments] == allowed


def test_what_has_been_connected_by_name_is_not_waited_for_again() -> None:
    async def do(websocket: WebSocket, peer: Peer) -> None:
        await websocket.connected()
        await websocket.connected()
        await websocket.accept()

    _, peer = talk(do)

    assert peer.sent[0]["type"] == "websocket.accept"
