"""Each promise of the page on security names the tests that hold it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "security.md"
HEAD = re.compile(r"^\| (?:an attacker|what may go wrong) \|.*$", re.M)
TEST = re.compile(r"\]\(\.\./((?:packages/\w+/)?tests/[\w/]+\.py)\)")


def promises() -> list[str]:
    """Return the rows that promise something, of each table with promises."""
    text = PAGE.read_text(encoding="utf-8")
    rows = []
    for head in HEAD.finditer(text):
        table = text[head.end() :].partition("\n\n")[0]
        rows += [row for row in table.splitlines()[2:] if promised(row)]
    return rows


def promised(row: str) -> str:
    """Return the second cell of a row."""
    return re.split(r"(?<!\\)\|", row)[2].strip()


def test_the_page_has_promises() -> None:
    assert len(promises()) >= 20


@pytest.mark.parametrize("row", promises(), ids=lambda row: row[2:40])
def test_a_promise_names_files_that_have_tests(row: str) -> None:
    files = TEST.findall(promised(row))

    assert files
    for file in files:
        assert re.search(
            r"^def test_|^Test\w+ = ", (ROOT / file).read_text("utf-8"), re.M
        )
