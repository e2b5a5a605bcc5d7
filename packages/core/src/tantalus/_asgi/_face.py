"""The app as a server of ASGI sees it.

A request is answered by WSGI in one worker: the whole life of a request as `_request`
tells it. This module is loaded when a server first asks for it.
"""

from __future__ import annotations

from asyncio import get_running_loop, sleep
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

from tantalus_context import Workers, WorkersBusyError
from tantalus_http import ASGIScope, WSGIFace

from .._state._app import AppState

T = TypeVar("T")

# How long the rest of an answer that has begun waits for a worker before it asks again.
_PAUSE = 0.02


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
        config = self._app.config
        return Workers(config["WORKER_THREADS"], queue_limit=config["WORKER_QUEUE"])

    async def run(self, call: Callable[[], T]) -> T:
        """Make a call in a worker. What has begun is not refused, and waits instead."""
        loop = get_running_loop()
        while True:
            try:
                made = self.workers.run(loop, call)
            except WorkersBusyError:
                await sleep(_PAUSE)
            else:
                return await made

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
        """Refuse settings as the first request does."""
        self._app.check_settings()

    def stop(self) -> None:
        """Let the workers go home; who asks for one afterwards gets a new one."""
        workers = self.__dict__.pop("workers", None)
        if workers is not None:
            workers.stop()
