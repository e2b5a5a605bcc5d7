"""What was measured, as text and as JSON."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

import budgets
from contest import Row
from frameworks import FRAMEWORKS
from timing import Figure

PACKAGES = [
    *("tantalus", "flask", "bottle", "falcon", "werkzeug", "jinja2"),
    *("gunicorn", "granian"),
]
RIVALS = ["Flask", "Bottle", "Falcon"]


@dataclass
class Report:
    """All of one run; what was not asked for is empty."""

    command: str
    versions: dict[str, str]
    load: list[float]
    rows: list[Row] = field(default_factory=list)
    registration: dict[str, Figure] = field(default_factory=dict)
    first_answer: dict[str, Figure] = field(default_factory=dict)
    imports: dict[str, Figure] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    servers: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return everything in types that JSON has; times are in seconds."""
        return asdict(self)


def new_report(
    options: list[str],
    program: str = "bench/run.py",
    packages: Iterable[str] = PACKAGES,
) -> Report:
    """Return a report with nothing but where and how it is made."""
    return Report(
        command=" ".join(["python", program, *options]),
        versions=versions(packages),
        load=list(os.getloadavg()),
    )


def versions(packages: Iterable[str]) -> dict[str, str]:
    found = {
        platform.python_implementation(): platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}, {os.cpu_count()} CPUs",
    }
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def on_page(page: str, section: str, text: str) -> str:
    """Return the page with other text between the marks of a section.

    Raises:
        ValueError: The page has not both marks, `<!-- section -->` and
            `<!-- end of section -->`.
    """
    begin, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
    before, opened, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise ValueError(f"The page has no {begin} with {end} below. Add both lines.")
    return f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}"


def heading(report: Report) -> str:
    named = ", ".join(f"{name} {text}" for name, text in report.versions.items())
    load = ", ".join(f"{number:.1f}" for number in report.load)
    return f"```\n{report.command}\n{named}\nload average at the start: {load}\n```"


def table(rows: list[Row]) -> str:
    """Return a table for each number of routes, with notes, in Markdown."""
    parts = []
    for routes in sorted({row.routes for row in rows}):
        some = [row for row in rows if row.routes == routes]
        notes = [noise(some), *faults(some), *behind(some), below_budget(some)]
        parts += ["", f"{routes} routes, microseconds per request", "", requests(some)]
        parts += ["", *(f"- {note}" for note in notes)]
    return "\n".join(parts)


def requests(rows: list[Row]) -> str:
    """Return the best times, by how much the app is ahead, and the budgets.

    Noise is that of the app and of Flask, and so are the objects left in cycles.
    """
    heads = [
        *(f"x {name}" for name in RIVALS),
        "budget",
        *FRAMEWORKS,
        "noise %",
        "cycles",
    ]
    lines = markdown_head("scenario", heads)
    for row in rows:
        cells = [ratio(row.times_faster(name)) for name in RIVALS]
        budget = budgets.REQUESTS.get(row.scenario)
        cells.append(f"{budget.target:g}" if budget else "")
        cells += [figure(row.figures.get(name), 1e6) for name in FRAMEWORKS]
        cells.append(in_both({n: 100 * f.noise for n, f in row.figures.items()}))
        cells.append(in_both(row.cycles))
        lines.append(markdown_line(row.scenario, cells))
    return "\n".join(lines)


def in_both(numbers: Mapping[str, float], rival: str = "Flask") -> str:
    """Return a whole number of the app and one of a rival."""
    return "/".join(f"{numbers[n]:.0f}" for n in ("App", rival) if n in numbers)


def noise(rows: list[Row], frameworks: Iterable[str] = FRAMEWORKS) -> str:
    """Return how far the median batch was above the best one."""
    found = []
    for name in frameworks:
        parts = [row.figures[name].noise for row in rows if name in row.figures]
        if parts:
            found.append(f"{name} {median(parts):.0%} (at most {max(parts):.0%})")
    return f"Noise, median batch above the best: {', '.join(found)}."


def faults(rows: list[Row]) -> list[str]:
    """Return which frameworks were not measured for their answer, and why."""
    return [
        f"Not measured: {name} in {row.scenario!r} answers with {fault}."
        for row in rows
        for name, fault in row.faults.items()
    ]


def behind(rows: list[Row]) -> list[str]:
    """Return where the app is slower than another framework."""
    lines = []
    for name in RIVALS:
        found = [
            f"{row.scenario} ({times:.2f})"
            for row in rows
            if (times := row.times_faster(name)) is not None and times < 1
        ]
        lines.append(f"Behind {name}: {', '.join(found) or 'in no scenario'}.")
    return lines


def below_budget(rows: list[Row]) -> str:
    """Return where the app is not as far ahead of Flask as it has to be."""
    short = [
        f"{row.scenario} ({times:.1f} of {budget.target:g})"
        for row in rows
        if (budget := budgets.REQUESTS.get(row.scenario)) is not None
        and (times := row.times_faster("Flask")) is not None
        and times < budget.target
    ]
    return f"Below budget: {', '.join(short) or 'no scenario'}."


def costs(report: Report) -> str:
    """Return what it costs to begin."""
    memory = {name: f"{found:.1f}" for name, found in report.megabytes.items()}
    cells: list[tuple[str, Callable[[str], str]]] = [
        ("set-up of 1,000 routes, ms", in_milliseconds(report.registration)),
        ("through first answer, ms", in_milliseconds(report.first_answer)),
        ("import, ms", in_milliseconds(report.imports)),
        ("memory of a worker, MB", lambda name: memory.get(name, "-")),
    ]
    lines = ["", "Before the first request", "", *markdown_head("", FRAMEWORKS)]
    lines += [
        markdown_line(label, [cell(name) for name in FRAMEWORKS])
        for label, cell in cells
    ]
    lines += ["", against_budget("First answer", report.first_answer, budgets.SET_UP)]
    lines.append(against_budget("Import", report.imports, budgets.IMPORT))
    return "\n".join(lines)


def in_milliseconds(figures: Mapping[str, Figure]) -> Callable[[str], str]:
    return lambda name: figure(figures.get(name), 1e3)


def against_budget(
    label: str, figures: Mapping[str, Figure], budget: budgets.Budget
) -> str:
    times = figures["Flask"].best / figures["App"].best
    return f"{label}: {times:.2f} x Flask; budget {budget.target:g}."


def behind_servers(
    servers: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> str:
    """Return a table for each server."""
    lines: list[str] = []
    for server, scenarios in servers.items():
        lines += ["", f"Behind {server}, requests per second", ""]
        lines += markdown_head("scenario", [*FRAMEWORKS, "x Flask"])
        for scenario, found in scenarios.items():
            cells = [
                f"{found[name]:,.0f}" if name in found else "-" for name in FRAMEWORKS
            ]
            cells.append(ratio(found["App"] / found["Flask"]))
            lines.append(markdown_line(scenario, cells))
    found = servers["granian"]["text"]
    times, wanted = found["App"] / found["Flask"], budgets.BEHIND_GRANIAN
    lines += ["", f"Behind granian, text: {times:.2f} x Flask; budget {wanted}."]
    return "\n".join(lines)


def figure(found: Figure | None, unit: float) -> str:
    return "-" if found is None else f"{found.best * unit:.1f}"


def ratio(times: float | None) -> str:
    return "-" if times is None else f"{times:.1f}"


def markdown_head(first: str, others: Iterable[str]) -> list[str]:
    names = list(others)
    return [markdown_line(first, names), "|---" + "|--:" * len(names) + "|"]


def markdown_line(first: str, cells: Iterable[str]) -> str:
    aligned = " | ".join(f"{cell:>8}" for cell in cells)
    return f"| {first:24} | {aligned} |"
