"""Run the tests of Flask, its extensions and applications on Flask and on Tantalus.

    python tests/conformance [suite ...] [--keep FOLDER [--reports]] [--write]

A test that passes on Flask and not on Tantalus is lost. The exit code is 1 if one is
lost for which `suites.toml` has no reason.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from laboratory import ROOT, Laboratory, build_wheels
from reports import Comparison, compare
from suites import read_suites, read_table, read_untested, select
from table import page, text

PAGE = ROOT / "docs" / "conformance.md"


def main(arguments: list[str]) -> int:
    """Run the suites that were named, or all, and return the exit code."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("suites", nargs="*", help="distributions; by default, all")
    parser.add_argument("--keep", type=Path, help="a folder to keep environments in")
    parser.add_argument(
        "--reports", action="store_true", help="run nothing: read what is kept"
    )
    parser.add_argument("--write", action="store_true", help=f"write {PAGE}")
    options = parser.parse_args(arguments)
    table = read_table()
    chosen = select(read_suites(table), options.suites)
    if options.write and options.suites:
        parser.error("--write needs all suites: name none")
    if options.reports and not options.keep:
        parser.error("--reports needs --keep: the folder of the reports")
    with TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)).absolute()
        laboratories = [Laboratory(suite, folder) for suite in chosen]
        results = read_all(laboratories) if options.reports else run_all(laboratories)
    print(text(results))
    if options.write:
        PAGE.write_text(page(results, read_untested(table)), encoding="utf-8")
    return 0 if all(result.is_good for result in results) else 1


def read_all(laboratories: list[Laboratory]) -> list[Comparison]:
    """Compare the reports of the last run of each suite."""
    return [
        compare(place.suite, place.report("flask"), place.report("tantalus"))
        for place in laboratories
    ]


def run_all(laboratories: list[Laboratory]) -> list[Comparison]:
    """Run one suite after the other, from the same wheels."""
    with TemporaryDirectory() as target:
        wheels = build_wheels(Path(target))
        return [run_suite(place, wheels) for place in laboratories]


def run_suite(laboratory: Laboratory, wheels: list[Path]) -> Comparison:
    """Run one suite on both, and say at once how it went: all take an hour."""
    print(f"== {laboratory.suite.title}", flush=True)
    laboratory.prepare(wheels)
    on_flask = laboratory.run_on_flask()
    result = compare(laboratory.suite, on_flask, laboratory.run_on_tantalus())
    print(f"{len(result.both)} pass on both, {len(result.lost)} lost", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
