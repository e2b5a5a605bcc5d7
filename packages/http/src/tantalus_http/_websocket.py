"""A WebSocket on an ASGI scope, from its handshake to its end (RFC 6455).

It is accepted by name, or with the first message that is sent or asked for. What comes
in is limited, in size and in number; pings are the server's. Once it has ended, by
whomever, each use raises `WebSocketClosed`, and iterating ends.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from enum import Enum, auto
from math import inf
from time import monotonic
from typing import Any, NoReturn, TypeAlias

from ._asgi_types import ASGIReceive, ASGIScope, ASGISend, Message
from ._messages import Items, encoded

#: Bytes of one message, unless something else is said.
MAX_SIZE = 1_048_576
# Headers that the handshake has itself, or that say of a body what there is none of.
_NOT_SENT = frozenset({"content-type", "content-length", "sec-websocket-protocol"})
NORMAL, UNSUPPORTED, VIOLATION, TOO_BIG = 1000, 1003, 1008, 1009
ABNORMAL = 1006
_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)})
_LONGEST_REASON = 123  # bytes, RFC 6455 §5.5

#: Gives the headers with which a handshake is accepted.
Accepting: TypeAlias = Callable[[], Awaitable[Items]]
# Any: values of JSON.
JSON: TypeAlias = Any


class WebSocketClosed(Exception):
    """The WebSocket has ended.

    Attributes:
        code: Why, as a number (RFC 6455 §7.4); 1006 if nobody has said.
        reason: Why, in words; mostly empty.
    """

    def __init__(self, code: int, reason: str = "") -> None:
        self.code = code
        self.reason = reason
        super().__init__(code, reason)

    def __str__(self) -> str:
        return f"The WebSocket was closed with {self.code}. {self.reason}".rstrip()


class WebSocketMisused(RuntimeError):
    """A WebSocket is asked for what its state does not allow."""


class _State(Enum):
    ASKED = auto()
    OPEN = auto()
    CLOSED = auto()


# A name of this module is found faster than a member.
_OPEN = _State.OPEN


class WebSocket:
    """One connection, of an ASGI scope of the type `websocket`.

    Args:
        max_size: Bytes that a message of the client may have; more end it with 1009.
        max_rate: Messages a second, on average and at once; more end it with 1008. None
            for no limit.
        accepting: Gives headers of the handshake's answer, when it is accepted.

    Attributes:
        scope: That of the handshake.
        close_code: With which it was closed, by whomever; None while it is not.
    """

    def __init__(
        self,
        scope: ASGIScope,
        receive: ASGIReceive,
        send: ASGISend,
        *,
        max_size: int | None = MAX_SIZE,
        max_rate: float | None = None,
        accepting: Accepting | None = None,
    ) -> None:
        self.scope = scope
        self.close_code: int | None = None
        self._reason = ""
        self._receive = receive
        self._send = send
        self.limit(max_size, max_rate)
        self._accepting = accepting
        self._state = _State.ASKED
        self._is_connected = False
        #: Write and read JSON.
        self.dumps: Callable[[JSON], str] = json.dumps
        self.loads: Callable[[str | bytes], JSON] = json.loads

    def limit(self, max_size: int | None, max_rate: float | None) -> None:
        """Set the limits of what comes in from now on."""
        self._max_size = max_size
        self._bytes = inf if max_size is None else max_size
        self._rate = None if max_rate is None else Rate(max_rate)

    @property
    def subprotocols(self) -> list[str]:
        """The subprotocols that the client can speak, the one it likes most first."""
        return list(self.scope.get("subprotocols", ()))

    @property
    def is_open(self) -> bool:
        """Whether it was accepted, and has not ended."""
        return self._state is _State.OPEN

    @property
    def is_asked(self) -> bool:
        """Whether the handshake has no answer yet."""
        return self._state is _State.ASKED

    async def accept(
        self, subprotocol: str | None = None, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Answer the handshake with yes.

        Args:
            subprotocol: One of those that the client can speak.

        Raises:
            ValueError: The client has not offered that one.
            WebSocketMisused: It has an answer already.
            WebSocketClosed: The client has gone.
        """
        self._check_asked("accepted")
        if subprotocol is not None and subprotocol not in self.subprotocols:
            raise ValueError(
                f"The client does not speak {subprotocol!r}: it has offered"
                f" {self.subprotocols!r}."
            )
        if not self._is_connected:
            await self.connected()
        items = [*headers]
        if self._accepting is not None:
            items += await self._accepting()
        kept = [item for item in items if item[0].lower() not in _NOT_SENT]
        self._state = _OPEN
        await self._try(
            {
                "type": "websocket.accept",
                "subprotocol": subprotocol,
                "headers": encoded(kept) if kept else [],
            }
        )

    async def connected(self) -> None:
        """Take the message with which a handshake begins, once."""
        if not self._is_connected:
            self._is_connected = True
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._end(message)

    async def receive(self) -> str | bytes:
        """Return the next message of the client; accept it before, if nobody has.

        Raises:
            WebSocketClosed: It has ended; or the message is too large, or one too many.
        """
        if self._state is not _OPEN:
            await self._begin()
        message = await self._receive()
        data: str | bytes | None = message.get("text")
        if data is None:
            if message["type"] == "websocket.disconnect":
                self._end(message)
            data = message.get("bytes") or b""
        # A letter has four bytes at most.
        if 4 * len(data) > self._bytes and self._is_larger(data, self._bytes):
            await self._refuse(TOO_BIG, f"More than {self._max_size} bytes.")
        if self._rate is not None and not self._rate.allows():
            await self._refuse(VIOLATION, "Too many messages.")
        return data

    @staticmethod
    def _is_larger(data: str | bytes, limit: float) -> bool:
        if len(data) > limit or isinstance(data, bytes):
            return len(data) > limit
        return len(data.encode(errors="replace")) > limit

    async def receive_json(self) -> JSON:
        """Return the value of the next message, which is JSON.

        Raises:
            WebSocketClosed: As `receive()`; or it is none, which ends it with 1003.
        """
        data = await self.receive()
        try:
            return self.loads(data)
        except ValueError:
            await self._refuse(UNSUPPORTED, "The message is no JSON.")

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Give the messages of the client until it has ended."""
        while True:
            try:
                message = await self.receive()
            except WebSocketClosed:
                return
            yield message

    async def send(self, message: str | bytes) -> None:
        """Send a message; accept it before, if nobody has.

        Raises:
            TypeError: The message is neither text nor bytes.
            WebSocketClosed: It has ended.
        """
        if self._state is not _OPEN:
            await self._begin()
        if isinstance(message, str):
            sent: Message = {"type": "websocket.send", "text": message}
        elif isinstance(message, bytes):
            sent = {"type": "websocket.send", "bytes": message}
        else:
            raise TypeError(
                f"A WebSocket carries text or bytes, not {message!r}: use send_json()."
            )
        try:
            await self._send(sent)
        except OSError as error:
            self._state, self.close_code = _State.CLOSED, ABNORMAL
            raise WebSocketClosed(ABNORMAL) from error

    async def send_json(self, value: JSON) -> None:
        """Send a value as JSON, in a message of text."""
        await self.send(self.dumps(value))

    async def forward(self, source: AsyncIterable[str | bytes]) -> None:
        """Send what a source gives until that or the WebSocket has ended.

        What the client sends meanwhile is dropped. The source is stopped where it waits
        when the client leaves, and closed.
        """
        # Programs under WSGI need none of it.
        from ._forwarding import forward  # noqa: PLC0415 - see above

        await self._begin()
        await forward(self, source)

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """End it; nothing happens if it has ended. Before it is accepted: refuse it.

        Raises:
            ValueError: There is no such code for programs, or the reason is longer than
                123 bytes.
        """
        if code not in _CODES:
            raise ValueError(
                f"{code!r} is no code with which a program closes a WebSocket: use 1000"
                " for no reason, or one from 3000 to 4999 of your own."
            )
        if reason and len(reason.encode()) > _LONGEST_REASON:
            raise ValueError(f"The reason {reason!r} is longer than 123 bytes.")
        if self._state is _State.CLOSED:
            return
        if not self._is_connected:
            await self.connected()
        self._state, self.close_code, self._reason = _State.CLOSED, code, reason
        await self._try({"type": "websocket.close", "code": code, "reason": reason})

    async def deny(self, status: int, headers: Items, body: bytes) -> None:
        """Answer the handshake with a response; by 403 where a server cannot send one.

        Raises:
            WebSocketMisused: It has an answer already.
        """
        self._check_asked("denied")
        await self.connected()
        if "websocket.http.response" not in (self.scope.get("extensions") or {}):
            await self.close(VIOLATION)
            return
        self._state, self.close_code = _State.CLOSED, ABNORMAL
        start = {"status": status, "headers": encoded(headers)}
        await self._try({"type": "websocket.http.response.start", **start})
        await self._try({"type": "websocket.http.response.body", "body": body})

    async def _begin(self) -> None:
        if self._state is _State.ASKED:
            await self.accept()
        if self.close_code is not None:
            raise WebSocketClosed(self.close_code, self._reason)

    def _check_asked(self, what: str) -> None:
        if self._state is not _State.ASKED:
            raise WebSocketMisused(
                f"The WebSocket cannot be {what}: its handshake has an answer already."
            )

    def _end(self, message: Message) -> NoReturn:
        self._state = _State.CLOSED
        self.close_code = message.get("code") or ABNORMAL
        self._reason = message.get("reason") or ""
        raise WebSocketClosed(self.close_code, self._reason)

    async def _refuse(self, code: int, reason: str) -> NoReturn:
        await self.close(code, reason)
        raise WebSocketClosed(code, reason)

    async def _try(self, message: dict[str, Any]) -> None:
        """Send a message of the handshake or the end, unless the client has gone."""
        try:
            await self._send(message)
        except OSError:
            return


class Rate:
    """So many a second, on average; and so many at once, at least one.

    Each takes its part of a second, and those that come early take theirs in advance:
    up to a second, or as long as one needs.
    """

    __slots__ = ("_advance", "_each", "_taken_until")

    def __init__(self, limit: float) -> None:
        self._each = 1 / limit
        # As many as fit, for all that is lost by adding up fractions.
        self._advance = max(1.0, self._each) + self._each / 1_000
        self._taken_until = 0.0

    def allows(self) -> bool:
        """Take one, if there is one."""
        now = monotonic()
        begin = self._taken_until
        if begin < now:  # faster than max()
            begin = now
        until = begin + self._each
        if until - now > self._advance:
            return False
        self._taken_until = until
        return True
