"""Call a WSGI app as a server does, once to look at the answer or often to time it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from timing import Batch

# Long enough for the clock, short enough to fit between two disturbances.
SECONDS_OF_A_BATCH = 0.002
MOST_CALLS = 400

MakeEnviron = Callable[[], WSGIEnvironment]


@dataclass(frozen=True)
class Answer:
    """What an app answered; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Return the answer to one request."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Any:
        started.append((status, list(headers)))

    body = app(environ, start_response)
    content = b"".join(body)
    close(body)
    status, headers = started[-1]
    return Answer(
        int(status.split()[0]),
        {name.lower(): value for name, value in headers},
        content,
    )


def batch(app: WSGIApplication, make_environ: MakeEnviron) -> Batch:
    """Return a batch of requests that is about `SECONDS_OF_A_BATCH` long."""
    once = min(serve(app, [make_environ() for _ in range(5)]) / 5 for _ in range(5))
    calls = max(1, min(MOST_CALLS, int(SECONDS_OF_A_BATCH / once)))

    def run() -> float:
        # Another framework had its turn before, and the caches are full of it.
        serve(app, [make_environ() for _ in range(1 + calls // 4)])
        return serve(app, [make_environ() for _ in range(calls)]) / calls

    return run


def serve(app: WSGIApplication, environs: list[WSGIEnvironment]) -> float:
    """Answer all requests, and return the seconds of processor time that it took.

    There is no disk or network to wait for; what the clock on the wall shows besides
    is the time of other programs.

    The list is empty afterwards, so that letting go of a request is timed as well.
    """
    begin = time.process_time()
    while environs:
        body = app(environs.pop(), _start_response)
        for _ in body:
            pass
        close(body)
    return time.process_time() - begin


def left_in_cycles(app: WSGIApplication, make_environ: MakeEnviron) -> float:
    """Return how many objects one request leaves that only the collector frees."""
    requests = 20
    serve(app, [make_environ() for _ in range(5)])
    gc.collect()
    gc.disable()
    try:
        serve(app, [make_environ() for _ in range(requests)])
        return gc.collect() / requests
    finally:
        gc.enable()


def close(body: object) -> None:
    """End a body as PEP 3333 wants it."""
    end = getattr(body, "close", None)
    if end is not None:
        end()


def _write(_: bytes, /) -> object:
    return None


def _start_response(
    status: str, headers: list[tuple[str, str]], exc_info: object = None, /
) -> Callable[[bytes], object]:
    return _write
