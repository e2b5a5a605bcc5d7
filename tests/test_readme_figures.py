"""The figures of the README are no better than those on the pages they link to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
BENCHMARKS = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
CONFORMANCE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


def rows(page: str) -> dict[str, list[str]]:
    """Return the cells of a page's tables by the first; the first table wins."""
    lines = re.findall(r"^\| (.+) \|$", page, re.M)
    cells = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    return {first: rest for first, *rest in reversed(cells)}


def times_faster(scenario: str) -> float:
    """Return how many requests are answered while Flask answers one, of 600 routes."""
    table = rows(BENCHMARKS.partition("600 routes, microseconds")[2])
    column = table["scenario"].index("x Flask")
    return float(table[scenario][column])


def test_it_is_as_fast_as_the_readme_says() -> None:
    text, json, form = re.search(
        r"More than (\d+) times as many requests for a text .*? (\d+) times as many for"
        r" JSON, and (\d+) times as many with a form",
        README,
    ).groups()  # type: ignore[union-attr]  # a README without them fails here

    assert times_faster("text") > int(text)
    assert times_faster("json") > int(json)
    assert times_faster("form") > int(form)


def test_as_many_tests_pass_as_the_readme_says() -> None:
    table = rows(CONFORMANCE)
    both, lost, _, fail_on_both, _ = table["flask 3.1.3"]
    extensions, applications = (
        next(row for row in table if re.fullmatch(rf"\d+ {kind}", row))
        for kind in ("extensions", "applications")
    )

    assert f"{both} of Flask's {int(both) + int(fail_on_both)} tests pass" in README
    assert f"the tests of {extensions} and {applications} none is lost" in README
    assert lost == table["all"][1] == "0"
