"""WebSockets of an ASGI app, from the side of the client."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self, TypeAlias

from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from ._errors import ASGIMessageError, TestingError, UnansweredError
from ._exchange import end, headers_of, status_of
from ._loop import THREAD
from ._scope import DENIAL, ASGIApplication, Message, Scope

# What JSON holds is the business of the test.
JSONValue: TypeAlias = Any
_NORMAL = 1000
_ABNORMAL = 1006


class WebSocketClosed(TestingError, ConnectionError):
    """The WebSocket is closed; `code` and `reason` say how."""

    def __init__(self, code: int, reason: str = "") -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"The WebSocket was closed with {code}. {reason}".rstrip())


class WebSocketDenied(TestingError, ConnectionError):
    """The app refused a WebSocket; `response` is what the client gets instead."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        super().__init__(
            f"{response.request.path} refused the WebSocket with {response.status}."
            " Look at the 'response' of this error."
        )


class Denial(Exception):
    """The parts of the response that an app sends in place of a WebSocket."""

    def __init__(self, status: str, headers: Headers, parts: list[bytes]) -> None:
        self.parts = (parts, status, headers)
        super().__init__(status)


class AsyncWebSocket:
    """A WebSocket that was accepted, or is going to be.

    Iterating over it gives the messages until the app closes it.

    Attributes:
        subprotocol: The one that the app has chosen, if it has.
        headers: Those with which the app has accepted.
        close_code: With which it was closed, by whomever; None while it is open.
    """

    def __init__(self, app: ASGIApplication, scope: Scope) -> None:
        self.subprotocol: str | None = None
        self.headers = Headers()
        self.close_code: int | None = None
        self._app = app
        self._scope = scope
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda task: self._from_app.put_nowait(None))

    async def connect(self) -> None:
        """Ask the app for the connection.

        Raises:
            Denial: The app refuses it.
            UnansweredError: The app ends without an answer.
        """
        self._to_app.put_nowait({"type": "websocket.connect"})
        message = await self._from_app.get()
        if message is None:
            await self._task
            raise UnansweredError(self._app, "no WebSocket was accepted or refused")
        if message["type"] == "websocket.accept":
            self.subprotocol = message.get("subprotocol")
            self.headers = headers_of(self._app, message)
            return
        self.close_code = _ABNORMAL
        if message["type"] == "websocket.close":
            await end(self._task)
            raise Denial("403 FORBIDDEN", Headers(), [])
        raise await self._denied(message)

    async def receive(self) -> str | bytes:
        """Return the next message of the app.

        Raises:
            WebSocketClosed: The app has closed the WebSocket, or ended: then with 1006.
        """
        if self.close_code is not None:
            raise WebSocketClosed(self.close_code)
        message = await self._from_app.get()
        if message is None:
            self.close_code = _ABNORMAL
            await self._task
            raise WebSocketClosed(_ABNORMAL, "The app ended without closing it.")
        if message["type"] == "websocket.close":
            self.close_code = message.get("code", _NORMAL)
            raise WebSocketClosed(self.close_code, message.get("reason") or "")
        return self._payload(message)

    async def receive_json(self) -> JSONValue:
        """Return the value of the next message, which is JSON.

        Raises:
            WebSocketClosed: As `receive()`.
        """
        return json.loads(await self.receive())

    async def send(self, message: str | bytes) -> None:
        """Send a message to the app.

        Raises:
            WebSocketClosed: The WebSocket is closed.
        """
        if self.close_code is not None:
            raise WebSocketClosed(self.close_code)
        kind = "text" if isinstance(message, str) else "bytes"
        self._to_app.put_nowait({"type": "websocket.receive", kind: message})

    async def send_json(self, value: JSONValue) -> None:
        """Send a value as JSON text."""
        await self.send(json.dumps(value))

    async def close(self, code: int = _NORMAL, reason: str = "") -> None:
        """Close the WebSocket, and raise what the app still raises.

        An app that goes on is cancelled.
        """
        if self.close_code is None:
            self.close_code = code
            message = {"type": "websocket.disconnect", "code": code, "reason": reason}
            self._to_app.put_nowait(message)
        await end(self._task)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str | bytes:
        try:
            return await self.receive()
        except WebSocketClosed:
            raise StopAsyncIteration from None

    async def _run(self) -> None:
        await self._app(self._scope, self._to_app.get, self._send)

    async def _send(self, message: Message) -> None:
        if self.close_code is not None and not message["type"].startswith(DENIAL):
            raise OSError("The WebSocket is closed.")
        self._from_app.put_nowait(message)

    def _payload(self, message: Message) -> str | bytes:
        for kind, type_ in (("text", str), ("bytes", bytes)):
            payload = message.get(kind)
            if isinstance(payload, type_) and message["type"] == "websocket.send":
                return payload
        raise ASGIMessageError(self._app, message, "a WebSocket sends text or bytes")

    async def _denied(self, start: Message) -> Denial:
        if start["type"] != f"{DENIAL}.start":
            problem = "the WebSocket is neither accepted nor refused"
            raise ASGIMessageError(self._app, start, problem)
        headers, status = headers_of(self._app, start), status_of(self._app, start)
        parts: list[bytes] = []
        more = True
        while more:
            message = await self._from_app.get()
            if message is None:
                await self._task
                raise UnansweredError(self._app, "the refusal has no end")
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        await end(self._task)
        return Denial(status, headers, parts)


class WebSocket:
    """A WebSocket for tests that do not run on a loop; see `AsyncWebSocket`."""

    def __init__(self, inner: AsyncWebSocket) -> None:
        self._inner = inner

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the app has chosen, if it has."""
        return self._inner.subprotocol

    @property
    def headers(self) -> Headers:
        """The headers with which the app has accepted."""
        return self._inner.headers

    @property
    def close_code(self) -> int | None:
        """The code with which it was closed; None while it is open."""
        return self._inner.close_code

    def receive(self) -> str | bytes:
        """Return the next message of the app.

        Raises:
            WebSocketClosed: The app has closed the WebSocket, or ended.
        """
        return THREAD.run(self._inner.receive())

    def receive_json(self) -> JSONValue:
        """Return the value of the next message, which is JSON."""
        return THREAD.run(self._inner.receive_json())

    def send(self, message: str | bytes) -> None:
        """Send a message to the app.

        Raises:
            WebSocketClosed: The WebSocket is closed.
        """
        THREAD.run(self._inner.send(message))

    def send_json(self, value: JSONValue) -> None:
        """Send a value as JSON text."""
        THREAD.run(self._inner.send_json(value))

    def close(self, code: int = _NORMAL, reason: str = "") -> None:
        """Close the WebSocket, and raise what the app still raises."""
        THREAD.run(self._inner.close(code, reason))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str | bytes:
        try:
            return self.receive()
        except WebSocketClosed:
            raise StopIteration from None
