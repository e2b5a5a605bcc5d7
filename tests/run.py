"""Run every test but the journeys, and say how many passed.

    python tests/run.py [--cover] [options for pytest]

Each package is a pytest run of its own, from its own folder and with its own settings,
as for somebody who has only that package. The example and the tests of what no single
package can test follow. With `--cover`, a package whose tests leave a branch of its
code out has failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent
KINDS = ("passed", "failed", "skipped")
COVER = ["--cov", "--cov-report=term:skip-covered", "--cov-fail-under=100"]
NO_TESTS = 5  # the exit code of pytest when it found none

Counts = dict[str, int]


def main(options: list[str]) -> int:
    """Run all projects in turn, and return the exit code for the shell."""
    begin = time.monotonic()
    total = dict.fromkeys(KINDS, 0)
    broken = []
    is_covered = "--cover" in options
    options = [option for option in options if option != "--cover"]
    everything = projects()
    for number, project in enumerate(everything, 1):
        name = str(project.relative_to(ROOT))
        minutes = (time.monotonic() - begin) / 60
        place = f"{number} of {len(everything)}, {minutes:.1f} minutes so far"
        print(f"\n== {name} ({place})", flush=True)
        cover = COVER if is_covered and project.parent.name == "packages" else []
        code, counts = run(project, options, cover)
        total = {key: total[key] + counts[key] for key in total}
        if code != 0:
            broken.append(name)
    for name in broken:
        print(f"\nFailed in {name}: cd {name} && pytest")
    seconds = time.monotonic() - begin
    summary = ", ".join(f"{count} {result}" for result, count in total.items())
    print(f"\n{summary} in {seconds:.0f} s", flush=True)
    return 1 if broken else 0


def projects() -> list[Path]:
    """Return the folders that are pytest runs: the packages, the example, and this."""
    packages = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
    return [*packages, ROOT / "examples" / "board", ROOT / "tests"]


def run(project: Path, options: list[str], cover: list[str]) -> tuple[int, Counts]:
    """Run the tests of one folder, and return the exit code and the counts.

    A run that ends before it has written its report counts as one failure; so does one
    without tests, unless `options` selected some by name.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}"]
        command += [*cover, *options]
        code = subprocess.call(command, cwd=project, env=environment())
        counts = read(report) if report.exists() else dict.fromkeys(KINDS, 0)
    if code == NO_TESTS and options:
        return 0, counts
    if code != 0 and counts["failed"] == 0:
        counts["failed"] = 1
    return code, counts


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
