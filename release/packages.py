"""The packages of the tree, and the one place where each of them has its version."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tomlkit
from packaging.version import Version
from tomlkit.items import Table

from release.refusals import UnknownPackage

CORE = "core"


@dataclass(frozen=True)
class Package:
    """A package under `packages`; paths are relative to the root of the tree."""

    root: Path
    name: str

    @property
    def folder(self) -> str:
        """Return where the package lies."""
        return f"packages/{self.name}"

    @property
    def manifest(self) -> str:
        """Return the file that has the version."""
        return f"{self.folder}/pyproject.toml"

    @property
    def change_log(self) -> str:
        """Return the file that tells users what changed."""
        return f"{self.folder}/CHANGELOG.md"

    @cached_property
    def distribution(self) -> str:
        """Return the name on the index."""
        return str(self._project["name"])

    @cached_property
    def version(self) -> Version:
        """Return the version that the tree has."""
        return Version(str(self._project["version"]))

    @cached_property
    def _project(self) -> dict[str, object]:
        table: dict[str, object] = tomllib.loads(read(self.root / self.manifest))[
            "project"
        ]
        return table


def all_packages(root: Path) -> list[Package]:
    """Return the packages in an order in which they can be released: core last."""
    names = sorted(path.parent.name for path in root.glob("packages/*/pyproject.toml"))
    ordered = sorted(names, key=CORE.__eq__)
    return [Package(root, name) for name in ordered]


def find(root: Path, name: str) -> Package:
    """Return the package in the folder `name`.

    Raises:
        UnknownPackage: There is none.
    """
    known = {package.name: package for package in all_packages(root)}
    if name not in known:
        raise UnknownPackage(name, list(known))
    return known[name]


def with_version(manifest: str, version: Version) -> str:
    """Return the text of a manifest with another version, and nothing else changed."""
    document = tomlkit.parse(manifest)
    project = document["project"]
    assert isinstance(project, Table)
    project["version"] = str(version)
    return tomlkit.dumps(document)


def read(path: Path) -> str:
    """Return a text with the ends of its lines as they are."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def write(path: Path, text: str) -> None:
    """Write a text with the ends of its lines as they are."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
