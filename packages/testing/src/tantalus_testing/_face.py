"""An ASGI app as the synchronous client calls it: on a loop in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from wsgiref.types import WSGIEnvironment

from werkzeug.test import TestResponse

from ._exchange import Exchange
from ._living import Living
from ._loop import THREAD
from ._scope import ASGIApplication, Parts, Scope, handshake_of, scope_of
from ._websocket import AsyncWebSocket, Denial, WebSocket, WebSocketDenied


class Face:
    """What a client asks of an ASGI app."""

    def __init__(self, app: ASGIApplication) -> None:
        self._app = app
        self._living: Living | None = None
        self._streams: set[Stream] = set()

    def ask(self, environ: WSGIEnvironment, *, buffered: bool) -> Parts:
        """Return the parts of an answer, which are still to come if it is a stream."""
        scope = scope_of(environ, self._state())
        body: bytes = environ["wsgi.input"].read()
        exchange, parts = THREAD.run(begin(self._app, scope, body, buffered=buffered))
        if parts is not None:
            return parts, exchange.status, exchange.headers
        stream = Stream(exchange, self._streams)
        return stream, exchange.status, exchange.headers

    def connect(
        self,
        environ: WSGIEnvironment,
        protocols: list[str],
        respond: Callable[[Parts], TestResponse],
    ) -> WebSocket:
        """Return a WebSocket that the app has accepted.

        Raises:
            WebSocketDenied: It was refused, with the response made by `respond`.
        """
        scope = handshake_of(environ, self._state(), protocols)
        try:
            return WebSocket(THREAD.run(connected(self._app, scope)))
        except Denial as denial:
            raise WebSocketDenied(respond(denial.parts)) from None

    def start(self) -> None:
        """Start the lifespan of the app."""
        living = THREAD.run(started(self._app))
        self._living = living

    def stop(self) -> None:
        """Stop the lifespan of the app, if it runs, and leave its streams."""
        for stream in list(self._streams):
            stream.close()
        living, self._living = self._living, None
        if living is not None:
            THREAD.run(living.stop())

    def _state(self) -> dict[str, object] | None:
        return None if self._living is None else self._living.state


async def begin(
    app: ASGIApplication, scope: Scope, body: bytes, *, buffered: bool
) -> tuple[Exchange, list[bytes] | None]:
    """Return an exchange that has begun, and all parts, if they are there already."""
    exchange = Exchange(app, scope, body)
    await exchange.begin()
    if buffered or exchange.complete:
        return exchange, await exchange.read()
    return exchange, None


async def started(app: ASGIApplication) -> Living:
    """Return the lifespan of an app that has started."""
    living = Living(app)
    await living.start()
    return living


async def connected(app: ASGIApplication, scope: Scope) -> AsyncWebSocket:
    """Return a WebSocket that an app has accepted."""
    socket = AsyncWebSocket(app, scope)
    await socket.connect()
    return socket


class Stream:
    """The parts of an answer, each made when it is asked for."""

    def __init__(self, exchange: Exchange, streams: set[Stream]) -> None:
        self._exchange = exchange
        self._streams = streams
        streams.add(self)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        part = THREAD.run(self._exchange.next_part())
        if part is None:
            self._streams.discard(self)
            raise StopIteration
        return part

    def close(self) -> None:
        """Leave, as a client does that has seen enough."""
        self._streams.discard(self)
        THREAD.run(self._exchange.leave())
