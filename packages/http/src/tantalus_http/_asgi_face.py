"""A WSGI application as one of ASGI, for servers of ASGI to call."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import Any, TypeVar
from wsgiref.types import WSGIApplication

from werkzeug.exceptions import (
    ClientDisconnected,
    HTTPException,
    ServiceUnavailable,
)

from ._asgi_types import ASGIReceive, ASGIScope, ASGISend
from ._bridge import answer_by_wsgi
from ._pages import error_page
from ._received import READ_AHEAD, ReceivedBody, read_ahead
from ._request import Request
from ._response import Response
from ._scope import environ_of

T = TypeVar("T")

#: Seconds until a client is to try again, if a program is too busy.
RETRY_AFTER = 1
_POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1


class WSGIFace:
    """A WSGI application as servers of ASGI 3 see it: they call `WSGIFace(app)`.

    Requests are answered by the application, each in a thread of `run()`; WebSockets
    are refused. A subclass may use other threads, refuse requests, answer some in
    another way, and act when a server starts and stops.
    """

    #: Bytes of a body that are waited for before a thread is taken.
    body_read_ahead: int = READ_AHEAD

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    async def __call__(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        """Answer a request, or a server's start and stop (ASGI 3).

        Raises:
            ValueError: The scope is of a type that nobody here knows.
        """
        kind = scope["type"]
        if kind == "http":
            await self.answer_request(scope, receive, send)
        elif kind == "lifespan":
            await self._answer_lifespan(receive, send)
        elif kind == "websocket":
            await self.answer_websocket(scope, receive, send)
        else:
            raise ValueError(
                f"A scope of type {kind!r} is none that this app answers: it answers"
                " 'http' and 'lifespan', and refuses 'websocket'."
            )

    async def answer_request(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        """Answer a request, in a thread."""
        body = await self.body_of(scope, receive, send)
        if body is not None:
            await self.answer_in_thread(scope, body, receive, send)

    async def answer_websocket(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        """Refuse a WebSocket, which WSGI does not have."""
        await receive()
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    async def body_of(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> ReceivedBody | None:
        """Return the body of a request, which is there if it is small.

        Returns:
            None if the client has gone before, and has been told 400.
        """
        try:
            return await read_ahead(receive, self.body_read_ahead, scope=scope)
        except ClientDisconnected as error:
            # It may have stopped to send, and still hear.
            await _refuse(error, scope, receive, send)
            return None

    async def answer_in_thread(
        self,
        scope: ASGIScope,
        body: ReceivedBody | None,
        receive: ASGIReceive,
        send: ASGISend,
    ) -> None:
        """Answer a request in a thread, unless it is refused.

        Args:
            body: None if it has none.
        """
        if self.refuses(scope):
            busy = ServiceUnavailable(retry_after=RETRY_AFTER)
            await _refuse(busy, scope, receive, send)
            return
        environ = environ_of(scope, body)
        await answer_by_wsgi(self.app, environ, receive, send, self.run)

    async def run(self, call: Callable[[], T]) -> T:
        """Return what a call returns that is made in a thread."""
        return await to_thread(call)

    def refuses(self, scope: ASGIScope) -> bool:
        """Tell whether a request is answered with 503, because too many wait."""
        return False

    def start(self) -> None:
        """Do what is to be done before a server starts, in a thread of `run()`.

        An error keeps it from that.
        """

    def stop(self) -> None:
        """Do what is to be done when a server has stopped, in such a thread."""

    async def _answer_lifespan(self, receive: ASGIReceive, send: ASGISend) -> None:
        """Answer what a server says of its start and stop."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                answer = await self._started()
                await send(answer)
                if "message" in answer:
                    return
            elif message["type"] == "lifespan.shutdown":
                await self.run(self.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _started(self) -> dict[str, Any]:
        try:
            await self.run(self.start)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            return {"type": "lifespan.startup.failed", "message": text}
        return {"type": "lifespan.startup.complete"}


async def _refuse(
    error: HTTPException, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
) -> None:
    """Answer a request that does not reach the application."""
    request = Request.from_scope(scope, b"")
    page = error_page(error, request.environ, Response)
    assert page is not None  # it is one of Werkzeug's own
    await page.send_asgi(request, receive, send)
