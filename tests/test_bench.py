"""What the bench measures is right, and its guard can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import guard
import report
from asking import Answer, ask, left_in_cycles
from budgets import Budget
from contest import contest
from frameworks import FRAMEWORKS, build
from scenarios import SCENARIOS, Scenario
from timing import Batch, Figure, interleaved

PAGE = Path(__file__).parent.parent / "docs/benchmarks.md"
OURS = ["App", "tantalus.Flask", "Flask"]
OTHERS = ["Bottle", "Falcon", "Werkzeug", "raw WSGI"]
# What these frameworks do otherwise, so that it is not timed.
OTHERWISE = {
    ("Bottle", "options"): "status 405 and not 200",
    ("Bottle", "slash redirect"): "status 404 and not 308",
    ("Falcon", "head"): "status 405 and not 200",
    ("Falcon", "slash redirect"): "status 404 and not 308",
    ("Werkzeug", "options"): "status 405 and not 200",
}
SUCCESSFUL = [name for name, scenario in SCENARIOS.items() if scenario.status < 303]


def fault(framework: str, scenario: Scenario, routes: int = 10) -> str | None:
    app = build(framework, scenario.name, routes)
    if app is None:
        return "nothing offered"
    return scenario.fault(ask(app, scenario.environ_maker(routes)()))


@pytest.mark.parametrize(
    ("framework", "routes"), [*((name, 10) for name in OURS), ("App", 600)]
)
def test_every_scenario_is_answered(framework: str, routes: int) -> None:
    faults = [fault(framework, scenario, routes) for scenario in SCENARIOS.values()]

    assert faults == [None] * len(SCENARIOS)


@pytest.mark.parametrize("framework", OTHERS)
def test_what_others_do_otherwise_is_known(framework: str) -> None:
    faults = {
        (framework, name): found
        for name, scenario in SCENARIOS.items()
        if (found := fault(framework, scenario)) not in {None, "nothing offered"}
    }

    assert faults == {
        key: text for key, text in OTHERWISE.items() if key[0] == framework
    }


@pytest.mark.parametrize("name", SUCCESSFUL)
def test_a_successful_request_leaves_nothing_to_the_collector(name: str) -> None:
    app = build("App", name, 10)
    assert app is not None

    assert left_in_cycles(app, SCENARIOS[name].environ_maker(10)) == 0


def test_flask_leaves_something_to_the_collector() -> None:
    app = build("Flask", "text", 10)
    assert app is not None

    assert left_in_cycles(app, SCENARIOS["text"].environ_maker(10)) > 0


def test_a_wrong_answer_is_named_and_not_timed() -> None:
    scenario = replace(SCENARIOS["text"], right=lambda body: False)

    row = contest(scenario, routes=10, rounds=1, frameworks=["App"])

    assert row.faults == {"App": "the body b'Hello, world!'"}
    assert row.figures == {}
    assert row.times_faster("Flask") is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, {"vary": "Cookie"}, b"42"), None),
        (Answer(404, {"vary": "Cookie"}, b"42"), "status 404 and not 200"),
        (Answer(200, {}, b"42"), "no 'Cookie' in the header vary"),
        (
            Answer(200, {"vary": "Cookie", "set-cookie": "session="}, b"42"),
            "a header set-cookie",
        ),
        (Answer(200, {"vary": "Cookie"}, b"43"), "the body b'43'"),
    ],
    ids=["right", "status", "header missing", "header too many", "body"],
)
def test_an_answer_is_judged(answer: Answer, expected: str | None) -> None:
    assert SCENARIOS["session read"].fault(answer) == expected


def test_all_take_turns_and_the_best_batch_counts() -> None:
    turns: list[str] = []

    def taking(name: str, *seconds: float) -> Batch:
        left = iter(seconds)

        def run() -> float:
            turns.append(name)
            return next(left)

        return run

    figures = interleaved(
        {"a": taking("a", 3.0, 1.0, 2.0), "b": taking("b", 5.0, 6.0, 4.0)}, rounds=3
    )

    assert figures == {"a": Figure(1.0, 2.0), "b": Figure(4.0, 5.0)}
    assert turns == ["a", "b", "b", "a", "a", "b"]


@pytest.mark.parametrize(
    ("budget", "value"),
    [(Budget(target=10, measured=5), 3.5), (Budget(target=10, measured=20), 7.0)],
    ids=["on the way", "reached"],
)
def test_the_guard_asks_for_what_was_reached(budget: Budget, value: float) -> None:
    assert budget.guard == pytest.approx(value)


@pytest.mark.parametrize(
    ("ratios", "expected", "rounds"),
    [
        ([8.0], True, [25]),
        ([6.9, 8.0], True, [25, 75]),
        ([6.9, 6.9], False, [25, 75]),
    ],
    ids=["fast", "fast the second time", "slow"],
)
def test_a_low_ratio_is_measured_again(
    ratios: list[float], expected: bool, rounds: list[int]
) -> None:
    left, asked = iter(ratios), []

    def measure(number: int) -> float:
        asked.append(number)
        return next(left)

    assert guard.holds("text", measure, Budget(target=10, measured=10)) is expected
    assert asked == rounds


def slow(rounds: int) -> float:
    return 0.1


@pytest.mark.parametrize(
    ("measure", "code"), [(lambda rounds: 10.0, 0), (slow, 1)], ids=["fast", "slow"]
)
def test_the_exit_code_tells_of_what_became_slow(
    measure: Callable[[int], float], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "GUARDED", {"text": (measure, Budget(10, 10))})

    assert guard.main() == code


def test_frameworks_are_those_of_the_table() -> None:
    assert list(FRAMEWORKS) == [*OURS, *OTHERS]


def test_figures_replace_those_of_the_run_before() -> None:
    page = "# Page\n\n<!-- requests -->\n\nold\n\n<!-- end of requests -->\n\nMore.\n"

    changed = report.on_page(page, "requests", "\nnew\n")

    assert changed == page.replace("old", "new")


def test_a_page_without_the_section_is_refused() -> None:
    with pytest.raises(ValueError, match="has no <!-- servers --> with <!-- end of"):
        report.on_page("# Page\n\n<!-- servers -->\n", "servers", "new")


@pytest.mark.parametrize("section", ["requests", "servers"])
def test_the_page_of_benchmarks_has_figures(section: str) -> None:
    page = PAGE.read_text(encoding="utf-8")

    figures = page.partition(f"<!-- {section} -->")[2]

    assert " App | tantalus.Flask |" in figures.partition("<!-- end of")[0]
