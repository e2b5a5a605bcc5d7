"""Open and save a session through our interface and Flask's, side by side.

Run: `python bench/sessions.py [seconds]`. Both get the same app, request and response
classes of Flask, in turns; the best round of each counts.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable

from flask import Flask
from flask.sessions import SecureCookieSessionInterface as FlaskInterface

from tantalus_sessions import SecureCookieSessionInterface

# Visits: short rounds, so that some fall between what else the machine does, and as
# many before each, so that it does not begin with the processor's caches full of what
# the other interface needs.
WARM_UP = 50
ROUND = 50

SMALL = {"user_id": 42}
LARGER = {
    "user_id": 42,
    "csrf_token": "0123456789abcdef0123456789abcdef01234567",
    "cart": [1, 2, 3],
    "name": "Ada",
}


def reading(app: Flask, interface: FlaskInterface, cookie: str) -> Callable[[], object]:
    """Return a request that reads one value of a signed session."""
    header = f"theme=dark; session={cookie}"

    def visit() -> object:
        request = app.request_class({**ENVIRON, "HTTP_COOKIE": header})
        response = app.response_class("")
        session = interface.open_session(app, request)
        value = session["user_id"]
        session.accessed = True
        interface.save_session(app, session, response)
        return value

    return visit


def writing(app: Flask, interface: FlaskInterface, cookie: str) -> Callable[[], object]:
    """Return a request that reads one value of a signed session and writes one."""
    header = f"theme=dark; session={cookie}"
    counter = iter(range(1_000_000_000))

    def visit() -> object:
        request = app.request_class({**ENVIRON, "HTTP_COOKIE": header})
        response = app.response_class("")
        session = interface.open_session(app, request)
        value = session["user_id"]
        session.accessed = True
        session["user_id"] = next(counter)
        interface.save_session(app, session, response)
        return value

    return visit


def neither(app: Flask, interface: FlaskInterface, cookie: str) -> Callable[[], object]:
    """Return what both do besides: making the request and the response."""
    header = f"theme=dark; session={cookie}"

    def visit() -> object:
        app.request_class({**ENVIRON, "HTTP_COOKIE": header})
        return app.response_class("")

    return visit


def microseconds(visits: list[Callable[[], object]], seconds: float) -> list[float]:
    """Return the best time of each, measured in turns for `seconds` altogether."""
    best = [float("inf")] * len(visits)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for index, visit in enumerate(visits):
            # The visits leave cycles, and are not to pay for each other's.
            gc.collect()
            for _ in range(WARM_UP):
                visit()
            started = time.perf_counter()
            for _ in range(ROUND):
                visit()
            elapsed = time.perf_counter() - started
            best[index] = min(best[index], elapsed / ROUND * 1e6)
    return best


ENVIRON = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "wsgi.url_scheme": "http",
}


def main() -> None:
    """Print a table of microseconds, without what both do besides."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    app = Flask("bench")
    app.secret_key = "a secret key of the bench"
    interfaces = (FlaskInterface(), SecureCookieSessionInterface())
    gc.freeze()
    gc.disable()
    print(f"{'open + save':20}{'Flask':>10}{'Tantalus':>10}{'ratio':>8}")
    with app.app_context():
        for size, payload in (("small", SMALL), ("larger", LARGER)):
            cookie = str(interfaces[0].get_signing_serializer(app).dumps(payload))
            for make in (reading, writing):
                visits = [make(app, interface, cookie) for interface in interfaces]
                theirs, ours, besides = microseconds(
                    [*visits, neither(app, interfaces[1], cookie)], seconds / 4
                )
                theirs, ours = theirs - besides, ours - besides
                name = f"{make.__name__}, {size}"
                print(f"{name:20}{theirs:8.1f}µs{ours:8.1f}µs{theirs / ours:7.1f}")


if __name__ == "__main__":
    main()
