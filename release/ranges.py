"""Which versions of a package the other projects of the tree allow."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from release.packages import read
from release.versions import next_breaking

MANIFESTS = ("packages/*/pyproject.toml", "examples/*/pyproject.toml")
QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")


@dataclass(frozen=True)
class Range:
    """A requirement, and the line that has it."""

    user: str  # the distribution that requires
    manifest: str
    line: int
    text: str

    @property
    def requirement(self) -> Requirement:
        """Return the requirement with its parts apart."""
        return Requirement(self.text)

    @property
    def place(self) -> str:
        """Return where to look."""
        return f"{self.manifest}, line {self.line}"

    def requires(self, distribution: str) -> bool:
        """Return whether the requirement is one on this distribution."""
        return canonicalize_name(self.requirement.name) == distribution

    def allows(self, version: Version) -> bool:
        """Return whether `version` is within the range."""
        return self.requirement.specifier.contains(version)

    def widened(self, version: Version) -> str:
        """Return the requirement with its ends moved, so that it allows `version`."""
        lower = min([*self._lower_ends(), version])
        return f"{self._bare()}>={short(lower)},<{next_breaking(version)}"

    def _lower_ends(self) -> Iterator[Version]:
        for part in self.requirement.specifier:
            if part.operator in {">=", "~=", "=="}:
                yield Version(part.version.removesuffix(".*"))

    def _bare(self) -> str:
        extras = ",".join(sorted(self.requirement.extras))
        return self.requirement.name + (f"[{extras}]" if extras else "")


def short(version: Version) -> str:
    """Return a version without the zeros at its end, as ranges are written: `0.1`."""
    return re.sub(r"(?<=\d\.\d)\.0$", "", str(version))


def ranges_on(root: Path, distribution: str) -> list[Range]:
    """Return what the projects of the tree require of a distribution."""
    paths = sorted(path for pattern in MANIFESTS for path in root.glob(pattern))
    return [
        found
        for path in paths
        for found in ranges_in(read(path), path.relative_to(root).as_posix())
        if found.requires(distribution)
    ]


def ranges_in(text: str, manifest: str) -> list[Range]:
    """Return every requirement of a manifest, in the order of the lines.

    An extra that has another one of the same project in it requires nothing new.
    """
    project = tomllib.loads(text)["project"]
    groups = [project.get("dependencies", [])]
    groups += project.get("optional-dependencies", {}).values()
    declared = {requirement for group in groups for requirement in group}
    return [
        Range(project["name"], manifest, number, quoted)
        for number, line in enumerate(text.splitlines(), start=1)
        for quoted in ("".join(found) for found in QUOTED.findall(line))
        if quoted in declared
        and canonicalize_name(Requirement(quoted).name) != project["name"]
    ]
