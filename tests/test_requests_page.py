"""The table of the page on requests is what an app does, step by step."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import create_environ

import tantalus
from tantalus import App, Blueprint, Response, session
from tantalus.sessions import SecureCookieSessionInterface

PAGE = Path(__file__).parent.parent / "docs" / "requests.md"
ERRORS_ONLY = (7, 8, 9)
SCOPES = ("app", "outer", "inner")
ORDERS = {
    "once": [""],
    "app first": [f"{scope} {n}" for scope in SCOPES for n in (1, 2)],
    "innermost last added first": [f"{s} {n}" for s in SCOPES[::-1] for n in (2, 1)],
    "as added": ["1", "2"],
    "last added first": ["2", "1"],
}


@dataclass(frozen=True)
class Row:
    """One line of the table, with its step numbers written out."""

    number: int
    name: str
    order: str
    returns: str
    goes_on: str
    client: str
    told: str

    @classmethod
    def read(cls, line: str) -> Row:
        cells = [cell.strip().strip("`") for cell in line.strip("|\n").split("|")]
        number, _, name, *rest = cells
        return cls(int(number), name, *rest)

    def goes_on_with(self, *, handled: bool) -> list[int]:
        """Return the steps after an error, as a list of numbers."""
        with_handler, _, without = self.goes_on.partition(" or ")
        text = with_handler if handled or not without else without
        return [
            number
            for first, last in re.findall(r"(\d+)(?: to (\d+))?", text)
            for number in range(int(first), int(last or first) + 1)
        ]


TABLE = {
    row.number: row
    for row in map(Row.read, re.findall(r"^\| \d+ .*$", PAGE.read_text(), re.M))
}
BY_NAME = {row.name: row.number for row in TABLE.values()}
UNDISTURBED = [number for number in TABLE if number not in ERRORS_ONLY]


class Boom(Exception):
    """What a step fails with."""


class OtherBoom(Exception):
    """What a step after the first failure fails with."""


@dataclass
class Outcome:
    """What one request did."""

    log: list[tuple[int, str]]
    statuses: list[str]
    body: str | None
    told: list[BaseException | None]
    raised: BaseException | None

    @property
    def steps(self) -> list[int]:
        return [number for number, _ in itertools.groupby(self.log, lambda it: it[0])]

    def labels_of(self, number: int) -> list[str]:
        return [label for step, label in self.log if step == number]


class Journey:
    """An app with something to note in every step, and one request to it.

    Args:
        fails: The steps that raise, at each call.
        handled: There is an error handler for what they raise.
        answers: The step that returns something.
    """

    def __init__(
        self, *fails: int, handled: bool = False, answers: int | None = None
    ) -> None:
        self.fails, self.answers = fails, answers
        self.path = "/"
        self.log: list[tuple[int, str]] = []
        self.told: list[BaseException | None] = []
        self.app = App("journey", static_folder=None)
        self.app.secret_key = "a key that is long enough"
        self.app.logger.disabled = True
        self.receivers: list[Callable[..., None]] = []
        self.add_hooks()
        self.add_signals()
        self.add_classes()
        self.add_handlers(handled=handled)

    def step(self, name: str, label: str = "", result: Any = None) -> Any:
        """Note that a step runs; fail, or return what it is to return."""
        number = BY_NAME[name]
        self.log.append((number, label))
        if number in self.fails:
            raise Boom if number == self.fails[0] else OtherBoom
        if number != self.answers:
            return result
        text = f"from {number}"
        return self.app.response_class(text) if isinstance(result, Response) else text

    def hook(self, name: str, label: str) -> Callable[..., Any]:
        """Return a hook that passes on a response, if it is given one."""

        def hook(*args: Any) -> Any:
            given = args[0] if args else None
            if name.startswith("teardown"):
                self.told.append(given)
            return self.step(
                name, label, given if isinstance(given, Response) else None
            )

        return hook

    def add_hooks(self) -> None:
        names = ("url_value_preprocessor", "before_request", "after_request")
        outer = Blueprint("outer", "journey")
        inner = Blueprint("inner", "journey")
        for part, scope in zip((self.app, outer, inner), SCOPES, strict=True):
            for name, n in itertools.product((*names, "teardown_request"), "12"):
                getattr(part, name)(self.hook(name, f"{scope} {n}"))
        for n in "12":
            self.app.teardown_appcontext(self.hook("teardown_appcontext", n))
        inner.add_url_rule("/", "view", lambda: self.step("route", result="view"))
        outer.register_blueprint(inner)
        self.app.register_blueprint(outer)

    def prepare_request(self) -> None:
        """Do what could be done anywhere in steps 3 to 7, as early as possible."""
        session["touched"] = True
        for n in "12":
            tantalus.after_this_request(self.hook("after_this_request", n))

    def add_signals(self) -> None:
        for name in BY_NAME:
            if name in tantalus.signals.__all__:

                def receive(sender: App, name: str = name, **extra: Any) -> Any:
                    if name == "request_started":
                        self.prepare_request()
                    return self.step(name)

                self.receivers.append(receive)  # signals hold them weakly
                getattr(tantalus, name).connect(receive, self.app)

    def add_classes(self) -> None:
        step = self.step

        class Interface(SecureCookieSessionInterface):
            def open_session(self, app: Any, request: Any) -> Any:
                step("open_session")
                return super().open_session(app, request)

            def save_session(self, *args: Any) -> Any:
                result = step("save_session")
                super().save_session(*args)
                return result

        class Noting(Response):
            def __call__(self, environ: Any, start_response: Any) -> Any:
                step("Response.__call__")
                return super().__call__(environ, start_response)

        self.app.session_interface = Interface()
        self.app.response_class = Noting

    def add_handlers(self, *, handled: bool) -> None:
        handlers: list[tuple[Any, str]] = [(500, "errorhandler(500)")]
        if handled:
            handlers.append((Boom, "errorhandler"))
        for error, name in handlers:

            def handle(error: Exception, name: str = name) -> Any:
                return self.step(name, result=f"by {name}"), 500

            self.app.register_error_handler(error, handle)

    def go(self) -> Outcome:
        statuses: list[str] = []
        body, raised = None, None

        def start_response(status: str, headers: Any, *exc_info: Any) -> Any:
            statuses.append(status)

        try:
            pieces = self.app(create_environ(self.path), start_response)
            body = b"".join(pieces).decode()
        except Exception as error:
            raised = error
        return Outcome(self.log, statuses, body, self.told, raised)


def before(number: int) -> list[int]:
    """Return the steps that lead to one: a failing view leads to 7, 8 and 9."""
    if number in ERRORS_ONLY:
        return [1, 2, 3, 4, 5, 6, *([7] if number == 7 else range(8, number + 1))]
    return [step for step in UNDISTURBED if step <= number]


def failing(number: int, *, handled: bool = False) -> Outcome:
    """Ask an app in which a step fails, after the view if it is one for errors."""
    fails = (6, number) if number in ERRORS_ONLY else (number,)
    return Journey(*fails, handled=handled or number == 7).go()


def rows(chosen: Callable[[Row], bool] = lambda row: True) -> list[Any]:
    """Return rows of the table as parameters of a test."""
    return [
        pytest.param(row, id=f"{row.number}-{row.name}")
        for row in TABLE.values()
        if chosen(row)
    ]


def is_of_every_request(row: Row) -> bool:
    return row.number not in ERRORS_ONLY


def has_handlers(row: Row) -> bool:
    return " or " in row.goes_on


def has_a_return_value(row: Row) -> bool:
    return row.returns not in {"the session", "the body"}


def test_the_table_is_numbered() -> None:
    assert list(TABLE) == list(range(1, 20))


def test_without_an_error_the_steps_follow_each_other() -> None:
    outcome = Journey().go()

    assert outcome.steps == UNDISTURBED
    assert outcome.body == "view"
    assert set(outcome.told) == {None}


@pytest.mark.parametrize("row", rows(is_of_every_request))
def test_the_functions_of_a_step_run_in_the_order_of_the_table(row: Row) -> None:
    assert Journey().go().labels_of(row.number) == ORDERS[row.order]


@pytest.mark.parametrize("row", rows())
def test_an_error_goes_on_as_the_table_says(row: Row) -> None:
    outcome = failing(row.number)

    assert outcome.steps == [
        *before(row.number),
        *row.goes_on_with(handled=False),
    ]


@pytest.mark.parametrize("row", rows(has_handlers))
def test_an_error_with_a_handler_goes_on_as_the_table_says(row: Row) -> None:
    outcome = failing(row.number, handled=True)

    assert outcome.steps == [*before(row.number), *row.goes_on_with(handled=True)]
    assert outcome.body == "by errorhandler"
    assert set(outcome.told) == {None}


@pytest.mark.parametrize("row", rows())
def test_the_client_gets_what_the_table_says(row: Row) -> None:
    outcome = failing(row.number)

    expected = "by errorhandler(500)" if row.client.endswith("500") else None
    assert outcome.body == expected
    assert (outcome.raised is not None) == (row.client == "server error")


@pytest.mark.parametrize("row", rows())
def test_teardown_is_told_what_the_table_says(row: Row) -> None:
    outcome = failing(row.number)

    kinds = {
        "None": type(None),
        "the first error": Boom,
        "the error": OtherBoom if row.number in ERRORS_ONLY else Boom,
    }
    told = row.told.removeprefix("None or ")
    assert {type(error) for error in outcome.told} == {kinds[told]}


@pytest.mark.parametrize("number", [15, 17])
def test_all_teardown_functions_run_though_each_fails(number: int) -> None:
    assert failing(number).labels_of(number) == ORDERS[TABLE[number].order]


@pytest.mark.parametrize("row", rows(has_a_return_value))
def test_what_a_step_returns_is_used_as_the_table_says(row: Row) -> None:
    in_error = row.number in ERRORS_ONLY
    journey = Journey(
        *([6] if in_error else []), handled=row.number == 7, answers=row.number
    )

    outcome = journey.go()

    unchanged = "by errorhandler(500)" if in_error else "view"
    expected = unchanged if row.returns == "ignored" else f"from {row.number}"
    assert outcome.body == expected


def test_an_answer_before_the_view_leaves_out_the_rest_up_to_it() -> None:
    outcome = Journey(answers=5).go()

    assert outcome.labels_of(5) == ["app 1"]
    assert outcome.steps == [1, 2, 3, 4, 5, *range(10, 20)]


def test_nonsense_from_the_view_goes_on_with_8() -> None:
    journey = Journey()
    journey.app.register_error_handler(TypeError, lambda error: "not asked")
    journey.app.view_functions["outer.inner.view"] = lambda: 42  # type: ignore[assignment]  # the nonsense

    outcome = journey.go()

    assert outcome.steps == [1, 2, 3, 4, 5, *range(8, 20)]
    assert outcome.body == "by errorhandler(500)"


@pytest.mark.parametrize("setting", ["DEBUG", "TESTING", "PROPAGATE_EXCEPTIONS"])
def test_an_unhandled_error_is_raised_after_8_where_it_is_to_be_seen(
    setting: str,
) -> None:
    journey = Journey(6)
    journey.app.config[setting] = True

    outcome = journey.go()

    assert outcome.steps == [*range(1, 7), 8, *range(15, 20)]
    assert isinstance(outcome.raised, Boom)


def test_hooks_of_the_app_run_for_an_unknown_url() -> None:
    journey = Journey()
    journey.path = "/unknown"

    outcome = journey.go()

    assert outcome.labels_of(5) == ["app 1", "app 2"]
    assert outcome.labels_of(15) == ["app 2", "app 1"]
