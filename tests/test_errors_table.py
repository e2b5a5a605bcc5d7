"""The table of errors on the page on requests: each error is made, and seen."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import werkzeug.exceptions

import tantalus_sessions
from tantalus import App, abort, request, send_from_directory, session

PAGE = Path(__file__).parent.parent / "docs" / "requests.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("## The errors")[2]
ROWS = re.findall(r"^\| (.+) \| (.+) \| (\d+) \| (\d+) \|$", SECTION, re.M)


@dataclass
class Case:
    """A request that leads to an error."""

    view: Callable[[], Any] = lambda: "fine"
    path: str = "/view"
    method: str = "GET"
    options: dict[str, Any] = field(default_factory=dict)
    hook: Callable[[], Any] = lambda: None


class Fault(Exception):
    """An error of the program."""


def raise_fault() -> None:
    raise Fault


def set_user() -> str:
    session["user"] = "ada"
    return "fine"


def send_missing() -> Any:
    return send_from_directory(PAGE.parent, "missing.md")


def send_page() -> Any:
    return send_from_directory(PAGE.parent, PAGE.name, conditional=True)


NO_JSON = {"data": "{", "content_type": "application/json"}
HOOKS = 5  # the step of `before_request`
CASES = {
    "the `Host` is malformed or not trusted": Case(
        options={"headers": {"Host": "exa mple.org"}}
    ),
    "no rule fits the URL": Case(path="/nowhere"),
    "a rule fits, but not the method": Case(method="DELETE"),
    "the URL lacks its final slash": Case(path="/folder"),
    '`request.form["name"]` is not there': Case(
        lambda: request.form["name"], method="POST"
    ),
    "`request.get_json()` of no JSON": Case(
        lambda: request.get_json(), method="POST", options=NO_JSON
    ),
    "`request.get_json()` of another type": Case(
        lambda: request.get_json(), method="POST", options={"data": "{}"}
    ),
    "the body is too large": Case(
        lambda: request.get_data(), method="POST", options={"data": b"x" * 11}
    ),
    "`send_from_directory()` finds no file": Case(send_missing),
    "a range lies outside the file": Case(
        send_page, options={"headers": {"Range": "bytes=99999999-"}}
    ),
    "`abort(403)` in a hook": Case(hook=lambda: abort(403)),
    '`session["user"] = …` without a key': Case(set_user),
    "the view returns nothing": Case(lambda: None),
    "the view raises an error": Case(raise_fault),
}


def make_app(case: Case, steps: list[str]) -> App:
    app = App("errors", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 10
    app.logger.disabled = True

    def view() -> Any:
        steps.append("view")
        return case.view()

    def hook() -> Any:
        steps.append("hook")
        return case.hook()

    app.before_request(hook)
    app.add_url_rule("/view", view_func=view, methods=["GET", "POST"])
    app.add_url_rule("/folder/", "folder", view)
    return app


def ask(app: App, case: Case) -> int:
    client = app.test_client()
    return client.open(case.path, method=case.method, **case.options).status_code


def test_the_table_has_every_case() -> None:
    assert [name for name, *_ in ROWS] == list(CASES)


@pytest.mark.parametrize(("name", "error", "step", "status"), ROWS)
def test_without_a_handler_it_is_answered_so(
    name: str, error: str, step: str, status: str
) -> None:
    steps: list[str] = []

    assert ask(make_app(CASES[name], steps), CASES[name]) == int(status)
    assert steps[:1] == (["hook"] if int(step) >= HOOKS else [])
    assert step == "6" or "view" not in steps


@pytest.mark.parametrize(("name", "error", "step", "status"), ROWS)
def test_a_handler_is_given_the_error_of_the_table(
    name: str, error: str, step: str, status: str
) -> None:
    seen: list[str] = []
    app = make_app(CASES[name], [])

    def handle(found: Exception) -> tuple[str, int]:
        cause = getattr(found, "original_exception", None)
        seen.append(public_name(cause or found))
        return "handled", 418

    app.register_error_handler(Exception, handle)
    ask(app, CASES[name])

    error, _, remark = error.partition(",")
    named = {"itself": "Fault"}.get(error, error.strip("`"))
    assert seen == ([] if "no handler" in remark else [named])


def public_name(error: Exception) -> str:
    """Return the first name of the error's class that a reader can import."""
    homes = [builtins, werkzeug.exceptions, tantalus_sessions, sys.modules[__name__]]
    return next(
        found.__name__
        for found in type(error).__mro__
        if any(getattr(home, found.__name__, None) is found for home in homes)
    )
