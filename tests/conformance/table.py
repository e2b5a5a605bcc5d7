"""The result as text for the shell, and as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from laboratory import FLASK
from reports import Comparison

COLUMNS = ("both", "lost", "gained", "fail on Flask too", "skipped")
PAGE = """\
# Conformance

What was written for Flask is run on Tantalus as it is: the tests of Flask {flask} and
of released extensions, taken from their own source archives, once on Flask and once
with `-p tantalus.as_flask`. This page is written by `hatch run conformance --write`.

*Both* counts the tests that pass on either, *lost* those that pass on Flask only,
*gained* those that pass on Tantalus only. The other tests pass on neither in this
environment, or are skipped there: they want a server, a container, a file that is not
in the archive, or another version of a library.

{table}
{notes}"""


def text(results: list[Comparison]) -> str:
    """Return the table in columns, with what the list of reasons does not cover."""
    rows = [("suite", *COLUMNS), *map(_row, results), _total(results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join([*lines, *_complaints(results)])


def page(results: list[Comparison], untested: dict[str, str]) -> str:
    """Return the page that shows the results, the reasons, and what has no tests."""
    rows = [("Suite", *(name[0].upper() + name[1:] for name in COLUMNS))]
    rows += [(":--", *["--:"] * len(COLUMNS)), *map(_row, results), _total(results)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    notes = [*_losses(results), *_left_out(results), *_untested(untested)]
    return PAGE.format(flask=FLASK, table="\n".join(lines), notes="\n".join(notes))


def _row(result: Comparison) -> tuple[str, ...]:
    return (result.suite.title, *map(str, _counts(result)))


def _counts(result: Comparison) -> list[int]:
    parts = (result.both, result.lost, result.gained, result.failed, result.skipped)
    return [len(part) for part in parts]


def _total(results: list[Comparison]) -> tuple[str, ...]:
    columns = zip(*map(_counts, results), strict=True)
    return ("all", *(str(sum(column)) for column in columns))


def _complaints(results: list[Comparison]) -> Iterator[str]:
    for result in results:
        for test in result.unexplained:
            yield f"{result.suite.name}: lost {test}"
        for test in result.outdated:
            yield f"{result.suite.name}: not lost any more, in suites.toml: {test}"
        if not result.both:
            yield f"{result.suite.name}: no test has passed on both"


def _losses(results: list[Comparison]) -> Iterator[str]:
    lost = [(result, test) for result in results for test in result.lost]
    if lost:
        yield "\n## Lost, and why\n"
    for result, test in lost:
        reason = result.suite.allowed.get(test, "Not explained: a fault of ours.")
        yield f"- {result.suite.name}, `{test}`: {reason}"


def _left_out(results: list[Comparison]) -> Iterator[str]:
    if any(result.suite.left_out for result in results):
        yield "\n## Run on neither, and why\n"
    for result in results:
        for test, reason in result.suite.left_out.items():
            yield f"- {result.suite.name}, `{test}`: {reason}"


def _untested(untested: dict[str, str]) -> Iterator[str]:
    yield "\n## Without tests in their archives\n"
    yield ", ".join(f"{name} {version}" for name, version in untested.items()) + ".\n"
