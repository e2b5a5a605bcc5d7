"""The page on security has each package's threats, and a test for each promise."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
PACKAGES = sorted(
    tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"]
    for path in ROOT.glob("packages/*/pyproject.toml")
)
HEAD = "| who | with what | what is promised | what is yours |\n|---|---|---|---|\n"
SECTION = re.compile(r"^## [^\n]*: `([\w-]+)`\n(.*?)(?=^## |\Z)", re.M | re.S)
CELL = re.compile(r"(?<!\\)\|")
# The file of a test, and the test in its title.
LINK = re.compile(r'\]\(\.\./((?:packages/\w+/)?tests/[\w/]+\.py) "(\w+)"\)')
# A link to a test, or to a file of tests that names none.
ANY_LINK = re.compile(r"\]\(\.\./(?:packages/\w+/)?tests/")


class Threat(NamedTuple):
    """A row of the table of a package."""

    package: str
    who: str
    attack: str
    promised: str
    yours: str

    def __str__(self) -> str:
        return f"{self.package}: {self.who} {self.attack[:40]}"


def threats(page: str = PAGE) -> list[Threat]:
    """Return the rows of all tables of threats, with the packages they are of."""
    return [
        Threat(package, *(cell.strip() for cell in CELL.split(row)[1:-1]))
        for package, section in SECTION.findall(page)
        for row in section.partition(HEAD)[2].partition("\n\n")[0].splitlines()
    ]


def attackers(page: str = PAGE) -> set[str]:
    """Return the words for who attacks, which the page explains."""
    table = page.partition("| who | can do |\n|---|---|\n")[2].partition("\n\n")[0]
    return {CELL.split(row)[1].strip() for row in table.splitlines()}


def untested(threat: Threat) -> list[str]:
    """Return what is missing for the promise of a row to be one."""
    if not threat.promised:
        return [] if threat.yours else [f"{threat}: nothing is promised or said"]
    tests = LINK.findall(threat.promised)
    if len(ANY_LINK.findall(threat.promised)) != len(tests) or not tests:
        return [f"{threat}: a test is not named"]
    return [f"{file} has no {name}" for file, name in tests if not is_test(file, name)]


def is_test(file: str, name: str) -> bool:
    path = ROOT / file
    return (
        name.startswith("test_")
        and path.is_file()
        and re.search(
            rf"^ *(?:async )?def {name}\(", path.read_text(encoding="utf-8"), re.M
        )
        is not None
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_has_its_section(package: str) -> None:
    rows = [threat for threat in threats() if threat.package == package]

    assert len(rows) >= 5
    assert sum(bool(row.promised) for row in rows) >= 4


def test_no_section_is_of_a_package_that_is_not_there() -> None:
    assert {threat.package for threat in threats()} == set(PACKAGES)


@pytest.mark.parametrize("threat", threats(), ids=str)
def test_each_promise_names_tests_that_exist(threat: Threat) -> None:
    assert untested(threat) == []


def test_who_attacks_is_one_of_the_words_that_the_page_explains() -> None:
    assert {threat.who for threat in threats()} == attackers()


@pytest.mark.parametrize(
    "promised",
    [
        "it is safe",
        "it is safe ([test](../packages/http/tests/test_body.py))",
        'it is safe ([test](../packages/http/tests/test_body.py "test_nothing"))',
        'it is safe ([test](../packages/http/tests/test_bod.py "test_nothing"))',
        'it is safe ([test](../packages/http/tests/test_body.py "Source"))',
    ],
    ids=["no test", "a file alone", "no such test", "no such file", "no test's name"],
)
def test_a_promise_that_no_test_holds_is_found(promised: str) -> None:
    page = f"## The app: `tantalus`\n\n{HEAD}| client | tries | {promised} | |\n\n"

    (threat,) = threats(page)

    assert untested(threat)


def test_a_row_that_says_nothing_is_found() -> None:
    page = f"## The app: `tantalus`\n\n{HEAD}| client | tries | | |\n\n"

    (threat,) = threats(page)

    assert untested(threat)
