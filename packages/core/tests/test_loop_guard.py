"""Lines that keep the event loop waiting are told, while debugging."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import make_app
from driver import Exchange, ask, scope_of

from tantalus import App, nonblocking
from tantalus._asgi import _guard
from tantalus._asgi._guard import Guard, Step

LIMIT = 0.02


class Told(logging.Handler):
    """Lets a view go on once it was told of."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.event = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
        self.event.set()


@pytest.fixture
def told() -> Iterator[Told]:
    handler = Told()
    logging.getLogger("tests").addHandler(handler)
    yield handler
    logging.getLogger("tests").removeHandler(handler)


@pytest.fixture
def app() -> Iterator[App]:
    app = make_app()
    app.debug = True
    app.config["LOOP_GUARD"] = LIMIT
    yield app
    face: Any = app.asgi_app
    face.stop()


def test_a_view_that_keeps_the_loop_waiting_is_told_of_once(
    app: App, told: Told
) -> None:
    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(0)
        assert told.event.wait(60)  # the line
        return "hello"

    assert ask(app, scope_of("/slow")).body == b"hello"

    (text,) = (text for text in told.texts if "in slow" in text)
    assert text.startswith("GET '/slow' has kept the event loop from going on for more")
    assert f"{__file__}:" in text
    assert "in slow. Await what takes so long" in text
    assert "assert told.event.wait(60)  # the line" in text
    assert "_walk.py" not in text


def test_hooks_that_say_they_never_wait_are_watched_too(app: App, told: Told) -> None:
    @app.before_request
    @nonblocking
    def before() -> None:
        assert told.event.wait(60)

    app.get("/")(nonblocking(lambda: "hello"))

    assert ask(app).body == b"hello"
    assert any("in before. Await" in text for text in told.texts)


class Clock:
    """Stands for `time` in the guard: goes on when it is told to, and counts looks."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = threading.Semaphore(0)

    def monotonic(self) -> float:
        if threading.current_thread().name == "tantalus loop guard":
            self.looks.release()
        return self.now

    def go_on(self, seconds: float) -> None:
        """Let time pass, until the guard has looked at it, and at what came of that."""
        self.now += seconds
        while self.looks.acquire(blocking=False):
            pass
        assert all(self.looks.acquire(timeout=60) for _ in range(3))


def test_what_waits_as_it_should_is_not_told_of(
    app: App, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(_guard, "time", clock)

    @app.get("/")
    async def view() -> str:
        for _ in range(3):
            clock.go_on(LIMIT * 0.9)
            await asyncio.sleep(0)
        return "hello"

    assert ask(app).body == b"hello"
    assert told.texts == []


@pytest.mark.parametrize("debug", [True, False])
def test_nothing_is_watched_where_it_is_not_asked_for(app: App, debug: bool) -> None:
    app.debug = debug
    if debug:
        app.config["LOOP_GUARD"] = None
    app.get("/")(nonblocking(lambda: "hello"))

    assert ask(app).body == b"hello"
    assert "guard" not in vars(app.asgi_app)


def test_the_guard_ends_with_the_app() -> None:
    app = make_app()
    app.debug = True
    app.get("/")(nonblocking(lambda: "hello"))
    before = set(threading.enumerate())
    ask(app)
    (thread,) = (
        one for one in set(threading.enumerate()) - before if "guard" in one.name
    )

    del app
    gc.collect()
    thread.join(60)

    assert not thread.is_alive()


def test_a_request_within_a_request_is_a_step_within_a_step(app: App) -> None:
    steps = []

    @app.get("/inner")
    async def inner() -> str:
        return "inner"

    @app.get("/")
    async def outer() -> str:
        face: Any = app.asgi_app
        made = Exchange()
        call: Any = app.asgi_app(scope_of("/inner"), made.receive, made.send)
        for _ in call.__await__():
            pass
        steps.extend(face.guard._steps.values())
        return made.body.decode()

    assert ask(app).body == b"inner"
    assert [step.request for step in steps] == ["GET '/'"]


def test_a_step_that_has_just_ended_is_not_told_of() -> None:
    told: list[str] = []
    guard = Guard(60, told.append, "/")

    guard._tell_of(Step("a step that nobody has begun"))
    guard.stop()

    assert told == []


def test_where_no_line_is_of_the_program_the_last_one_is_told() -> None:
    told: list[str] = []
    guard = Guard(60, told.append, "/nowhere")
    outer = guard.begin("GET '/'")

    guard._tell_of(guard._steps[threading.get_ident()])
    guard.end(outer)
    guard.stop()

    assert "in _tell_of. Await" in told[0]


@pytest.mark.parametrize("limit", [0, -1, "1", True])
def test_a_limit_that_is_none_is_refused(app: App, limit: Any) -> None:
    app.config["LOOP_GUARD"] = limit

    with pytest.raises(ValueError, match=r"LOOP_GUARD is .*\. Set it to seconds"):
        app.check_settings()
