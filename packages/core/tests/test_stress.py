"""Many users at once: nobody ever sees what belongs to another.

`TANTALUS_STRESS=20000` sets the requests of each thread; by default there are few.
"""

from __future__ import annotations

import gc
import os
import random
import re
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from tantalus import App, Blueprint, Response, g, request, session, stream_with_context
from tantalus.ctx import AppContext
from tantalus.globals import _cv_app
from tantalus_context import active_contexts

THREADS = 8
REQUESTS = int(os.environ.get("TANTALUS_STRESS", "300"))
USER = re.compile(r"u\d+x\d+")
FATES = ["closed", "dropped here", "left to another thread"]
KINDS = ["page", "stream", "dropped", "broken", "broken-stream", "hook", "missing"]


@dataclass
class Tally:
    """What one thread counted; added up at the end, so that no lock is needed."""

    seen: Counter[str] = field(default_factory=Counter)
    mixed_up: list[str] = field(default_factory=list)

    def check(self, what: str, value: object, expected: object) -> None:
        self.seen[what] += 1
        if value != expected:
            self.mixed_up.append(f"{what}: {value!r} instead of {expected!r}")


class Broken(Exception):
    """What the handlers of the app under test fail with."""


class Users:
    """The app under test: whatever it sees is compared with the user in the query."""

    def __init__(self, local: threading.local) -> None:
        self.local = local

    @property
    def tally(self) -> Tally:
        tally: Tally = self.local.tally
        return tally

    def check(self, stage: str) -> None:
        """Compare everything that belongs to a request with its user."""
        user = request.args["user"]
        assert request.view_args is not None
        self.tally.check(f"{stage}: g", g.user, user)
        self.tally.check(f"{stage}: path", request.path.split("/")[1], user)
        self.tally.check(f"{stage}: argument", request.view_args["user"], user)
        self.tally.check(f"{stage}: session", session["user"], user)

    def before(self) -> None:
        self.tally.seen["requests"] += 1
        self.tally.check("begin: g", list(g), [])
        g.user = request.args["user"]
        session["visits"] = 1
        self.check("begin")
        if request.path.endswith("/hook"):
            raise Broken

    def view(self, user: str, kind: str) -> Any:
        self.check("view")
        if kind == "broken":
            raise Broken
        if kind in {"stream", "dropped", "broken-stream"}:
            return Response(stream_with_context(self.pieces(kind)))
        return f"hello, {user}"

    def pieces(self, kind: str) -> Iterator[str]:
        for number in range(4):
            self.check("stream")
            if kind == "broken-stream" and number == 2:
                raise Broken
            yield f"{g.user} "

    def sorry(self, error: Broken) -> tuple[str, int]:
        self.check("handler")
        if request.args["luck"] == "none":
            raise ZeroDivisionError
        return f"sorry, {g.user}", 418

    def after(self, response: Response) -> Response:
        self.check("after")
        return response

    def teardown(self, error: BaseException | None) -> None:
        self.check("teardown")
        self.tally.seen["teardowns"] += 1

    def teardown_app(self, error: BaseException | None) -> None:
        self.tally.seen["app teardowns"] += 1


def make_app(local: threading.local) -> App:
    app = App("stress")
    app.config["SECRET_KEY"] = "a key that is long enough"
    app.logger.disabled = True
    under_test = Users(local)
    users = Blueprint("users", "tests", url_prefix="/<user>")
    users.before_request(under_test.before)
    users.after_request(under_test.after)
    users.teardown_request(under_test.teardown)
    users.register_error_handler(Broken, under_test.sorry)
    users.add_url_rule("/<kind>", "view", under_test.view)
    app.teardown_appcontext(under_test.teardown_app)
    app.register_blueprint(users)
    return app


class Worker:
    """One thread of a server, which serves the users of its own, one after another."""

    def __init__(
        self, number: int, app: App, local: threading.local, left: deque[Any]
    ) -> None:
        self.number, self.app, self.local, self.left = number, app, local, left
        self.tally = Tally()
        self.random = random.Random(number)
        interface: Any = app.session_interface
        self.serializer = interface.get_signing_serializer(app)

    def run(self) -> Tally:
        self.local.tally = self.tally
        for index in range(REQUESTS):
            self.ask(f"u{self.number}x{index}")
        return self.tally

    def ask(self, user: str) -> None:
        kind = self.random.choice(KINDS)
        luck = self.random.choice(["some", "none"])
        path = f"/{user}/{kind}" if kind != "missing" else "/"
        environ = environ_of(path, f"user={user}&luck={luck}", self.cookie_of(user))
        self.tally.seen[kind] += 1
        self.tally.seen["asked"] += 1
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: Any, *exc_info: Any) -> Any:
            started.append((status, headers))

        self.read(kind, user, self.app(environ, start_response))
        self.left_behind("after the request")
        for name, value in started[0][1]:
            if name == "Set-Cookie":
                self.tally.seen["cookies"] += 1
                self.belongs(user, self.session_in(value))

    def read(self, kind: str, user: str, body: Any) -> None:
        """Read a body to its end and close it, or give it up half-way."""
        pieces = iter(body)
        try:
            if kind == "dropped":
                for _ in range(self.random.randrange(4)):
                    self.belongs(user, next(pieces).decode())
                    self.left_behind("between pieces")
            elif kind != "missing":
                self.belongs(user, b"".join(pieces).decode())
        except Broken:
            self.tally.seen["broken off"] += 1
        del pieces
        self.finish(body, self.random.choice(FATES) if kind == "dropped" else "closed")

    def finish(self, body: Any, fate: str) -> None:
        """Close a body as servers do, or leave that to the collector of any thread."""
        self.tally.seen[fate] += 1
        if fate == "closed":
            getattr(body, "close", lambda: None)()
        elif fate == "left to another thread":
            self.left.append(body)
            if len(self.left) > THREADS:
                self.left.popleft()

    def belongs(self, user: str, text: str) -> None:
        """Check that a user whom a text names, if any, is the one who asked."""
        self.tally.check("answer", set(USER.findall(text)) - {user}, set())

    def cookie_of(self, user: str) -> str:
        return f"session={self.serializer.dumps({'user': user})}"

    def session_in(self, cookie: str) -> str:
        value = cookie.split(";")[0].removeprefix("session=")
        return str(self.serializer.loads(value)["user"])

    def left_behind(self, when: str) -> None:
        if _cv_app.get(None) is not None:
            self.tally.mixed_up.append(f"a context is current {when}")


def environ_of(path: str, query: str, cookie: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": cookie,
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def test_no_request_sees_another_and_none_leaves_a_context(
    quick_switches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AppContext, "record_pushes", True)
    local = threading.local()
    app = make_app(local)
    left: deque[Any] = deque()
    workers = [Worker(number, app, local, left) for number in range(THREADS)]

    with ThreadPoolExecutor(THREADS) as pool:
        tallies = list(pool.map(Worker.run, workers))

    local.tally = Tally()
    tallies.append(local.tally)
    left.clear()
    gc.collect()
    total: Counter[str] = sum((tally.seen for tally in tallies), Counter())
    report(total)
    assert [line for tally in tallies for line in tally.mixed_up] == []
    assert active_contexts() == []
    assert total["asked"] == THREADS * REQUESTS
    assert total["requests"] == total["asked"] - total["missing"]
    assert total["teardowns"] == total["requests"]
    assert total["app teardowns"] == total["asked"]
    assert min(total[name] for name in (*KINDS, *FATES)) > 0


def report(total: Counter[str]) -> None:
    """Write the counts; shown by `pytest -s`."""
    checks = sum(count for name, count in total.items() if ": " in name)
    print(  # noqa: T201 - the report that the full run is made for
        f"\n{THREADS} threads x {REQUESTS} requests = {total['asked']}:"
        f" {checks} values and {total['answer']} answers compared,"
        f" {len(active_contexts())} contexts left behind,"
        f" {total['app teardowns']} teardowns, {total['cookies']} sessions saved; "
        + ", ".join(f"{total[name]} {name}" for name in (*KINDS, *FATES))
    )
