"""Test each package alone: a copy of its folder, in an environment with nothing else.

    python tests/alone.py [package ...] [--python 3.12 ...]

For each Python from 3.11 that the machine has, each package is copied out of the
repository, installed with stock pip and its extra `test`, and tested from its folder.
Core has the components beside it, from copies too. Two run at a time.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
PACKAGES = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
VERSIONS = ("3.11", "3.12", "3.13")
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".*", "dist", "*.egg-info")
COUNT = re.compile(r"(\d+) (passed|failed|error|skipped)")


@dataclass(frozen=True)
class Outcome:
    """How the tests of one package ended on one Python."""

    package: str
    version: str
    seconds: float
    output: str
    problem: str = ""

    def counted(self, *results: str) -> int:
        """Return how many tests ended so, by the last line of pytest."""
        last = self.output.strip().rpartition("\n")[2]
        return sum(int(n) for n, result in COUNT.findall(last) if result in results)


def main() -> int:
    """Test what was asked for, print a line each, and return the exit code."""
    asked = arguments()
    pythons = {v: p for v in asked.python if (p := find_python(v)) is not None}
    if not pythons:
        print(f"This machine has none of the Pythons {', '.join(asked.python)}.")
        return 1
    pairs = [(name, version) for version in pythons for name in asked.package]
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(
            pool.map(lambda pair: shown(attempt(pair[0], pair[1], pythons)), pairs)
        )
    passed = sum(outcome.counted("passed") for outcome in outcomes)
    failed = sum(
        outcome.counted("failed", "error") or bool(outcome.problem)
        for outcome in outcomes
    )
    print(f"On Python {', '.join(pythons)}: {passed} passed, {failed} failed")
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("package", nargs="*", help=f"of {', '.join(PACKAGES)}")
    parser.add_argument("--python", action="append", metavar="VERSION")
    found = parser.parse_args()
    found.python = found.python or list(VERSIONS)
    found.package = found.package or PACKAGES
    if unknown := set(found.package) - set(PACKAGES):
        parser.error(f"There is no package {', '.join(sorted(unknown))}.")
    return found


def find_python(version: str) -> str | None:
    """Return a Python of that version: on the path, or one that pyenv has built."""
    root = os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"
    built = sorted(Path(root).glob(f"versions/{version}.*/bin/python{version}"))
    candidates: Iterable[str | Path | None] = (
        sys.executable,
        shutil.which(f"python{version}"),
        *built,
    )
    for candidate in candidates:
        if candidate is not None and version_of(candidate) == version:
            return str(candidate)
    return None


def version_of(python: str | Path) -> str | None:
    """Return its version, None if it does not run: pyenv has names without Pythons."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    asked = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 else None


def attempt(package: str, version: str, pythons: dict[str, str]) -> Outcome:
    """Install one package in a fresh environment, and run its tests."""
    begin = time.monotonic()
    with TemporaryDirectory(prefix="alone-") as folder:
        place = Path(folder)
        output, problem = tested(package, pythons[version], place)
    return Outcome(package, version, time.monotonic() - begin, output, problem)


def tested(package: str, python: str, place: Path) -> tuple[str, str]:
    """Return what pytest wrote, and what went wrong if anything did."""
    beside = [name for name in PACKAGES if name != "core"] if package == "core" else []
    copies = [copy(name, place) for name in (*beside, package)]
    environment = place / "venv"
    own = str(environment / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", own]
    for name, command, folder in (
        ("venv", [python, "-m", "venv", "--without-pip", str(environment)], place),
        (
            "pip",
            [
                *pip,
                "install",
                "-q",
                *map(str, copies[:-1]),
                "-e",
                f"{copies[-1]}[test]",
            ],
            place,
        ),
        ("pytest", [own, "-m", "pytest", "-q"], copies[-1]),
    ):
        ended = subprocess.run(
            command,
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if ended.returncode != 0:
            return ended.stdout, f"{name} ended with {ended.returncode}"
    siblings = strangers(own, package, beside)
    return ended.stdout, f"also installed: {siblings}" if siblings else ""


def copy(package: str, place: Path) -> Path:
    """Copy the folder of a package to where it has no sibling."""
    target = place / "elsewhere" / package
    shutil.copytree(ROOT / "packages" / package, target, ignore=LEFT_BEHIND)
    return target


def strangers(python: str, package: str, beside: list[str]) -> str:
    """Return which distributions of ours are there and should not be."""
    code = (
        "from importlib.metadata import distributions as all\n"
        "print(*{d.name for d in all() if d.name.startswith('tantalus')})"
    )
    listed = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True
    )
    own = "tantalus" if package == "core" else f"tantalus-{package}"
    wanted = {own, *(f"tantalus-{name}" for name in beside)}
    return " ".join(sorted(set(listed.stdout.split()) - wanted))


def shown(outcome: Outcome) -> Outcome:
    """Print a line about an outcome, and all of its output if it is no success."""
    verdict = outcome.problem or f"{outcome.counted('passed')} passed"
    print(
        f"{outcome.package:12} {outcome.version:5} {outcome.seconds:4.0f} s  {verdict}",
        flush=True,
    )
    if outcome.problem:
        print(outcome.output, flush=True)
    return outcome


def clean_environment() -> dict[str, str]:
    """Return the environment without what belongs to the tree or its environment."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "HATCH", "FLASK_", "TANTALUS_", "BOARD_", "COV_")
    return {
        name: value for name, value in os.environ.items() if not name.startswith(hidden)
    }


if __name__ == "__main__":
    sys.exit(main())
