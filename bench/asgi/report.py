"""What was measured under ASGI, as text."""

from __future__ import annotations

import report
from contest import Row
from report import Report, figure, in_both, markdown_head, markdown_line, ratio

from . import budgets
from .frameworks import FRAMEWORKS
from .servers import Rates, Reached

PACKAGES = [
    *("tantalus", "starlette", "fastapi", "litestar", "quart", "falcon", "blacksheep"),
    *("flask", "uvicorn", "granian", "uvloop", "httptools"),
]


def new_report(options: list[str]) -> Report:
    """Return a report with nothing but where and how it is made."""
    return report.new_report(options, "bench/run_asgi.py", PACKAGES)


def table(rows: list[Row], loop: str) -> str:
    """Return the table of what was measured on a loop, with notes, in Markdown."""
    notes = [report.noise(rows, FRAMEWORKS), *report.faults(rows), missed(rows)]
    lines = ["", f"On the loop of {loop}, microseconds per request", "", requests(rows)]
    return "\n".join([*lines, "", *(f"- {note}" for note in notes)])


def requests(rows: list[Row]) -> str:
    """Return the best times, and the budgets.

    Noise is that of the app and of Starlette, and so are the objects left in cycles.
    """
    heads = [
        *FRAMEWORKS,
        *("of Starlette", "at most", "x Quart", "at least", "noise %", "cycles"),
    ]
    lines = markdown_head("scenario", heads)
    for row in rows:
        cells = [figure(row.figures.get(name), 1e6) for name in FRAMEWORKS]
        part, times = of_starlette(row), row.times_faster("Quart")
        cells.append("-" if part is None else f"{part:.2f}")
        cells.append(f"{budgets.OF_STARLETTE[row.scenario]:g}")
        cells.append(ratio(times))
        least = budgets.TIMES_QUART.get(row.scenario)
        cells.append(f"{least:g}" if least else "")
        noise = {name: 100 * found.noise for name, found in row.figures.items()}
        cells += [in_both(noise, "Starlette"), in_both(row.cycles, "Starlette")]
        lines.append(markdown_line(row.scenario, cells))
    return "\n".join(lines)


def of_starlette(row: Row) -> float | None:
    """Return which part of Starlette's time the app takes."""
    times = row.times_faster("Starlette")
    return None if times is None else 1 / times


def missed(rows: list[Row]) -> str:
    """Return which budgets are not met."""
    found = []
    for row in rows:
        part, most = of_starlette(row), budgets.OF_STARLETTE[row.scenario]
        if part is not None and part > most:
            found.append(f"{row.scenario} ({part:.2f} of Starlette, at most {most:g})")
        times, least = row.times_faster("Quart"), budgets.TIMES_QUART.get(row.scenario)
        if times is not None and least is not None and times < least:
            found.append(f"{row.scenario} ({times:.1f} x Quart, at least {least})")
    return f"Budgets missed: {', '.join(found) or 'none'}."


def beside_flask(row: Row) -> str:
    """Return what a coroutine view takes under WSGI, here and in Flask."""
    times = row.times_faster("Flask")
    ours, theirs = (figure(row.figures.get(name), 1e6) for name in ("App", "Flask"))
    return (
        f"\nA coroutine view under WSGI: {ours} microseconds, in Flask {theirs}: "
        f"{ratio(times)} x Flask; budget {budgets.COROUTINE_VIEW}."
    )


def behind_servers(rates: Rates) -> str:
    """Return a table for each server: requests per second, and what one costs it."""
    lines: list[str] = []
    for server, scenarios in rates.items():
        lines += ["", f"Behind {server}, requests per second (microseconds of its "]
        lines[-1] += "processor time for each)"
        lines += ["", *markdown_head("scenario", [*FRAMEWORKS, "ahead of all"])]
        for scenario, found in scenarios.items():
            cells = [reached(found.get(name)) for name in FRAMEWORKS]
            lines.append(markdown_line(scenario, [*cells, ahead(found)]))
    return "\n".join(lines)


def reached(found: Reached | None) -> str:
    return "-" if found is None else f"{found.rate:,.0f} ({found.microseconds:.0f})"


def ahead(found: dict[str, Reached]) -> str:
    """Return those of four that were faster than the app."""
    rivals = ("Starlette", "FastAPI", "Litestar", "Quart")
    faster = [n for n in rivals if n in found and found[n].rate > found["App"].rate]
    return "behind " + ", ".join(faster) if faster else "yes"
