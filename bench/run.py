"""Measure Tantalus beside Flask, Bottle, Falcon, bare Werkzeug and no framework.

    python bench/run.py [--quick] [--only SCENARIO] [--json FILE] [--svg FOLDER]
    python bench/run.py --servers
    python bench/run.py --svg docs/benchmarks --page docs/benchmarks.md
    python bench/run.py --profile

Everything is measured in one run and in turns, so that ratios within a run mean
something; microseconds of different runs or machines do not compare. Before a framework
is timed its answer is checked; one that answers differently is named, not timed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import fresh
import plots
import report
import servers
import walk
from asking import batch
from contest import contest
from frameworks import FRAMEWORKS, build
from scenarios import SCENARIOS
from timing import interleaved

SIZES = [10, 600]
ROUNDS = 60
QUICK_ROUNDS = 8


def main(options: list[str]) -> int:
    """Measure what the options ask for, and return the exit code for the shell."""
    chosen = parser().parse_args(options)
    if chosen.profile:
        print(profile())
        return 0
    found = report.new_report(options)
    shown = [report.heading(found)]
    print(shown[0], flush=True)
    if chosen.servers and (lost := servers.missing_programs()):
        print(f"Not installed, but needed: {', '.join(lost)}")
        return 1
    measure = measured_by_servers if chosen.servers else measured
    for part in measure(found, chosen):
        print(part, flush=True)
        shown.append(part)
    keep(found, "\n".join(shown), chosen)
    return 0


def keep(found: report.Report, text: str, chosen: argparse.Namespace) -> None:
    """Write the files that were asked for."""
    if chosen.json:
        chosen.json.write_text(json.dumps(found.as_json(), indent=1), encoding="utf-8")
    if chosen.page:
        section = "servers" if chosen.servers else "requests"
        page = chosen.page.read_text(encoding="utf-8")
        chosen.page.write_text(report.on_page(page, section, text), encoding="utf-8")
    if chosen.svg:
        plots.draw(found.rows, chosen.svg)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="bench/run.py", description=(__doc__ or "").partition("\n")[0]
    )
    made.add_argument("--quick", action="store_true", help="few rounds, more noise")
    made.add_argument(
        "--only", metavar="SCENARIO", action="append", choices=SCENARIOS, default=[]
    )
    made.add_argument("--json", metavar="FILE", type=Path, help="write the figures")
    made.add_argument("--svg", metavar="FOLDER", type=Path, help="draw the figures")
    made.add_argument("--page", metavar="FILE", type=Path, help="put the tables there")
    made.add_argument("--profile", action="store_true", help="show one hello request")
    made.add_argument(
        "--servers", action="store_true", help="requests per second behind servers"
    )
    return made


def measured_by_servers(
    found: report.Report, chosen: argparse.Namespace
) -> Iterator[str]:
    """Fill the report with what servers reach, and give it as text."""
    found.servers = servers.rates(seconds=3, rounds=1 if chosen.quick else 2)
    yield report.behind_servers(found.servers)


def measured(found: report.Report, chosen: argparse.Namespace) -> Iterator[str]:
    """Fill the report, and give each part as text when it is there.

    What is no scenario is left out if scenarios are chosen.
    """
    rounds = QUICK_ROUNDS if chosen.quick else ROUNDS
    for routes in SIZES:
        rows = [
            contest(SCENARIOS[name], routes, rounds, FRAMEWORKS)
            for name in chosen.only or SCENARIOS
        ]
        found.rows += rows
        yield report.table(rows)
    if chosen.only:
        return
    few = max(2, rounds // 8)
    found.registration = fresh.registration_seconds(few)
    found.first_answer = fresh.first_answer_seconds(few)
    found.imports = fresh.import_seconds(max(8, 2 * few))
    found.megabytes = fresh.worker_megabytes()
    yield report.costs(found)


def profile() -> str:
    """Return the walk of one hello request, and how long it takes undisturbed."""
    app = build("App", "text", 600)
    assert app is not None
    make_environ = SCENARIOS["text"].environ_maker(600)
    steps = walk.walk(app, make_environ)
    took = interleaved({"App": batch(app, make_environ)}, ROUNDS)["App"].best
    return f"{walk.show(steps)}\nWithout the profiler: {took * 1e6:.1f} us."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
