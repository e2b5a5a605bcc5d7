"""The page on extensions names those whose tests are run, and no other."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def named() -> list[str]:
    """Return the extensions in the first table of the page."""
    text = (DOCS / "extensions.md").read_text(encoding="utf-8")
    table = text.partition("## What is here")[0]
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|$", table, re.M)[1:]
    return [name for row in rows for name in row.split(", ")]


def tried() -> dict[str, int]:
    """Return how many tests of each extension are lost, by its name."""
    text = (DOCS / "conformance.md").read_text(encoding="utf-8")
    table = text.partition("## Extensions")[2].partition("##")[0]
    rows = re.findall(r"^\| (\S+)[^|]* \| \d+ \| (\d+) ", table, re.M)
    return {name: int(lost) for name, lost in rows}


def test_every_extension_that_is_tried_stands_on_the_page_once() -> None:
    assert sorted(named()) == sorted(tried())


def test_no_extension_on_the_page_has_lost_a_test() -> None:
    assert {name: lost for name, lost in tried().items() if lost} == {}
