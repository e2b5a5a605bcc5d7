"""Open and save a session through our interface and Flask's, side by side.

Run: `python bench/sessions.py [seconds]`. Both get the same app, request and response
classes, in turns, first of Tantalus and then of Flask, which does not count the changes
of its settings; the best round of each counts. A user comes back with the same cookie,
or each request is another user's.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from itertools import cycle, product
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface as FlaskInterface

import tantalus
from tantalus_sessions import SecureCookieSessionInterface

# Visits: short rounds, so that some fall between what else the machine does, and as
# many before each, so that it does not begin with the processor's caches full of what
# the other interface needs.
WARM_UP = 50
ROUND = 50
# More than a signer remembers.
USERS = 1_000

SMALL: dict[str, object] = {}
LARGER: dict[str, object] = {
    "csrf_token": "0123456789abcdef0123456789abcdef01234567",
    "cart": [1, 2, 3],
    "name": "Ada",
}


def reading(
    app: Flask, interface: FlaskInterface, cookies: list[str]
) -> Callable[[], object]:
    """Return a request that reads one value of a signed session."""
    headers = cycle(f"theme=dark; session={cookie}" for cookie in cookies)

    def visit() -> object:
        request = app.request_class({**ENVIRON, "HTTP_COOKIE": next(headers)})
        response = app.response_class("")
        session = interface.open_session(app, request)
        value = session["user_id"]
        session.accessed = True
        interface.save_session(app, session, response)
        return value

    return visit


def writing(
    app: Flask, interface: FlaskInterface, cookies: list[str]
) -> Callable[[], object]:
    """Return a request that reads one value of a signed session and writes one."""
    headers = cycle(f"theme=dark; session={cookie}" for cookie in cookies)
    counter = iter(range(1_000_000_000))

    def visit() -> object:
        request = app.request_class({**ENVIRON, "HTTP_COOKIE": next(headers)})
        response = app.response_class("")
        session = interface.open_session(app, request)
        value = session["user_id"]
        session.accessed = True
        session["user_id"] = next(counter)
        interface.save_session(app, session, response)
        return value

    return visit


def neither(
    app: Flask, interface: FlaskInterface, cookies: list[str]
) -> Callable[[], object]:
    """Return what both do besides: making the request and the response."""
    headers = cycle(f"theme=dark; session={cookie}" for cookie in cookies)

    def visit() -> object:
        app.request_class({**ENVIRON, "HTTP_COOKIE": next(headers)})
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


def cookies_of(app: Flask, payload: dict[str, object], users: int) -> list[str]:
    """Return the cookies of so many users, who differ in their ids."""
    sign = FlaskInterface().get_signing_serializer(app).dumps
    return [str(sign({**payload, "user_id": 42 + user})) for user in range(users)]


def compare(app: Flask, seconds: float) -> None:
    """Print a table of microseconds, without what both do besides."""
    app.secret_key = "a secret key of the bench"
    interfaces = (FlaskInterface(), SecureCookieSessionInterface())
    module = type(app).__module__.partition(".")[0]
    print(
        f"{'open + save, app of ' + module:34}{'Flask':>9}{'Tantalus':>10}{'ratio':>7}"
    )
    for (size, payload), make, users in product(PAYLOADS.items(), MAKE, (1, USERS)):
        cookies = cookies_of(app, payload, users)
        visits = [make(app, interface, cookies) for interface in interfaces]
        theirs, ours, besides = microseconds(
            [*visits, neither(app, interfaces[1], cookies)], seconds
        )
        theirs, ours = theirs - besides, ours - besides
        who = "another user" if users > 1 else "the same user"
        name = f"{make.__name__}, {size}, {who}"
        print(f"{name:34}{theirs:7.1f}µs{ours:8.1f}µs{theirs / ours:7.1f}")


def main() -> None:
    """Print a table for each app."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    apps: list[Any] = [tantalus.Flask("bench"), Flask("bench")]
    gc.freeze()
    gc.disable()
    for app in apps:
        with app.app_context():
            compare(app, seconds / 16)


PAYLOADS: dict[str, dict[str, object]] = {"small": SMALL, "larger": LARGER}
MAKE = (reading, writing)

if __name__ == "__main__":
    main()
