"""WebSockets, with the client that is awaited and with the other one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from asgi_apps import LEFT, chat, living
from fakes import FakeApp
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket as StarletteSocket

from tantalus_testing import (
    ASGIMessageError,
    AsyncClient,
    Client,
    ClientClosedError,
    NoWebSocketsError,
    UnansweredError,
    WebSocketClosed,
    WebSocketDenied,
)
from tantalus_testing._scope import Receive, Scope, Send


class Waiting:
    """The client that is awaited, each call of it on a loop of the test."""

    def __init__(self, app: Any, runner: asyncio.Runner) -> None:
        self.client = AsyncClient(app)
        self.get_cookie = self.client.get_cookie
        self._runner = runner

    def websocket(self, *args: Any, **kwargs: Any) -> AbstractContextManager[Any]:
        return Block(self.client.websocket(*args, **kwargs), self._runner)


class Block:
    def __init__(self, inner: Any, runner: asyncio.Runner) -> None:
        self._inner = inner
        self._runner = runner

    def __enter__(self) -> Any:
        return Socket(self._runner.run(self._enter()), self._runner)

    def __exit__(self, *exc_info: object) -> None:
        self._runner.run(self._exit(exc_info))

    async def _enter(self) -> Any:
        return await self._inner.__aenter__()

    async def _exit(self, exc_info: tuple[object, ...]) -> None:
        await self._inner.__aexit__(*exc_info)


class Socket:
    def __init__(self, inner: Any, runner: asyncio.Runner) -> None:
        self._inner = inner
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(value):
            return value
        return lambda *args: self._runner.run(value(*args))

    def __iter__(self) -> Any:
        async def all_of_it() -> list[Any]:
            return [message async for message in self._inner]

        return iter(self._runner.run(all_of_it()))


Make = Callable[..., Any]


@pytest.fixture(params=["client", "async client"])
def make(request: pytest.FixtureRequest) -> Any:
    if request.param == "client":
        yield Client
    else:
        with asyncio.Runner() as runner:
            yield lambda app: Waiting(app, runner)


@pytest.fixture
def client(make: Make) -> Any:
    LEFT.clear()
    return make(chat)


def test_messages_go_to_and_fro(client: Any) -> None:
    with client.websocket("/echoes", subprotocols=["a", "b"]) as socket:
        socket.send("text")
        socket.send(b"bytes")
        socket.send_json({"a": 1})

        assert (socket.receive(), socket.receive()) == ("text", b"bytes")
        assert socket.receive_json() == {"a": 1}
        assert socket.subprotocol == "b"
        assert socket.headers["X-A"] == "1"
        assert socket.close_code is None
    assert socket.close_code == 1000
    assert LEFT == [{"type": "websocket.disconnect", "code": 1000, "reason": ""}]


def test_a_handshake_sets_cookies(client: Any) -> None:
    with client.websocket("/echoes") as socket:
        assert socket.subprotocol is None

    assert client.get_cookie("seen").value == "1"
    with client.websocket("/tells") as socket:
        assert socket.receive_json()["headers"]["cookie"] == "seen=1"


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("/tells", "ws"),
        ("ws://a.example/tells", "ws"),
        ("wss://a.example/tells", "wss"),
        ("https://a.example/tells", "wss"),
    ],
)
def test_a_handshake_says_where_it_goes(client: Any, url: str, scheme: str) -> None:
    with client.websocket(url, headers={"Origin": "null"}) as socket:
        told = socket.receive_json()

    assert told["scheme"] == scheme
    assert told["headers"]["origin"] == "null"
    assert told["headers"]["upgrade"] == "websocket"
    assert told["state"] is None


def test_the_client_chooses_how_it_closes(client: Any) -> None:
    with client.websocket("/echoes") as socket:
        socket.close(3001, "enough")

        with pytest.raises(WebSocketClosed, match="closed with 3001"):
            socket.send("too late")
        with pytest.raises(WebSocketClosed, match="closed with 3001"):
            socket.receive()
    assert LEFT == [{"type": "websocket.disconnect", "code": 3001, "reason": "enough"}]


def receive_all(socket: Any) -> None:
    while True:
        socket.receive()


@pytest.mark.parametrize(
    ("path", "code", "reason"),
    [
        ("/tells", 3000, "told"),
        ("/closes", 1000, ""),
        ("/ends", 1006, "The app ended without closing it."),
    ],
)
def test_the_app_closes(client: Any, path: str, code: int, reason: str) -> None:
    with client.websocket(path) as socket, pytest.raises(WebSocketClosed) as closed:
        receive_all(socket)

    assert (closed.value.code, closed.value.reason) == (code, reason)
    assert socket.close_code == code


def test_iterating_ends_where_the_app_closes(client: Any) -> None:
    with client.websocket("/tells") as socket:
        assert len(list(socket)) == 1


def test_a_refusal_is_a_response(client: Any) -> None:
    with (
        pytest.raises(
            WebSocketDenied, match=r"/denies refused .* 401 UNAUTHOR"
        ) as denied,
        client.websocket("/denies"),
    ):
        pass

    response = denied.value.response
    assert (response.status_code, response.text) == (401, "not you")
    assert response.headers["X-A"] == "1"


def test_a_refusal_without_a_response_is_a_403(client: Any) -> None:
    with pytest.raises(WebSocketDenied) as denied, client.websocket("/refuses"):
        pass

    assert denied.value.response.status_code == 403


@pytest.mark.parametrize(
    ("path", "error", "text"),
    [
        ("/silent", UnansweredError, "no WebSocket was accepted or refused"),
        ("/denies_half", UnansweredError, "the refusal has no end"),
        ("/fails", LookupError, "before the chat"),
        ("/talks_early", ASGIMessageError, "neither accepted nor refused"),
    ],
)
def test_what_an_app_does_wrong_before_it_accepts_is_told(
    client: Any, path: str, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text), client.websocket(path):
        pass


@pytest.mark.parametrize(
    ("path", "error", "text"),
    [
        ("/raises", LookupError, "in the chat"),
        ("/talks_wrong", ASGIMessageError, "sends text or bytes"),
    ],
)
def test_what_an_app_does_wrong_later_is_told(
    client: Any, path: str, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text), client.websocket(path) as socket:
        socket.receive()


def test_an_error_that_nobody_has_received_is_told_at_the_end(client: Any) -> None:
    with pytest.raises(LookupError, match="in the chat"), client.websocket("/raises"):
        pass


@pytest.mark.usefixtures("no_patience")
def test_an_app_that_goes_on_is_cancelled(client: Any) -> None:
    with client.websocket("/goes_on"):
        pass


def test_what_is_sent_after_the_client_has_left_is_an_os_error(client: Any) -> None:
    with client.websocket("/sends_late"):
        pass

    assert LEFT[0]["type"] == "websocket.disconnect"


def test_a_websocket_of_starlette_is_left(make: Make) -> None:
    async def shout(socket: StarletteSocket) -> None:
        await socket.accept()
        while True:
            await socket.send_text((await socket.receive_text()).upper())

    app = Starlette(routes=[WebSocketRoute("/", shout)])

    with make(app).websocket("/") as socket:
        socket.send("hello")

        assert socket.receive() == "HELLO"


def test_a_wsgi_app_has_no_websockets() -> None:
    with pytest.raises(NoWebSocketsError, match=r"<FakeApp> is called by WSGI"):
        Client(FakeApp()).websocket("/")


def test_a_closed_client_opens_no_websocket() -> None:
    client = Client(chat)
    client.close()

    with pytest.raises(ClientClosedError):
        client.websocket("/echoes")


def test_cookies_can_be_off() -> None:
    with Client(chat, use_cookies=False).websocket("/echoes") as socket:
        socket.send("a")

        assert next(iter(socket)) == "a"


def test_a_websocket_has_the_state_of_the_lifespan() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        part = chat if scope["type"] == "websocket" else living([])
        await part(scope, receive, send)

    with Client(app) as client, client.websocket("/tells") as socket:
        assert socket.receive_json()["state"] == {"phase": "startup"}
