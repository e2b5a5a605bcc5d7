"""What became of each test, read from pytest's report, and two runs compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from suites import Suite

#: From the test's identity to what became of it: passed, skipped or failed.
Outcomes = dict[str, str]
#: A test may be in the report twice, if its clean-up failed: the worse counts.
ORDER = ("passed", "skipped", "failed")
OUTCOME_OF = {"failure": "failed", "error": "failed", "skipped": "skipped"}


@dataclass(frozen=True)
class Comparison:
    """The outcomes of one suite on Flask and on Tantalus.

    `unexplained` is what is lost and not allowed; `outdated` what is allowed to be lost
    and passes, or is no test that passes on Flask.
    """

    suite: Suite
    both: list[str]
    lost: list[str]
    gained: list[str]
    failed: list[str]
    skipped: list[str]

    @property
    def unexplained(self) -> list[str]:
        """The lost tests that the table does not give a reason for."""
        allowed = self.suite.allowed
        return [
            test for test in self.lost if not any(_fits(test, one) for one in allowed)
        ]

    @property
    def outdated(self) -> list[str]:
        """The reasons in the table that nothing is lost for any more."""
        return [
            one
            for one in self.suite.allowed
            if not any(_fits(test, one) for test in self.lost)
        ]

    @property
    def is_good(self) -> bool:
        """Whether tests have run, and the table accounts for every loss."""
        return bool(self.both) and not self.unexplained and not self.outdated


def _fits(test: str, allowed: str) -> bool:
    """Tell whether a test may be lost; `*` stands for anything."""
    parts = map(re.escape, allowed.split("*"))
    return re.fullmatch(".*".join(parts), test) is not None


def read_report(path: Path) -> Outcomes:
    """Return the outcome of every test in a report in the form of JUnit.

    Without a report, as after a crash, there are none.
    """
    outcomes: Outcomes = {}
    if not path.exists():
        return outcomes
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        test = f"{case.get('classname')}::{case.get('name')}"
        found = [OUTCOME_OF.get(child.tag, "passed") for child in case]
        worst = max([*found, outcomes.get(test, "passed")], key=ORDER.index)
        outcomes[test] = worst
    return outcomes


def compare(suite: Suite, on_flask: Outcomes, on_tantalus: Outcomes) -> Comparison:
    """Tell what changes for a suite when Flask is replaced.

    A test that is skipped or missing on Tantalus and passes on Flask is lost.
    """

    def tests(flask: set[str], tantalus: set[str]) -> list[str]:
        return [
            test
            for test in sorted(on_flask | on_tantalus)
            if on_flask.get(test, "missing") in flask
            and on_tantalus.get(test, "missing") in tantalus
        ]

    not_passed = {"failed", "skipped", "missing"}
    return Comparison(
        suite,
        both=tests({"passed"}, {"passed"}),
        lost=tests({"passed"}, not_passed),
        gained=tests(not_passed, {"passed"}),
        failed=tests({"failed"}, not_passed),
        skipped=tests({"skipped"}, not_passed),
    )
