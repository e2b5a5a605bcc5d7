"""Open and save a session through our interface and Flask's, side by side.

Run: `python bench/sessions.py [seconds]`. Both get the same app, request and response
classes, in turns, first of Tantalus and then of Flask, which does not count the changes
of its settings; the best round of each counts. A user comes back with the same cookie,
or each request is another user's.

Then the same for ASGI: our middleware and Starlette's before one bare application, with
cookies, and ours with stores.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Callable
from itertools import cycle, product
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface as FlaskInterface
from starlette.middleware.sessions import SessionMiddleware as StarlettesMiddleware

import tantalus
from tantalus_sessions import (
    ASGISessionMiddleware,
    AsyncSessionStore,
    MemoryStore,
    SecureCookieSessionInterface,
    StoredSession,
)

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


KEY = "a secret key of the bench"
PATHS = ("/read", "/write")
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
    app.secret_key = KEY
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


class AwaitedStore:
    """A store in memory that is awaited, and never waits."""

    def __init__(self) -> None:
        self._store = MemoryStore()

    async def read(self, id: str, /) -> StoredSession | None:
        """Return what the store returns."""
        return self._store.read(id)

    async def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Return what the store returns."""
        return self._store.write(session, expected=expected)

    async def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Return what the store returns."""
        return self._store.delete(id, expected=expected)

    async def list_user(self, user: str, /) -> list[StoredSession]:
        """Return what the store returns."""
        return self._store.list_user(user)


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """Read a value, and write one where that is asked for."""
    session = scope["session"]
    session.get("user_id")
    if scope["path"] == "/write":
        session["user_id"] = scope["number"]
    # New ones each time: Starlette adds its headers to what it is given.
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Visitor:
    """Makes requests to an ASGI application, with the cookie that it was given."""

    def __init__(self, app: Any, path: str) -> None:
        self._app = app
        self._path = path
        self._cookie = b""
        self._number = 0
        asyncio.run(self.visits("/write", 1))

    async def visits(self, path: str, number: int) -> float:
        """Return the seconds that so many requests take, one after the other."""
        scopes = [self._scope(path, self._number + n) for n in range(number)]
        self._number += number
        started = time.perf_counter()
        for scope in scopes:
            await self._app(scope, None, self._send)
        return time.perf_counter() - started

    def round(self) -> float:
        """Return microseconds a request, after some to warm up."""

        async def measure() -> float:
            await self.visits(self._path, WARM_UP)
            return await self.visits(self._path, ROUND)

        return asyncio.run(measure()) / ROUND * 1e6

    def _scope(self, path: str, number: int) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "http",
            "path": path,
            "headers": [(b"host", b"localhost"), (b"cookie", self._cookie)],
            "number": number,
        }

    async def _send(self, message: Any) -> None:
        for name, value in message.get("headers", ()):
            if name == b"set-cookie":
                self._cookie = b"theme=dark; " + value.partition(b";")[0]


def compare_middleware(seconds: float) -> None:
    """Print a table of microseconds of whole requests to one bare application."""
    awaited: AsyncSessionStore = AwaitedStore()
    apps: dict[str, Any] = {
        "Starlette's, signed cookie": StarlettesMiddleware(bare, KEY),
        "ours, signed cookie": ASGISessionMiddleware(bare, secret_key=KEY),
        "ours, awaited store": ASGISessionMiddleware(bare, store=awaited),
        "ours, store in a thread": ASGISessionMiddleware(bare, store=MemoryStore()),
    }
    print(f"{'ASGI middleware, whole request':34}{'read':>9}{'written':>10}")
    best = {(name, path): float("inf") for name in apps for path in PATHS}
    visitors = {key: Visitor(apps[key[0]], key[1]) for key in best}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, visitor in visitors.items():
            gc.collect()
            best[key] = min(best[key], visitor.round())
    for name in apps:
        read, written = (best[name, path] for path in PATHS)
        print(f"{name:34}{read:7.1f}µs{written:8.1f}µs")


def main() -> None:
    """Print a table for each app, and one of middleware."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    apps: list[Any] = [tantalus.Flask("bench"), Flask("bench")]
    gc.freeze()
    gc.disable()
    for app in apps:
        with app.app_context():
            compare(app, seconds / 16)
    compare_middleware(seconds / 4)


PAYLOADS: dict[str, dict[str, object]] = {"small": SMALL, "larger": LARGER}
MAKE = (reading, writing)

if __name__ == "__main__":
    main()
