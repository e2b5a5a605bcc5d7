"""Run every test but the journeys, and say how many passed.

    python tests/run.py [--cover] [options for pytest]

Each package is a pytest run of its own, from its own folder and with its own settings,
as for somebody who has only that package. So are the example, and the tests of what no
single package can test. Two run at a time; the output of each is shown when it has
ended. With `--cover`, a package whose tests leave a branch of its code out has failed.

A test that drives a browser and fails is tried once more: what is not ours may fail by
chance. The summary says how many passed only then, and the output of the run which.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

TESTS = Path(__file__).parent
ROOT = TESTS.parent
BROWSER = TESTS / "browser"
# Runs of their own: one takes a third of the time of all that is in this folder, and
# the tests of the other have a second attempt.
APART = [TESTS / "differential", BROWSER]
AGAIN = "at the second attempt"
KINDS = ("passed", "failed", "skipped", AGAIN)
COVER = ["--cov", "--cov-report=term:skip-covered", "--cov-fail-under=100"]
NO_TESTS = 5  # the exit code of pytest when it found none

Counts = dict[str, int]


@dataclass(frozen=True)
class Outcome:
    """How the run of one folder ended."""

    name: str
    code: int
    counts: Counts
    output: str
    seconds: float


def main(options: list[str]) -> int:
    """Run all projects, and return the exit code for the shell."""
    begin = time.monotonic()
    is_covered = "--cover" in options
    options = [option for option in options if option != "--cover"]

    def attempt(project: Path) -> Outcome:
        cover = COVER if is_covered and project.parent.name == "packages" else []
        return shown(run(project, options, cover))

    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(attempt, projects()))
    broken = [outcome.name for outcome in outcomes if outcome.code != 0]
    for name in broken:
        print(f"\nFailed in {name}: cd {name} && pytest")
    total = {kind: sum(each.counts[kind] for each in outcomes) for kind in KINDS}
    seconds = time.monotonic() - begin
    summary = ", ".join(f"{count} {result}" for result, count in total.items())
    print(f"\n{summary} in {seconds:.0f} s", flush=True)
    return 1 if broken else 0


def projects() -> list[Path]:
    """Return the folders that are pytest runs: what takes longest is first."""
    packages = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
    return [TESTS, *APART, *packages, ROOT / "examples" / "board"]


def run(project: Path, options: list[str], cover: list[str]) -> Outcome:
    """Run the tests of one folder.

    A run that ends before it has written its report counts as one failure; so does one
    without tests, unless `options` selected some by name.
    """
    own = [f"--ignore={folder}" for folder in APART] if project == TESTS else []
    own += ["--reruns=1", "-rfER"] if project == BROWSER else []
    begin = time.monotonic()
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}"]
        command += [*cover, *own, *options]
        ended = subprocess.run(
            command,
            cwd=project,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        counts = read(report) if report.exists() else dict.fromkeys(KINDS, 0)
    counts[AGAIN] = len(passed_again(ended.stdout))
    code = ended.returncode
    if code == NO_TESTS and options:
        code = 0
    elif code != 0 and counts["failed"] == 0:
        counts["failed"] = 1
    name = str(project.relative_to(ROOT))
    return Outcome(name, code, counts, ended.stdout, time.monotonic() - begin)


def shown(outcome: Outcome) -> Outcome:
    """Print what a run has printed, all at once."""
    print(f"\n== {outcome.name}, {outcome.seconds:.0f} s\n{outcome.output}", flush=True)
    return outcome


def read(report: Path) -> Counts:
    """Return what a report in the form of JUnit counts."""
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))

    def count(attribute: str) -> int:
        return sum(int(suite.get(attribute, "0")) for suite in suites)

    failed = count("failures") + count("errors")
    skipped = count("skipped")
    return {
        "passed": count("tests") - failed - skipped,
        "failed": failed,
        "skipped": skipped,
    }


def passed_again(output: str) -> set[str]:
    """Return the tests that pytest says it has run again, and none of which failed."""
    again = re.findall(r"^RERUN (.+)$", output, re.M)
    failed = re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", output, re.M)
    return {*again} - {*failed}


def environment() -> dict[str, str]:
    """Return the environment without what would make one run see another's settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FLASK_", "TANTALUS_", "BOARD_", "COV_CORE_"))
        or name == "TANTALUS_HYPOTHESIS"
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
