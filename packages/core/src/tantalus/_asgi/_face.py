"""The app as a server of ASGI sees it.

A request lives on the event loop (`_walk`) or in a worker, where it is answered by WSGI
as `_request` tells it. What decides is told by `_lives`. This module is loaded when a
server first asks for it.
"""

from __future__ import annotations

from asyncio import CancelledError, Future, get_running_loop, sleep
from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import cached_property
from typing import Any, TypeVar
from weakref import finalize
from wsgiref.types import StartResponse, WSGIEnvironment

from tantalus_context import OtherSide, Workers, WorkersBusyError, inside
from tantalus_http import ASGIReceive, ASGIScope, ASGISend, ReceivedBody, WSGIFace

from .._live._running import start_lifespan, stop_lifespan
from .._request._begin import check_numbers
from .._state._app import AppState
from ..wrappers import Request
from ._context import LoopContext
from ._guard import Guard
from ._lives import Lives
from ._walk import respond
from ._websockets import converse, made_websocket

T = TypeVar("T")

# How long the rest of an answer that has begun waits for a worker before it asks again.
_PAUSE = 0.02
_OF_BODIES = frozenset({b"content-length", b"transfer-encoding"})


class Face(WSGIFace):
    """An app as an ASGI application, with workers of its own.

    Args:
        app: What holds the settings.
        answer: The app as a WSGI application, with all that wraps it.
    """

    def __init__(
        self,
        app: AppState,
        answer: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]],
    ) -> None:
        super().__init__(answer)
        self._app = app

    @property
    def body_read_ahead(self) -> int:  # type: ignore[override]  # an attribute there
        """The setting `BODY_READ_AHEAD`."""
        limit: int = self._app.config["BODY_READ_AHEAD"]
        return limit

    @cached_property
    def workers(self) -> Workers:
        """The threads that requests run in; the settings are read at first use."""
        check_numbers(self._app)
        config = self._app.config
        return Workers(config["WORKER_THREADS"], queue_limit=config["WORKER_QUEUE"])

    @cached_property
    def lives(self) -> Lives:
        """Where the functions of the app run; found out from the first request on."""
        return Lives(self._app)

    @cached_property
    def guard(self) -> Guard:
        """What tells of lines that keep the loop waiting, in debug mode."""
        app = self._app
        guard = Guard(app.config["LOOP_GUARD"], app.logger.warning, app.root_path)
        # Its thread keeps it alive, and must not do so for the app.
        finalize(self, guard.stop)
        return guard

    async def answer_request(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        """Answer a request on the loop, or in a worker."""
        headers = dict(scope["headers"])
        if b"host" not in headers:  # perhaps they are not spelled as ASGI has them
            headers = {name.lower(): value for name, value in scope["headers"]}
        body = None
        version = scope.get("http_version", "1.1")
        # HTTP/1 announces each body by a header; later versions need not.
        if not _OF_BODIES.isdisjoint(headers) or version[:1] not in "01":
            body = await self.body_of(scope, receive, send)
            if body is None:
                return
        ctx = self._context_on_loop(scope, headers, body)
        if ctx is None:
            await self.answer_in_thread(scope, body, receive, send)
            return
        ctx.receive = receive
        runs: Any = copy_context()
        ctx.variables = runs
        app = self._app
        if app.config["DEBUG"] and app.config["LOOP_GUARD"] is not None:
            runs = self.guard.over(runs, f"{scope['method']} {scope['path']!a}")
        try:
            answer = await inside(runs, respond, ctx)
        except CancelledError:
            if not ctx.is_gone:
                raise  # by the server
            return
        del ctx  # not to be kept as long as the answer is sent
        await answer.send(receive, send, self.run)

    async def answer_websocket(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        """Run the view of a WebSocket, if all that it needs can be awaited."""
        app, steps = self._app, self._app.steps
        if steps.replaced:
            app.logger.error(
                "The WebSocket %s was refused: %s of the app was replaced, which is not"
                " called there. Use hooks instead.",
                scope["path"],
                ", ".join(sorted(steps.replaced)),
            )
            await super().answer_websocket(scope, receive, send)
            return
        request_class: Any = steps.request_class
        request = request_class.from_scope(scope, b"")
        request.json_module = app.json
        ctx = LoopContext(app, None, request)
        ctx.face, ctx.body, ctx.receive = self, None, receive
        headers = dict(scope["headers"])
        if b"host" not in headers:
            headers = {name.lower(): value for name, value in scope["headers"]}
        ctx.has_cookies = b"cookie" in headers or request_class is not Request
        ctx.variables = copy_context()
        websocket = made_websocket(ctx, scope, receive, send)
        await inside(ctx.variables, converse, ctx, websocket, headers)

    def _context_on_loop(
        self, scope: ASGIScope, headers: dict[bytes, bytes], body: ReceivedBody | None
    ) -> LoopContext | None:
        """Return the context of a request that lives on the loop, else None."""
        app = self._app
        lives = self.lives
        if not lives.may_be_on_loop():
            return None
        request_class: Any = app.steps.request_class
        request = request_class.from_scope(scope, b"" if body is None else body)
        request.json_module = app.json
        ctx = LoopContext(app, None, request)
        ctx.face, ctx.body = self, body
        ctx.has_cookies = b"cookie" in headers or request_class is not Request
        try:
            ctx.match(headers)
        except Exception:
            return None  # a worker comes to the same, and tells of it
        return ctx if lives.is_on_loop(request.url_rule) else None

    async def run(self, call: Callable[[], T]) -> T:
        """Make a call in a worker. What has begun is not refused, and waits instead."""
        return await (await self.begin(call))

    async def begin(
        self, call: Callable[[], T], side: OtherSide | None = None
    ) -> Future[T]:
        """Return the future of a call in a worker, once there is one for it.

        Args:
            side: For calls that share their context variables.
        """
        loop = get_running_loop()
        while True:
            try:
                return self.workers.run(loop, call, side)
            except WorkersBusyError:
                await sleep(_PAUSE)

    def later(self, call: Callable[[], object]) -> None:
        """Have a worker make a call that nobody waits for; its error is logged."""
        loop = get_running_loop()

        def make() -> None:
            try:
                call()
            except Exception:
                self._app.logger.exception("The teardown of a request failed")

        task = loop.create_task(self.run(make))
        self._kept.add(task)
        task.add_done_callback(self._kept.discard)

    @cached_property
    def _kept(self) -> set[Future[None]]:
        """Work that nobody waits for, which would be forgotten otherwise."""
        return set()

    def refuses(self, scope: ASGIScope) -> bool:
        """Tell whether all workers are busy and the queue is full; then log it."""
        workers = self.workers
        if workers.busy + workers.queued < workers.limit + workers.queue_limit:
            return False
        self._app.logger.warning(
            "%s %s was refused with 503: all WORKER_THREADS are busy and WORKER_QUEUE"
            " requests wait.",
            scope["method"],
            scope["path"],
        )
        return True

    def start(self) -> None:
        """Refuse settings as the first request does, and open what the app opens."""
        self._app.check_settings()
        start_lifespan(self._app)

    def stop(self) -> None:
        """Close what the app has opened, and let all threads go home.

        Who asks for one afterwards gets a new one.
        """
        stop_lifespan(self._app)
        for name in ("workers", "guard"):
            made = self.__dict__.pop(name, None)
            if made is not None:
                made.stop()
