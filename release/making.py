"""The release of one package: first every check, then one commit and one tag."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from packaging.version import Version

from release import changelog, notes, versions
from release.packages import CORE, Package, all_packages, read, with_version, write
from release.ranges import Range, ranges_in, ranges_on
from release.refusals import (
    AlreadyTagged,
    DirtyTree,
    NoEntries,
    NotNewer,
    NotOnMain,
    NotReleased,
    OutOfRange,
    PatchBreaks,
    ProgramFailed,
    SaidToBeUnpublished,
)
from release.repository import Repository

BRANCH = "main"


@dataclass(frozen=True)
class Release:
    """What a release changes. Nothing has happened yet."""

    package: Package
    version: Version
    texts: Mapping[str, str]  # the new text of each changed file
    notes: str  # the entries of the change log

    @property
    def title(self) -> str:
        """Return what is released, as the index calls it."""
        return f"{self.package.distribution} {self.version}"

    @property
    def tag(self) -> str:
        """Return the tag that starts the publication."""
        return versions.tag_of(self.package.name, self.version)


def prepare(repository: Repository, package: Package, text: str, day: date) -> Release:
    """Return the release that `text`, a part or a version, asks for.

    Raises:
        Refused: It cannot be; the class tells why.
    """
    check_tree(repository)
    check_notes(repository)
    version = versions.chosen(package.version, text)
    check_version(repository, package, version)
    check_entries(package, version)
    check_users(package, version)
    if package.name == CORE:
        check_components(repository, package)
    return planned(package, version, day)


def check_tree(repository: Repository) -> None:
    """Refuse a tree that is not what will be built from the tag."""
    branch = repository.branch()
    if branch != BRANCH:
        raise NotOnMain(branch)
    if changes := repository.changes():
        raise DirtyTree(changes)


def check_notes(repository: Repository) -> None:
    """Refuse to publish what its own pages call unpublished."""
    if noted := notes.with_note(repository.root):
        raise SaidToBeUnpublished(noted)


def check_version(repository: Repository, package: Package, version: Version) -> None:
    """Refuse a version that exists, or is older than what exists."""
    released = repository.released(package.name)
    if version in released:
        raise AlreadyTagged(versions.tag_of(package.name, version))
    if released and version < released[-1]:
        raise NotNewer(str(version), str(released[-1]), "the newest that is tagged")
    if version < package.version:
        raise NotNewer(str(version), str(package.version), f"as {package.manifest} has")


def check_entries(package: Package, version: Version) -> None:
    """Refuse a release that tells nothing, or breaks where it must not."""
    entries = changelog.unreleased(read(package.root / package.change_log))
    if not entries:
        raise NoEntries(package.change_log)
    breaking = [entry for entry in entries if entry.breaks]
    part = versions.breaking_part(package.version)
    if breaking and package.version < version < versions.raised(package.version, part):
        raise PatchBreaks(package.change_log, breaking[0].text, part)


def check_users(package: Package, version: Version) -> None:
    """Refuse a version that core, or an example, does not allow."""
    for found in ranges_on(package.root, package.distribution):
        if not found.allows(version):
            raise OutOfRange(
                f"{package.distribution} {version}",
                found.place,
                found.text,
                found.widened(version),
                found.user,
            )


def check_components(repository: Repository, core: Package) -> None:
    """Refuse a core that requires what is not released."""
    for component, found in unreleased_requirements(repository, core):
        raise NotReleased(found.place, found.text, component.distribution)


def unreleased_requirements(
    repository: Repository, core: Package
) -> Iterator[tuple[Package, Range]]:
    """Yield each component that has no released version in core's range, and the range.

    The tags are asked, not the index.
    """
    required = ranges_in(read(core.root / core.manifest), core.manifest)
    for component in all_packages(core.root):
        released = repository.released(component.name)
        for found in required:
            if found.requires(component.distribution) and not any(
                map(found.allows, released)
            ):
                yield component, found
                break


def planned(package: Package, version: Version, day: date) -> Release:
    """Return the release with the texts it would write."""
    manifest = read(package.root / package.manifest)
    closed = changelog.close(read(package.root / package.change_log), version, day)
    return Release(
        package,
        version,
        {
            package.manifest: with_version(manifest, version),
            package.change_log: closed,
        },
        changelog.released(closed, version) or "",
    )


def difference(release: Release) -> str:
    """Return what the release would change, as a patch."""
    lines: list[str] = []
    for name, new in release.texts.items():
        old = read(release.package.root / name)
        lines += difflib.unified_diff(
            old.splitlines(keepends=True),
            new.splitlines(keepends=True),
            f"a/{name}",
            f"b/{name}",
            n=2,
        )
    return "".join(lines)


def make(repository: Repository, release: Release) -> None:
    """Write, commit and tag; push nothing. What fails leaves the tree as it was.

    Raises:
        ProgramFailed: Git refused, by a hook for example.
    """
    before = {name: read(release.package.root / name) for name in release.texts}
    put(release.package, release.texts)
    try:
        repository.commit(f"Release {release.title}", list(release.texts))
    except ProgramFailed:
        put(release.package, before)
        raise
    try:
        repository.tag(release.tag, f"{release.title}\n\n{release.notes}\n")
    except ProgramFailed:
        repository.drop_newest_commit()
        raise


def put(package: Package, texts: Mapping[str, str]) -> None:
    """Write these files of the tree."""
    for name, text in texts.items():
        write(package.root / name, text)
