"""What a request costs that has something to do at its end, beside one that has not.

One app for each row, in one process; they take turns, and each figure is the best of
the rounds. The body is iterated and closed, as servers do.

    python bench/ending.py [rounds]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import process_time
from typing import Any

from werkzeug.test import create_environ

from tantalus import App, Response, after_response
from timing import Batch, interleaved

CALLS = 400


class Watcher:
    """An observer that does nothing."""

    def started(self, ctx: Any) -> None:
        """Be told of the begin."""

    def finished(self, ctx: Any, token: Any, response: Any, error: Any) -> None:
        """Be told of the answer."""

    def sent(self, ctx: Any, token: Any) -> None:
        """Be told of the end."""


def nothing() -> None:
    """Do nothing."""


def plain() -> Response:
    return Response("hello")


def closing() -> Response:
    response = Response("hello")
    response.call_on_close(nothing)
    return response


def afterwards() -> Response:
    after_response(nothing)
    return Response("hello")


def make_app(view: Callable[[], Response], observers: int = 0) -> App:
    """Return an app with one view."""
    app = App("ending")
    for _ in range(observers):
        app.observe(Watcher())
    app.get("/")(view)
    return app


def batch_of(app: App) -> Batch:
    """Return what answers some requests, and tells how long one took."""
    environ = create_environ("/", "http://localhost/")

    def run() -> float:
        environs = [dict(environ) for _ in range(CALLS)]
        begin = process_time()
        for one in environs:
            body: Any = app(one, lambda *_: nothing)  # type: ignore[arg-type,return-value]  # drops it
            for _ in body:
                pass
            close = getattr(body, "close", None)
            if close is not None:
                close()
        return (process_time() - begin) / CALLS

    return run


APPS = {
    "nothing": make_app(plain),
    "call_on_close": make_app(closing),
    "after_response": make_app(afterwards),
    "one observer": make_app(plain, 1),
    "two observers": make_app(plain, 2),
}


def main() -> int:
    """Print a line for each."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    figures = interleaved({name: batch_of(app) for name, app in APPS.items()}, rounds)
    base = figures["nothing"].best
    for name, figure in figures.items():
        more = (figure.best - base) * 1e6
        print(
            f"{name:16} {figure.best * 1e6:6.2f} us {more:+6.2f}"
            f"  (noise {figure.noise:.0%})"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
