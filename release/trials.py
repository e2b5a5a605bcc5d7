"""In which company a release has to be tried.

A component is tried alone, then inside the oldest and the newest core on the index that
allow it; core with the oldest and with the newest components that it allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import parse_wheel_filename
from packaging.version import Version

from release import index
from release.build import build
from release.packages import CORE, Package, all_packages, find, read
from release.ranges import ranges_in
from release.refusals import NothingAllowed


@dataclass(frozen=True)
class Trial:
    """What to install with pip, and whose tests to run then."""

    title: str
    install: Sequence[str]
    sources: Path  # the source archive that has the tests


def trials(root: Path, folder: Path, scratch: Path) -> Iterator[Trial]:
    """Yield the trials of the one release whose archives lie in `folder`.

    Raises:
        NothingAllowed: The index has not what core needs.
    """
    (wheel,), (sources,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    name, version, _, _ = parse_wheel_filename(wheel.name)
    core = find(root, CORE)
    if name == core.distribution:
        yield from around_components(core, wheel, sources)
        return
    yield Trial(f"{name} {version} alone", [f"{wheel}[test]"], sources)
    cores = cores_allowing(core.distribution, name, version, scratch)
    if not cores:
        yield in_core_of_tree(core, wheel, scratch)
    for found in cores:
        yield Trial(
            f"{name} {version} in {core.distribution} {found} of the index",
            [str(wheel), f"{core.distribution}[test]=={found}"],
            index.source_archive(core.distribution, found, scratch),
        )


def cores_allowing(
    core: str, component: str, version: Version, scratch: Path
) -> list[Version]:
    """Return the oldest and the newest core on the index that allow a component.

    It is one version if they are the same, and none if no core allows it.
    """

    def allows(candidate: Version) -> bool:
        return all(
            requirement.specifier.contains(version)
            for requirement in index.requirements(core, candidate, scratch)
            if requirement.name == component
        )

    published = index.published(core)
    oldest = next(filter(allows, published), None)
    newest = next(filter(allows, reversed(published)), None)
    return sorted({found for found in (oldest, newest) if found})


def in_core_of_tree(core: Package, wheel: Path, scratch: Path) -> Trial:
    """Return the trial for a component that no core on the index allows yet.

    What else the core of the tree needs and the index lacks comes from the tree too.
    """
    sources, built = build(core, scratch / "core")
    name, version, _, _ = parse_wheel_filename(wheel.name)
    lacking = scratch / "lacking"
    lacking.mkdir()
    for other, specifier in components_of(core).items():
        if other.distribution != name and not allowed(other, specifier):
            build(other, lacking)
    return Trial(
        f"{name} {version} in {core.distribution} {core.version} of this tree, for no"
        " core on the index allows it",
        [str(wheel), f"{built}[test]", f"--find-links={lacking}"],
        sources,
    )


def around_components(core: Package, wheel: Path, sources: Path) -> Iterator[Trial]:
    """Yield the trials of core: with the oldest components, and with the newest."""
    found: dict[str, list[Version]] = {}
    for component, specifier in components_of(core).items():
        found[component.distribution] = allowed(component, specifier)
        if not found[component.distribution]:
            raise NothingAllowed(f"{component.distribution}{specifier}")
    oldest = [f"{name}=={versions[0]}" for name, versions in found.items()]
    newest = [f"{name}=={versions[-1]}" for name, versions in found.items()]
    title = f"{core.distribution} {core.version} with the"
    yield Trial(f"{title} oldest components", [f"{wheel}[test]", *oldest], sources)
    if newest != oldest:
        yield Trial(f"{title} newest components", [f"{wheel}[test]", *newest], sources)


def components_of(core: Package) -> dict[Package, SpecifierSet]:
    """Return what core requires of each component, extras included."""
    ranges = ranges_in(read(core.root / core.manifest), core.manifest)
    required: dict[Package, SpecifierSet] = {}
    for component in all_packages(core.root):
        for found in ranges:
            if found.requires(component.distribution):
                before = required.get(component, SpecifierSet())
                required[component] = before & found.requirement.specifier
    return required


def allowed(component: Package, specifier: SpecifierSet) -> list[Version]:
    """Return the versions of a component on the index that a range allows, in order."""
    return [
        version
        for version in index.published(component.distribution)
        if specifier.contains(version)
    ]
