"""Change logs: what is not released yet, and the closing of it.

The newest section stands first. While work goes on it is called `Unreleased`; a release
gives it a version and a date, and opens an empty one above.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from packaging.version import Version

UNRELEASED = re.compile(r"^## Unreleased[ \t]*(?=\r?$)", re.MULTILINE)
BREAK = "**Breaking:**"


@dataclass(frozen=True)
class Entry:
    """One effect that users see."""

    section: str  # "Added"
    text: str  # on one line, without the mark of the list

    @property
    def breaks(self) -> bool:
        """Return whether programs may have to change."""
        return self.text.startswith(BREAK)


def unreleased(text: str) -> list[Entry]:
    """Return the entries of the section `Unreleased`, in their order."""
    found = UNRELEASED.search(text)
    return entries(until_next_heading(text[found.end() :])) if found else []


def released(text: str, version: Version) -> str | None:
    """Return what the change log says of a released version, without the heading."""
    heading = rf"^## {re.escape(str(version))} - \d{{4}}-\d\d-\d\d[ \t]*\r?$"
    found = re.search(heading, text, re.MULTILINE)
    return until_next_heading(text[found.end() :]).strip() if found else None


def close(text: str, version: Version, day: date) -> str:
    """Return the change log with the section `Unreleased` closed, and a new one.

    Every line of `text` stays, in its order, below the new heading.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    heading = f"## Unreleased{end}{end}## {version} - {day.isoformat()}"
    return UNRELEASED.sub(heading, text, count=1)


def until_next_heading(text: str) -> str:
    """Return the text before the next section."""
    return re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]


def entries(section: str) -> list[Entry]:
    """Return the items of the lists; indented lines go on with the item above."""
    found: list[Entry] = []
    heading = ""
    for line in section.split("\n"):
        if line.startswith("### "):
            heading = line.removeprefix("### ").strip()
        elif line.startswith("- ") and line.strip() != "-":
            found.append(Entry(heading, line.removeprefix("- ").strip()))
        elif found and line.startswith("  ") and line.strip():
            last = found.pop()
            found.append(Entry(last.section, f"{last.text} {line.strip()}"))
    return found
