"""The result as text for the shell, and as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from laboratory import FLASK
from reports import Comparison
from suites import KINDS

COLUMNS = ("both", "lost", "gained", "fail on Flask too", "skipped")
COLUMNS_OF_FACES = ("both", "lost", "gained", "fail by WSGI too", "skipped")
PAGE = """\
# Conformance

What was written for Flask is run on Tantalus as it is: the tests of Flask {flask}, of
{extensions} and of {applications}, as they are in the source archives of
their releases, once on Flask and once with `-p tantalus.as_flask`. This page is written
by `hatch run conformance --write`.

*Both* counts the tests that pass on either, *lost* those that pass on Flask only,
*gained* those that pass on Tantalus only. The other tests pass on neither in this
environment, or are skipped there: they want a server, a container, a file that is not
in the archive, or another version of a library. Of a release that serves other
frameworks too, only the tests of what it does for Flask are run. A row without a
version is of tests that are ours.

{summary}

## Extensions

{of_extensions}

## Applications

{of_applications}
{notes}"""


def text(results: list[Comparison], columns: tuple[str, ...] = COLUMNS) -> str:
    """Return the table in columns, with what the list of reasons does not cover."""
    rows = [("suite", *columns), *map(_row, results), _total(results)]
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
    of = {kind: [r for r in results if r.suite.kind == kind] for kind in KINDS}
    extensions = _number(of["extension"], "extension")
    applications = _number(of["application"], "application")
    summary = [
        *map(_row, of["framework"]),
        _total(of["extension"], extensions),
        _total(of["application"], applications),
        _total(results),
    ]
    notes = [*_losses(results), *_left_out(results), *_untested(untested)]
    return PAGE.format(
        flask=FLASK,
        extensions=extensions,
        applications=applications,
        summary=_table(summary),
        of_extensions=_table([*map(_row, of["extension"])]),
        of_applications=_table([*map(_row, of["application"])]),
        notes="\n".join(notes),
    )


def _number(results: list[Comparison], kind: str) -> str:
    return f"{len(results)} {kind}{'' if len(results) == 1 else 's'}"


def _table(rows: list[tuple[str, ...]]) -> str:
    head = ("Suite", *(name[0].upper() + name[1:] for name in COLUMNS))
    lines = [head, (":--", *["--:"] * len(COLUMNS)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(result: Comparison) -> tuple[str, ...]:
    return (result.suite.title, *map(str, _counts(result)))


def _counts(result: Comparison) -> list[int]:
    parts = (result.both, result.lost, result.gained, result.failed, result.skipped)
    return [len(part) for part in parts]


def _total(results: list[Comparison], title: str = "all") -> tuple[str, ...]:
    columns = zip([0] * len(COLUMNS), *map(_counts, results), strict=True)
    return (title, *(str(sum(column)) for column in columns))


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
