"""Outcomes are read and compared so that nothing lost can go unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports import Outcomes, compare, read_report
from suites import Suite

REPORT = """\
<testsuites><testsuite>
  <testcase classname="tests.test_a" name="test_one"/>
  <testcase classname="tests.test_a" name="test_two"><failure/></testcase>
  <testcase classname="tests.test_a" name="test_three"><skipped/></testcase>
  <testcase classname="tests.test_a" name="test_four"/>
  <testcase classname="tests.test_a" name="test_four"><error/></testcase>
  <testcase classname="tests.test_a" name="test_five"><system-out/></testcase>
</testsuite></testsuites>
"""


def test_a_report_gives_the_worst_of_each_test(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)

    assert read_report(report) == {
        "tests.test_a::test_one": "passed",
        "tests.test_a::test_two": "failed",
        "tests.test_a::test_three": "skipped",
        "tests.test_a::test_four": "failed",
        "tests.test_a::test_five": "passed",
    }


def test_a_run_that_crashed_has_no_outcomes(tmp_path: Path) -> None:
    assert read_report(tmp_path / "report.xml") == {}


@pytest.mark.parametrize(
    ("on_flask", "on_tantalus", "kind"),
    [
        ("passed", "passed", "both"),
        ("passed", "failed", "lost"),
        ("passed", "skipped", "lost"),
        ("passed", None, "lost"),
        ("failed", "passed", "gained"),
        ("skipped", "passed", "gained"),
        (None, "passed", "gained"),
        ("failed", "failed", "failed"),
        ("failed", None, "failed"),
        ("skipped", "skipped", "skipped"),
        ("skipped", "failed", "skipped"),
    ],
)
def test_a_test_is_of_one_kind(
    on_flask: str | None, on_tantalus: str | None, kind: str
) -> None:
    result = compare(Suite("s"), outcome(on_flask), outcome(on_tantalus))

    kinds = {
        "both": result.both,
        "lost": result.lost,
        "gained": result.gained,
        "failed": result.failed,
        "skipped": result.skipped,
    }
    assert [name for name, tests in kinds.items() if tests] == [kind]


def outcome(of_test: str | None) -> Outcomes:
    return {} if of_test is None else {"test": of_test}


def test_a_loss_without_a_reason_is_bad() -> None:
    result = compare(
        Suite("s"),
        {"a": "passed", "b": "passed"},
        {"a": "passed", "b": "failed"},
    )

    assert result.unexplained == ["b"]
    assert not result.is_good


def test_a_loss_with_a_reason_is_good() -> None:
    suite = Suite("s", allowed={"b": "Files of its own."})

    result = compare(
        suite, {"a": "passed", "b": "passed"}, {"a": "passed", "b": "failed"}
    )

    assert result.lost == ["b"]
    assert result.is_good


def test_a_reason_for_what_is_not_lost_is_bad() -> None:
    suite = Suite("s", allowed={"a": "Files of its own."})

    result = compare(suite, {"a": "passed"}, {"a": "passed"})

    assert result.outdated == ["a"]
    assert not result.is_good


def test_a_suite_of_which_nothing_ran_is_bad() -> None:
    assert not compare(Suite("s"), {}, {}).is_good


def test_a_pattern_may_allow_several_losses() -> None:
    suite = Suite("s", allowed={"tests.test_*::test_[a]*": "Why.", "c": "Why not."})
    lost = dict.fromkeys(["tests.test_x::test_[a]1", "tests.test_y::test_[a]", "b"], "")

    result = compare(suite, dict.fromkeys(lost, "passed"), {})

    assert result.unexplained == ["b"]
    assert result.outdated == ["c"]
