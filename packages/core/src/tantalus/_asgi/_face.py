"""The app as a server of ASGI sees it.

Face
├─ http        small bodies read ahead; then the app answers by WSGI, in one worker:
│              the whole life of a request as `_request` tells it
├─ websocket   refused
└─ lifespan    the settings are checked; at the end the workers go home
"""

from __future__ import annotations

from asyncio import get_running_loop, sleep
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import ClientDisconnected, HTTPException, ServiceUnavailable

from tantalus_context import Workers, WorkersBusyError
from tantalus_http import (
    Request,
    Response,
    answer_by_wsgi,
    environ_of,
    error_page,
    read_ahead,
)

from .._state._app import AppState
from ..typing import ASGIReceive, ASGIScope, ASGISend
from ._lifespan import answer_lifespan

T = TypeVar("T")

# Seconds until a client is to try again, if all workers are busy and many wait.
RETRY_AFTER = 1
# How long the rest of an answer that has begun waits for a worker before it asks again.
_PAUSE = 0.02
_POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1


class Face:
    """An app as an ASGI application: servers tell by `__call__`, which is a coroutine.

    Args:
        app: What holds the settings.
        answer: The app as a WSGI application, with all that wraps it.
    """

    def __init__(
        self,
        app: AppState,
        answer: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]],
    ) -> None:
        self._app = app
        self._answer = answer

    @cached_property
    def workers(self) -> Workers:
        """The threads that requests run in; the settings are read at first use."""
        config = self._app.config
        return Workers(config["WORKER_THREADS"], queue_limit=config["WORKER_QUEUE"])

    async def __call__(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        """Answer a request, or a server's start and stop (ASGI 3).

        Raises:
            ValueError: The scope is of a type that nobody here knows.
        """
        kind = scope["type"]
        if kind == "http":
            await self._answer_request(scope, receive, send)
        elif kind == "lifespan":
            await answer_lifespan(self._app, self._stop, receive, send)
        elif kind == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            raise ValueError(
                f"A scope of type {kind!r} is none that this app answers: it answers"
                " 'http' and 'lifespan', and refuses 'websocket'."
            )

    async def _answer_request(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        limit = self._app.config["BODY_READ_AHEAD"]
        try:
            body = await read_ahead(receive, limit, scope=scope)
        except ClientDisconnected as error:
            # It may have stopped to send, and still hear.
            await refuse(error, scope, receive, send)
            return
        if self._is_full():
            self._app.logger.warning(
                "%s %s was refused with 503: all WORKER_THREADS are busy and"
                " WORKER_QUEUE requests wait.",
                scope["method"],
                scope["path"],
            )
            busy = ServiceUnavailable(retry_after=RETRY_AFTER)
            await refuse(busy, scope, receive, send)
            return
        environ = environ_of(scope, body)
        await answer_by_wsgi(self._answer, environ, receive, send, self._run)

    def _is_full(self) -> bool:
        workers = self.workers
        return workers.busy + workers.queued >= workers.limit + workers.queue_limit

    async def _run(self, call: Callable[[], T]) -> T:
        """Make a call in a worker. What has begun is not refused, and waits instead."""
        loop = get_running_loop()
        while True:
            try:
                made = self.workers.run(loop, call)
            except WorkersBusyError:
                await sleep(_PAUSE)
            else:
                return await made

    def _stop(self) -> None:
        """Let the workers go home; who asks for one afterwards gets a new one."""
        workers = self.__dict__.pop("workers", None)
        if workers is not None:
            workers.stop()


async def refuse(
    error: HTTPException, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
) -> None:
    """Answer a request that does not reach the app."""
    request = Request.from_scope(scope, b"")
    page = error_page(error, request.environ, Response)
    assert page is not None  # it is one of Werkzeug's own
    await page.send_asgi(request, receive, send)
