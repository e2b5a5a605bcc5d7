"""Measure Tantalus under ASGI beside Starlette, FastAPI, Litestar, Quart and others.

    python bench/run_asgi.py [--quick] [--only SCENARIO] [--loop uvloop] [--json FILE]
    python bench/run_asgi.py --servers
    python bench/run_asgi.py --page docs/benchmarks.md

Each scenario is measured in a process of its own, in which all frameworks take turns on
one event loop, so that ratios within a row mean something. Before a framework is timed
its answer is checked; one that answers differently is named, not timed. One that is not
installed is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which

from asgi import report, servers
from asgi.contest import LOOPS, alone
from asgi.frameworks import installed
from asgi.scenarios import EXCHANGES
from contest import contest
from report import Report, heading, on_page
from scenarios import SCENARIOS

ROUNDS = 40
QUICK_ROUNDS = 6


def main(options: list[str]) -> int:
    """Measure what the options ask for, and return the exit code for the shell."""
    chosen = parser().parse_args(options)
    if chosen.servers and not which("wrk"):
        print("Not installed, but needed: wrk")
        return 1
    found = report.new_report(options)
    shown = [heading(found)]
    print(shown[0], flush=True)
    measure = measured_by_servers if chosen.servers else measured
    for part in measure(found, chosen):
        print(part, flush=True)
        shown.append(part)
    keep(found, "\n".join(shown), chosen)
    return 0


def keep(found: Report, text: str, chosen: argparse.Namespace) -> None:
    """Write the files that were asked for."""
    if chosen.json:
        chosen.json.write_text(json.dumps(found.as_json(), indent=1), encoding="utf-8")
    if chosen.page:
        section = "ASGI servers" if chosen.servers else "ASGI requests"
        page = chosen.page.read_text(encoding="utf-8")
        chosen.page.write_text(on_page(page, section, text), encoding="utf-8")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="bench/run_asgi.py", description=(__doc__ or "").partition("\n")[0]
    )
    made.add_argument("--quick", action="store_true", help="few rounds, more noise")
    made.add_argument(
        "--only", metavar="SCENARIO", action="append", choices=EXCHANGES, default=[]
    )
    made.add_argument("--loop", choices=LOOPS, action="append", help="by default, both")
    made.add_argument("--json", metavar="FILE", type=Path, help="write the figures")
    made.add_argument("--page", metavar="FILE", type=Path, help="put the tables there")
    made.add_argument(
        "--servers", action="store_true", help="requests per second behind servers"
    )
    return made


def measured_by_servers(found: Report, chosen: argparse.Namespace) -> Iterator[str]:
    """Give what servers reach as text."""
    reached = servers.rates(installed(), seconds=3, rounds=1 if chosen.quick else 2)
    found.servers = {
        server: {
            scenario: {name: each.rate for name, each in frameworks.items()}
            for scenario, frameworks in scenarios.items()
        }
        for server, scenarios in reached.items()
    }
    yield report.behind_servers(reached)


def measured(found: Report, chosen: argparse.Namespace) -> Iterator[str]:
    """Fill the report, and give each part as text when it is there.

    What is no scenario is left out if scenarios are chosen.
    """
    rounds = QUICK_ROUNDS if chosen.quick else ROUNDS
    for loop in chosen.loop or LOOPS:
        rows = [
            alone(name, rounds, installed(), loop) for name in chosen.only or EXCHANGES
        ]
        found.rows += rows
        yield report.table(rows, loop)
    if not chosen.only:
        row = contest(SCENARIOS["coroutine view"], 10, rounds, ["App", "Flask"])
        found.rows.append(row)
        yield report.beside_flask(row)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
