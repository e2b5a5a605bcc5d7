"""The table of suites: which release, what its tests need, what is left out and why."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("suites.toml")
#: What of a source archive is unpacked, unless a suite says otherwise: not the package,
#: so that its installed release is what the tests import.
UNPACKED = ("tests", "conftest.py", "pyproject.toml", "setup.cfg", "tox.ini")

#: What a suite can be of: what is built for Flask, and what is built with it.
KINDS = ("framework", "extension", "application")
#: How an app can be called, and the plugins of pytest that have its clients do so. They
#: are in tests/differential.
FACES: dict[str, list[str]] = {
    "wsgi": [],
    "asgi": ["through_asgi"],
    "coroutines": ["as_coroutines"],
}


class UnknownSuite(LookupError):
    """A suite was asked for by a name that the table does not have."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"Suite {name!r} is not in the table: {', '.join(known)}.")


@dataclass(frozen=True)
class Suite:
    """The tests of one release.

    Args:
        name: Of the distribution.
        kind: One of `KINDS`.
        folder: Of this folder, with tests of our own in place of a release's.
        requires: What the tests need beside the release itself.
        without_dependencies: The release asks for another Flask: it is installed alone,
            and `requires` has what it needs.
        sources: Paths in the archive to unpack.
        files: What else the tests want, by path: settings that a developer writes.
        options: For pytest: where the tests are, and settings.
        settings: Environment variables of the tests.
        services: Servers that the tests expect at their usual place; see services.py.
        left_out: Tests that are run on neither, with the reason.
        allowed: Tests that pass on Flask and may fail here, with the reason.
        allowed_by: For a face, tests that pass by WSGI and may fail by it.
    """

    name: str
    version: str = ""
    kind: str = "extension"
    folder: str | None = None
    requires: list[str] = field(default_factory=list)
    without_dependencies: bool = False
    sources: list[str] = field(default_factory=lambda: list(UNPACKED))
    files: dict[str, str] = field(default_factory=dict)
    options: list[str] = field(default_factory=lambda: ["tests"])
    settings: dict[str, str] = field(default_factory=dict)
    services: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    allowed: dict[str, str] = field(default_factory=dict)
    allowed_by: dict[str, dict[str, str]] = field(default_factory=dict)

    def called_by(self, face: str) -> Suite:
        """Return the suite with the losses that a face is allowed."""
        return replace(self, allowed=self.allowed_by.get(face, {}))

    @property
    def title(self) -> str:
        """Name and version, as a reader wants them."""
        return f"{self.name} {self.version}".rstrip()

    @property
    def releases(self) -> list[str]:
        """The release as pip is asked for it, if the suite is one of a release."""
        return [f"{self.name}=={self.version}"] if self.version else []


def read_suites(table: Mapping[str, Any]) -> dict[str, Suite]:
    """Return the suites of a table by name.

    Raises:
        TypeError: A suite has a key that is none of `Suite`.
    """
    suites: dict[str, Any] = table["suites"]
    return {name: Suite(name, **values) for name, values in suites.items()}


def read_untested(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the releases whose archives hold no tests, with their versions."""
    untested: dict[str, str] = table["without-tests"]
    return untested


def read_suites_of_faces(table: Mapping[str, Any]) -> list[str]:
    """Return the names of the suites that are run by each face."""
    names: list[str] = table["by-each-face"]
    return names


def select(suites: dict[str, Suite], names: list[str]) -> list[Suite]:
    """Return the suites with these names, or all.

    Raises:
        UnknownSuite: There is none of that name.
    """
    for name in names:
        if name not in suites:
            raise UnknownSuite(name, sorted(suites))
    return [suites[name] for name in names or suites]


def read_table() -> dict[str, Any]:
    """Return the table as it is written in its file."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
