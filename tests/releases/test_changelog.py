from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from release.changelog import Entry, close, released, unreleased

DAY = date(2026, 2, 28)
VERSION = Version("0.2.0")

TEXT = """\
# Changes of tantalus-x

## Unreleased

### Added

- `walk()` says where it is,
  and why.

### Fixed

- **Breaking:** `run()` walks. Write `walk()`.

## 0.1.0 - 2026-01-31

### Added

- The first version.
"""

CLOSED = TEXT.replace("## Unreleased\n", "## Unreleased\n\n## 0.2.0 - 2026-02-28\n", 1)

LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["", "### Added", "## 0.1.0 - 2026-01-31", "# Changes", "  so"]
        ),
        st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"),
            max_size=12,
        ).map("- {}".format),
    ).filter(lambda line: not line.startswith("## Unreleased")),
    max_size=12,
)


def test_the_entries_of_the_open_section_are_found() -> None:
    assert unreleased(TEXT) == [
        Entry("Added", "`walk()` says where it is, and why."),
        Entry("Fixed", "**Breaking:** `run()` walks. Write `walk()`."),
    ]


def test_an_entry_tells_whether_it_breaks() -> None:
    assert [entry.breaks for entry in unreleased(TEXT)] == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Changes of x\n",
        "## Unreleased\n",
        "## Unreleased\n\n### Added\n\n- \n",
        "## 0.1.0 - 2026-01-31\n\n- One.\n",
    ],
)
def test_without_an_open_section_there_are_no_entries(text: str) -> None:
    assert unreleased(text) == []


def test_closing_gives_the_section_its_version_and_date_and_opens_another() -> None:
    assert close(TEXT, VERSION, DAY) == CLOSED
    assert unreleased(CLOSED) == []


def test_what_was_released_is_found_by_its_version() -> None:
    assert released(CLOSED, Version("0.1.0")) == "### Added\n\n- The first version."
    assert released(CLOSED, Version("0.3.0")) is None


def test_a_version_is_not_found_in_a_longer_one() -> None:
    assert released("## 0.1.01 - 2026-01-31\n", Version("0.1.0")) is None
    assert released("## 0x1.0 - 2026-01-31\n", Version("0.1.0")) is None


def test_the_ends_of_lines_stay_as_they_are() -> None:
    windows = TEXT.replace("\n", "\r\n")

    closed = close(windows, VERSION, DAY)

    assert closed == CLOSED.replace("\n", "\r\n")
    assert unreleased(windows) == unreleased(TEXT)


@given(before=LINES, after=LINES, end=st.sampled_from(["\n", "\r\n"]))
def test_closing_loses_no_line(before: list[str], after: list[str], end: str) -> None:
    lines = [*before, "## Unreleased", *after, ""]

    closed = close(end.join(lines), VERSION, DAY).split(end)

    added = ["## Unreleased", "", "## 0.2.0 - 2026-02-28"]
    assert closed == [*before, *added, *after, ""]


@given(before=LINES, after=LINES)
def test_what_was_open_is_what_is_released(before: list[str], after: list[str]) -> None:
    text = "\n".join([*before, "## Unreleased", *after])
    opened = unreleased(text)

    closed = close(text, VERSION, DAY)

    assert unreleased(closed) == []
    notes = released(closed, VERSION) or ""
    assert unreleased(f"## Unreleased\n{notes}") == opened
