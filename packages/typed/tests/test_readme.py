"""The programs of the README run, and answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from serving import ask_asgi, ask_wsgi
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

README = Path(__file__).parent.parent / "README.md"
PROGRAMS: list[Example] = list(
    Sybil([CodeBlockParser("python", lambda one: run(one))]).parse(README).examples()
)
OUTPUTS: list[Example] = list(
    Sybil([CodeBlockParser("json", lambda one: None)]).parse(README).examples()
)


def run(program: Example) -> None:
    """Run a program as a module of its own: types are looked up there."""
    module = ModuleType("readme")
    sys.modules["readme"] = module
    source = "\n" * program.line + program.parsed
    exec(compile(source, program.path, "exec"), module.__dict__)
    program.namespace.update(module.__dict__)


@pytest.fixture(autouse=True)
def _no_module_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "readme", ModuleType("readme"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: f"line {one.line}")
def test_each_program_runs(program: Example) -> None:
    program.evaluate()


@pytest.mark.parametrize("program", PROGRAMS[:4], ids=lambda one: f"line {one.line}")
def test_programs_that_stand_alone_are_short(program: Example) -> None:
    assert len(program.parsed.splitlines()) <= 15


def test_the_first_program_greets() -> None:
    PROGRAMS[0].evaluate()

    answer = ask_wsgi(PROGRAMS[0].namespace["app"], "/", "name=Ada&times=2")

    assert answer == (200, "application/json", ["Hello, Ada!", "Hello, Ada!"])


def test_the_first_program_refuses_as_shown() -> None:
    PROGRAMS[0].evaluate()

    answer = ask_wsgi(PROGRAMS[0].namespace["app"], "/", "times=x")

    shown = json.loads(OUTPUTS[0].parsed)
    assert answer == (422, "application/problem+json", shown)


FRAMEWORKS = pytest.mark.parametrize(
    ("program", "ask"),
    [(PROGRAMS[1], ask_wsgi), (PROGRAMS[2], ask_wsgi), (PROGRAMS[3], ask_asgi)],
    ids=["flask", "bottle", "starlette"],
)
Ask = Callable[..., tuple[int, str, Any]]


@FRAMEWORKS
def test_the_same_view_answers_in_every_framework(program: Example, ask: Ask) -> None:
    program.evaluate()
    app = program.namespace["app"]

    answer = ask(app, "/shops/7/orders", "gift=on", b'{"sku": "a"}')

    assert answer == (200, "application/json", {"sku": "7-a!"})


@FRAMEWORKS
@pytest.mark.parametrize(
    ("query", "body", "content_type", "status"),
    [
        ("gift=perhaps", b'{"sku": 1}', "application/json", 422),
        ("", b"{", "application/json", 400),
        ("", b'{"sku": "a"}', "text/plain", 415),
    ],
)
def test_the_same_requests_are_refused_in_every_framework(
    program: Example,
    ask: Ask,
    query: str,
    body: bytes,
    content_type: str,
    status: int,
) -> None:
    program.evaluate()
    app = program.namespace["app"]

    answer = ask(app, "/shops/7/orders", query, body, content_type)

    assert answer[:2] == (status, "application/problem+json")
    assert answer[2]["status"] == status
