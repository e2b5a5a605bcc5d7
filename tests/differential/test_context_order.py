"""Contexts pushed and popped around a client, in every order: as Flask runs them.

A program is a list of steps; after each it is noted what user code sees. Every program
that Flask runs is run here, on `Flask` with the same notes, on `App` without an error.
(An `App` shares no `g` between an app context and the requests inside it.)
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from types import ModuleType
from typing import Any

import flask
import pytest

import tantalus

LONGEST = 6
# Each step may be done if that of the second column was done more often than the first.
STEPS = {
    "enter client": None,
    "leave client": "enter client",
    "push app": None,
    "pop app": "push app",
    "push request": None,
    "pop request": "push request",
    "get": None,
    "set g": "push app",
}
ONCE = {"enter client", "leave client"}


class Program:
    """One app, a client, and the contexts that were pushed by hand."""

    def __init__(self, framework: ModuleType, app: Any) -> None:
        self.framework = framework
        self.app = app
        self.client = app.test_client()
        self.pushed: dict[str, list[Any]] = {"app": [], "request": []}
        self.notes: list[object] = []
        self.count = 0
        app.add_url_rule("/<int:number>", "view", self.view)
        app.teardown_request(lambda error: self.notes.append("request ends"))
        app.teardown_appcontext(lambda error: self.notes.append("app ends"))

    def view(self, number: int) -> str:
        return f"{number} {self.framework.g.get('user')}"

    def do(self, step: str) -> None:
        verb, _, noun = step.partition(" ")
        getattr(self, verb)(noun)
        self.notes.append((step, self.seen()))

    def seen(self) -> tuple[object, ...]:
        framework = self.framework
        path = framework.request.path if framework.has_request_context() else None
        if not framework.has_app_context():
            return (path, "no app")
        return (path, framework.g.get("user"))

    def enter(self, noun: str) -> None:
        self.client.__enter__()

    def leave(self, noun: str) -> None:
        self.client.__exit__(None, None, None)

    def push(self, noun: str) -> None:
        self.count += 1
        if noun == "app":
            context = self.app.app_context()
        else:
            context = self.app.test_request_context(f"/by-hand/{self.count}")
        context.push()
        self.pushed[noun].append(context)

    def pop(self, noun: str) -> None:
        self.pushed[noun].pop().pop()

    def get(self, noun: str) -> None:
        self.count += 1
        response = self.client.get(f"/{self.count}")
        self.notes.append(response.text)

    def set(self, noun: str) -> None:
        self.count += 1
        self.framework.g.user = f"user {self.count}"


def programs() -> Iterator[tuple[str, ...]]:
    """Yield all programs that ask for something and end what they begin."""
    for length in range(3, LONGEST + 1):
        for steps in itertools.product(STEPS, repeat=length):
            if steps.count("get") in (1, 2) and is_whole(steps):
                yield steps


def is_whole(steps: tuple[str, ...]) -> bool:
    done: dict[str, int] = dict.fromkeys(STEPS, 0)
    for step in steps:
        begin = STEPS[step]
        if begin is not None and done[begin] <= done.get(end_of(begin), 0):
            return False
        if step in ONCE and done[step]:
            return False
        done[step] += 1
    return all(done[begin] == done[end_of(begin)] for begin in STEPS.values() if begin)


def end_of(begin: str) -> str:
    verbs = {"enter": "leave", "push": "pop"}
    verb, _, noun = begin.partition(" ")
    return f"{verbs[verb]} {noun}"


def run(
    framework: ModuleType, make: Callable[[str], Any], steps: tuple[str, ...]
) -> list[object]:
    """Return the notes of a program; the last is the error that stopped it, if any."""
    program = Program(framework, make("app"))

    def do_all() -> None:
        for step in steps:
            program.do(step)

    try:
        copy_context().run(do_all)
    except Exception as error:
        program.notes.append(error)
    return program.notes


def alike(expected: object, found: object) -> bool:
    """Tell whether two notes are the same, as far as both frameworks can have it.

    A request without an app is what Flask can show, having a context for each.
    """
    if expected == found:
        return True
    match expected, found:
        case (str(), (str(path), "no app")), (str(), (str(other), _)):
            return path == other
    return False


def failed(notes: list[object]) -> bool:
    return isinstance(notes[-1], Exception)


def test_every_program_that_flask_runs_is_run_with_the_same_sight() -> None:
    different, count = [], 0

    for steps in programs():
        expected = run(flask, flask.Flask, steps)
        if failed(expected):
            continue
        count += 1
        found = run(tantalus, tantalus.Flask, steps)
        if len(found) != len(expected) or not all(map(alike, expected, found)):
            different.append((steps, expected, found))

    assert different[:3] == []
    assert count > 500


def test_every_program_that_flask_runs_is_run_by_an_app() -> None:
    broken, count = [], 0

    for steps in programs():
        if failed(run(flask, flask.Flask, steps)):
            continue
        count += 1
        found = run(tantalus, tantalus.App, steps)
        if failed(found):
            broken.append((steps, found[-1]))

    assert broken[:3] == []
    assert count > 500


# Fixtures that push a context around a client, or inside it, or both.
CONFTEST = """\
import pytest
from {module} import {name}, g


@pytest.fixture
def app():
    app = {name}("shop")
    app.testing = True
    app.add_url_rule("/", "index", lambda: "fine")
    return app


@pytest.fixture
def context(app):
    with app.app_context():
        yield app


@pytest.fixture
def pushed(app):
    context = app.app_context()
    context.push()
    g.user = "ada"
    yield context
    context.pop()


@pytest.fixture
def client(app):
    with app.test_client() as client:
        yield client


@pytest.fixture
def inner(app):
    with app.test_client() as client, app.app_context():
        yield client


@pytest.fixture
def in_request(app):
    context, request_context = app.app_context(), app.test_request_context("/mine")
    context.push()
    request_context.push()
    yield app.test_client()
    context.pop()
    request_context.pop()


@pytest.fixture(autouse=True)
def nothing_left():
    from {module} import has_app_context, has_request_context

    yield
    assert not has_app_context()
    assert not has_request_context()
"""
TESTS = """\
import itertools

import pytest

CONTEXTS = ["context", "pushed", "client", "inner", "in_request"]


@pytest.mark.parametrize("names", [*itertools.permutations(CONTEXTS, 2)], ids="-".join)
def test_clients_answer(request, names):
    for name in names:
        fixture = request.getfixturevalue(name)
        if hasattr(fixture, "session_transaction"):
            assert fixture.get("/").text == "fine"
            assert fixture.get("/").text == "fine"
"""


@pytest.mark.parametrize(
    ("module", "name"),
    [("flask", "Flask"), ("tantalus", "Flask"), ("tantalus", "App")],
    ids=["flask", "Flask", "App"],
)
def test_fixtures_may_push_contexts_around_clients_and_inside(
    module: str, name: str, tmp_path: Path
) -> None:
    conftest = CONFTEST.format(module=module, name=name)
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    (tmp_path / "test_shop.py").write_text(TESTS, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
