"""What a page costs through an app, from the request to the last byte, beside Flask.

Both apps have the same templates, views and requests in one process, and take turns;
each figure is the best of the rounds.

    python bench/rendering.py [rounds]
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from timeit import timeit
from types import ModuleType
from wsgiref.types import WSGIApplication

import flask
from jinja2 import DictLoader

import tantalus
from templating import PAGES, VARIABLES

ENVIRON = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "QUERY_STRING": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
PATHS = {
    "small page": "/small",
    "inheritance, 100 rows": "/rows",
    "the same as a stream": "/stream",
}


def make_app(package: ModuleType, kind: str) -> WSGIApplication:
    """Return an app of `package` that renders the pages of `bench/templating.py`."""
    app = getattr(package, kind)("bench")
    app.jinja_env.loader = DictLoader(PAGES)
    views = {
        "small": lambda: package.render_template("small.html", **VARIABLES),
        "rows": lambda: package.render_template("rows.html", **VARIABLES),
        "stream": lambda: package.stream_template("rows.html", **VARIABLES),
    }
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, view)
    made: WSGIApplication = app
    return made


def visit(app: WSGIApplication, path: str) -> Callable[[], bytes]:
    """Return a function that asks `app` once, as a server does, for the body."""

    def ask() -> bytes:
        environ = {**ENVIRON, "PATH_INFO": path, "wsgi.input": io.BytesIO()}
        pieces = app(environ, lambda status, headers, exc_info=None: io.BytesIO().write)
        try:
            return b"".join(pieces)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    return ask


def microseconds(call: Callable[[], object]) -> float:
    number = max(1, int(0.02 / timeit(call, number=1)))
    return timeit(call, number=number) / number * 1e6


def best(calls: list[Callable[[], bytes]], rounds: int) -> list[float]:
    """Return the least time of each call, all of which take turns."""
    assert len({call() for call in calls}) == 1, "The bodies differ."
    figures = [float("inf")] * len(calls)
    for _ in range(rounds):
        for place, call in enumerate(calls):
            figures[place] = min(figures[place], microseconds(call))
    return figures


def main(rounds: int = 15) -> None:
    apps = [make_app(tantalus, "App"), make_app(flask, "Flask")]
    print(f"{'us per request':24}{'ours':>9}{'Flask':>9}{'x Flask':>9}")
    for name, path in PATHS.items():
        own, theirs = best([visit(app, path) for app in apps], rounds)
        print(f"{name:24}{own:9.1f}{theirs:9.1f}{theirs / own:9.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
