"""What could be released, and in what order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import Version

from release import changelog, versions
from release.changelog import Entry
from release.making import unreleased_requirements
from release.packages import CORE, Package, all_packages, read
from release.ranges import ranges_in, ranges_on
from release.repository import Repository

FEATURES = {"Added", "Changed", "Deprecated", "Removed"}


@dataclass(frozen=True)
class Standing:
    """Where a package stands since its last release, seen alone."""

    package: Package
    released: Version | None
    entries: Sequence[Entry]
    files: Sequence[str]

    @property
    def changed(self) -> bool:
        """Return whether there is anything of its own to release."""
        return bool(self.entries or self.files)

    @property
    def wanted(self) -> str:
        """Return what to ask the release for: a part, or the first version.

        Before 1.0 ranges end at the next minor version, so only a break raises it.
        """
        version = self.package.version
        if self.released is None:
            return str(version)
        if any(entry.breaks for entry in self.entries):
            return versions.breaking_part(version)
        features = {entry.section for entry in self.entries} & FEATURES
        return "minor" if version.major and features else "patch"

    @property
    def next_version(self) -> Version:
        """Return the version that the release would have."""
        return versions.chosen(self.package.version, self.wanted)

    @property
    def newest(self) -> Version | None:
        """Return the version that users will have once all changes are released."""
        return self.next_version if self.changed else self.released

    @property
    def last_tag(self) -> str:
        """Return the tag of the last release, or `""`."""
        released = self.released
        return versions.tag_of(self.package.name, released) if released else ""


@dataclass(frozen=True)
class Step:
    """A release that can be made, after what has to come before it."""

    standing: Standing
    because: Sequence[str]
    before: Sequence[str]


def standings(repository: Repository) -> list[Standing]:
    """Return where every package stands, in an order in which they can be released."""
    return [standing(repository, package) for package in all_packages(repository.root)]


def standing(repository: Repository, package: Package) -> Standing:
    """Return where a package stands.

    The files are what its wheel is made of: the source, and the manifest.
    """
    released = repository.released(package.name)
    paths = (f"{package.folder}/src", package.manifest)
    if released:
        tag = versions.tag_of(package.name, released[-1])
        files = repository.changed_since(tag, *paths)
    else:
        files = repository.tracked(*paths)
    entries = changelog.unreleased(read(package.root / package.change_log))
    return Standing(package, released[-1] if released else None, entries, files)


def steps(repository: Repository, found: Sequence[Standing]) -> list[Step]:
    """Return the releases that are due, in order."""
    made = (step(repository, one, found) for one in found)
    return [one for one in made if one.standing.entries or one.because]


def step(repository: Repository, one: Standing, others: Sequence[Standing]) -> Step:
    """Return the release of one package, with what the other packages make of it."""
    before = [
        f'{found.place}: write "{found.widened(one.newest)}"'
        for found in ranges_on(one.package.root, one.package.distribution)
        if one.newest and not found.allows(one.newest)
    ]
    if one.package.name != CORE:
        return Step(one, [], before)
    waiting = {
        component.name: f"release {component.name} ({found.place}: {found.text})"
        for component, found in unreleased_requirements(repository, one.package)
    }
    because = list(shut_out(repository, one, others))
    return Step(one, because, [*waiting.values(), *before])


def shut_out(
    repository: Repository, core: Standing, others: Sequence[Standing]
) -> Iterator[str]:
    """Yield what nobody can have together with the core that is out."""
    if not core.released:
        return
    newest = {other.package.distribution: other.newest for other in others}
    manifest = core.package.manifest
    for found in ranges_in(repository.read(core.last_tag, manifest), manifest):
        version = newest.get(canonicalize_name(found.requirement.name))
        if version and not found.allows(version):
            yield f"{core.last_tag} asks for {found.text}, which is not {version}"


def disagreements(step: Step) -> Iterator[str]:
    """Yield where the change log and the files of a package say different things."""
    one = step.standing
    since = f"since {one.last_tag}" if one.released else "and no release yet"
    log = one.package.change_log
    if one.files and not one.entries:
        yield (
            f"{one.package.name}: {counted(one.files, 'file')} changed {since}, and"
            f" {log} has no entry. Without one there is no release."
        )
    elif step.because and not one.entries:
        yield f"{one.package.name}: a release is due, and {log} has no entry."
    elif one.entries and not one.files:
        yield (
            f"{one.package.name}: {log} has {counted(one.entries, 'entry')}, and no"
            f" file of the package changed {since}."
        )


def describe(repository: Repository) -> list[str]:
    """Return the plan in lines for a reader."""
    found = standings(repository)
    due = steps(repository, found)
    lines = [f"{'package':<12} {'released':<10} not released"]
    lines += [row(one) for one in found]
    lines += ["", "Order:" if due else "Nothing to release."]
    for number, one in enumerate(due, start=1):
        lines += order(number, one)
    warnings = [
        text for one in found for text in disagreements(step(repository, one, found))
    ]
    return [*lines, *(f"Warning: {text}" for text in warnings)]


def row(one: Standing) -> str:
    """Return the line of one package."""
    parts = [counted(one.entries, "entry"), counted(one.files, "file")]
    news = ", ".join(parts) if one.changed else "-"
    return f"{one.package.name:<12} {one.released or 'never'!s:<10} {news}"


def order(number: int, step: Step) -> list[str]:
    """Return the lines of one release: what to do before it, the command, and why."""
    one = step.standing
    command = f"hatch run release {one.package.name} {one.wanted}"
    title = f"{one.package.distribution} {one.next_version}"
    return [
        f"  {number}. {command:<40} {title}",
        *(f"       first: {text}" for text in step.before),
        *(f"       because {text}" for text in step.because),
    ]


def counted(things: Sequence[object], noun: str) -> str:
    """Return a number with its noun: `2 entries`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{len(things)} {noun if len(things) == 1 else plural}"
