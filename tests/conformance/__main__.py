"""Run the tests of Flask, its extensions and applications on Flask and on Tantalus.

    python tests/conformance [suite ...] [--keep FOLDER [--reports]] [--write]
    python tests/conformance --face FACE [suite ...] [--keep FOLDER [--reports]]

A test that passes on Flask and not on Tantalus is lost; with `--face`, one that passes
on Tantalus by WSGI and not by that face. The exit code is 1 if one is lost for which
`suites.toml` has no reason.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from laboratory import ROOT, Laboratory, build_wheels
from reports import Comparison, Outcomes, compare
from suites import (
    FACES,
    read_suites,
    read_suites_of_faces,
    read_table,
    read_untested,
    select,
)
from table import COLUMNS, COLUMNS_OF_FACES, page, text

PAGE = ROOT / "docs" / "conformance.md"


def main(arguments: list[str]) -> int:
    """Run the suites that were named, or all, and return the exit code."""
    options = parsed(arguments)
    table = read_table()
    by_default = [] if options.face == "wsgi" else read_suites_of_faces(table)
    chosen = select(read_suites(table), options.suites or by_default)
    with TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)).absolute()
        laboratories = [Laboratory(suite, folder) for suite in chosen]
        read_or_run = read_all if options.reports else run_all
        results = read_or_run(laboratories, options.face)
    print(text(results, COLUMNS if options.face == "wsgi" else COLUMNS_OF_FACES))
    if options.write:
        PAGE.write_text(page(results, read_untested(table)), encoding="utf-8")
    return 0 if all(result.is_good for result in results) else 1


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Return the options, or end the program with what is wrong with them."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("suites", nargs="*", help="distributions; by default, all")
    parser.add_argument(
        "--face", choices=FACES, default="wsgi", help="how apps are called"
    )
    parser.add_argument("--keep", type=Path, help="a folder to keep environments in")
    parser.add_argument(
        "--reports", action="store_true", help="run nothing: read what is kept"
    )
    parser.add_argument("--write", action="store_true", help=f"write {PAGE}")
    options = parser.parse_args(arguments)
    if options.write and (options.suites or options.face != "wsgi"):
        parser.error("--write needs all suites on Flask: name none, and no --face")
    if options.reports and not options.keep:
        parser.error("--reports needs --keep: the folder of the reports")
    return options


def read_all(laboratories: list[Laboratory], face: str) -> list[Comparison]:
    """Compare the reports of the last run of each suite."""
    before, after = (
        ("flask", "tantalus") if face == "wsgi" else ("tantalus", f"tantalus-{face}")
    )
    return [
        compared(place, face, place.report(before), place.report(after))
        for place in laboratories
    ]


def run_all(laboratories: list[Laboratory], face: str) -> list[Comparison]:
    """Run one suite after the other, from the same wheels."""
    with TemporaryDirectory() as target:
        wheels = build_wheels(Path(target))
        return [run_suite(place, wheels, face) for place in laboratories]


def run_suite(laboratory: Laboratory, wheels: list[Path], face: str) -> Comparison:
    """Run one suite twice, and say at once how it went: all take an hour."""
    print(f"== {laboratory.suite.title}", flush=True)
    laboratory.prepare(wheels)
    if face == "wsgi":
        before = laboratory.run_on_flask()
    else:
        before = laboratory.run_on_tantalus()
    result = compared(laboratory, face, before, laboratory.run_on_tantalus(face))
    print(f"{len(result.both)} pass on both, {len(result.lost)} lost", flush=True)
    return result


def compared(
    laboratory: Laboratory, face: str, before: Outcomes, after: Outcomes
) -> Comparison:
    """Tell what changes for a suite with Flask replaced, or by another face."""
    suite = laboratory.suite
    return compare(suite if face == "wsgi" else suite.called_by(face), before, after)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
