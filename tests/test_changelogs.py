"""The form of the change logs, which readers and the release rely on."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = sorted(path.name for path in (ROOT / "packages").iterdir() if path.is_dir())

SECTIONS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
RELEASE = re.compile(r"## (?P<version>\d+\.\d+\.\d+) - (?P<date>\d{4}-\d\d-\d\d)")


def faults(text: str, *, name: str, version: str) -> list[str]:
    """Return what is wrong with the change log of `name` at `version`."""
    lines = text.splitlines()
    heads = [line for line in lines if line.startswith("## ")]
    found = [] if lines[:1] == [f"# Changes of {name}"] else ["title"]
    if not heads or not top_is_current(heads, version):
        found.append("top heading")
    found += [f"heading {head!r}" for head in heads[1:] if not RELEASE.fullmatch(head)]
    releases = [match for head in heads if (match := RELEASE.fullmatch(head))]
    found += [f"date {item['date']}" for item in releases if not is_date(item["date"])]
    if not descends([number(item["version"]) for item in releases]):
        found.append("order of versions")
    if not descends([(item["date"],) for item in releases], equal=True):
        found.append("order of dates")
    return found + faults_of_lines(lines[1:])


def top_is_current(heads: list[str], version: str) -> bool:
    """Return whether the newest heading is `Unreleased`, or the version of the tree.

    Below `Unreleased`, the newest release is the version of the tree, if there was one.
    """
    newest = heads[1:2] if heads[0] == "## Unreleased" else heads[:1]
    return all(head.startswith(f"## {version} - ") for head in newest)


def faults_of_lines(lines: list[str]) -> list[str]:
    """Return the lines that are no heading, item, or continuation of an item."""
    found, section = [], False
    for line in lines:
        if line.startswith("## "):
            section = False
        elif line.startswith("### "):
            section = line.removeprefix("### ") in SECTIONS
            found += [] if section else [f"section {line!r}"]
        elif line and not (section and line.startswith(("- ", "  "))):
            found.append(f"line {line!r}")
    return found


def is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def descends(values: list[tuple[object, ...]], *, equal: bool = False) -> bool:
    if not equal and len(set(values)) != len(values):
        return False
    return values == sorted(values, reverse=True)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_change_log_has_the_form(package: str) -> None:
    folder = ROOT / "packages" / package
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    text = (folder / "CHANGELOG.md").read_text(encoding="utf-8")

    assert faults(text, name=project["name"], version=project["version"]) == []


GOOD = """\
# Changes of tantalus-x

## Unreleased

### Added

- `walk()` says where it is,
  and why.

## 0.2.0 - 2026-02-28

### Fixed

- A thing.

## 0.1.0 - 2026-02-28

### Added

- The first version.
"""


def test_a_good_change_log_has_no_faults() -> None:
    assert faults(GOOD, name="tantalus-x", version="0.2.0") == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# Changes of tantalus-x", "# Changes of tantalus-y", ["title"]),
        ("## 0.2.0 - ", "## 0.3.0 - ", ["top heading"]),
        ("0.2.0 - 2026-02-28", "0.2.0", ["top heading", "heading '## 0.2.0'"]),
        ("0.1.0 - 2026-02-28", "0.1.0 - 2026-02-30", ["date 2026-02-30"]),
        ("0.1.0 - 2026-02-28", "0.2.0 - 2026-02-28", ["order of versions"]),
        ("0.1.0 - 2026-02-28", "0.1.0 - 2026-03-01", ["order of dates"]),
        ("### Fixed", "### Repaired", ["section '### Repaired'", "line '- A thing.'"]),
        ("- A thing.", "A thing.", ["line 'A thing.'"]),
    ],
)
def test_a_fault_is_found(old: str, new: str, expected: list[str]) -> None:
    text = GOOD.replace(old, new)

    found = faults(text, name="tantalus-x", version="0.2.0")

    assert [fault for fault in found if fault in expected] == expected
