"""Why a release cannot be, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 5


class Refused(Exception):
    """A release that cannot be. Nothing was changed."""


class UnknownPackage(Refused):
    """There is no folder of that name under `packages`."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"No package {name!r}. There are: {', '.join(known)}.")


class UnknownPart(Refused):
    """Neither a part of a version nor a version."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is no part of a version and no version. Say patch, minor or"
            " major, or the version itself with three numbers, as 0.2.0."
        )


class UnknownTag(Refused):
    """A tag that is not of the form `routing-v0.2.0`."""

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"The tag {tag!r} names no release. A release is tagged as routing-v0.2.0."
        )


class NotOnMain(Refused):
    """Another branch, or none, is checked out."""

    def __init__(self, branch: str) -> None:
        where = f"on the branch {branch!r}" if branch else "on no branch"
        super().__init__(
            f"This checkout is {where}. Releases are made on main: git switch main."
        )


class DirtyTree(Refused):
    """Something is not committed."""

    def __init__(self, changes: Sequence[str]) -> None:
        super().__init__(
            f"The tree has changes that no commit holds:\n{shown(changes)}\n"
            "Commit them, or put them aside: git stash --include-untracked."
        )


class SaidToBeUnpublished(Refused):
    """Pages say that nothing is published yet."""

    def __init__(self, pages: Sequence[str]) -> None:
        super().__init__(
            f"These pages say that nothing is published yet:\n{shown(pages)}\n"
            "Take the notes off: hatch run published, and commit."
        )


class NoEntries(Refused):
    """Nothing stands under `Unreleased`."""

    def __init__(self, change_log: str) -> None:
        super().__init__(
            f"{change_log} has no entry under '## Unreleased', so this release would"
            " have nothing to tell. Write one line per effect that users see, and"
            " commit."
        )


class PatchBreaks(Refused):
    """A patch, or from 1.0 on a minor version, with an entry that breaks."""

    def __init__(self, change_log: str, entry: str, part: str) -> None:
        super().__init__(
            f"{change_log} announces a break:\n  {entry}\n"
            f"Programs that allow compatible versions would get it. Say {part}."
        )


class AlreadyTagged(Refused):
    """The version was released."""

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"The tag {tag} exists, and a released version never changes."
            " Choose the next version."
        )


class NotNewer(Refused):
    """A version below the newest one."""

    def __init__(self, version: str, newest: str, where: str) -> None:
        super().__init__(
            f"{version} is lower than {newest}, {where}. Choose a higher version."
        )


class OutOfRange(Refused):
    """Another project of this tree does not allow the new version."""

    def __init__(
        self, release: str, place: str, requirement: str, cure: str, user: str
    ) -> None:
        super().__init__(
            f"{user} does not allow {release}: {place}, has {requirement!r}.\n"
            f'Make it work with {release}, write "{cure}" there, and commit.'
            + core_is_due(user)
        )


def core_is_due(user: str) -> str:
    """Return what follows for those who have core from the index."""
    if user != "tantalus":
        return ""
    return (
        " Tell it in packages/core/CHANGELOG.md: a release of core is then due too,"
        " for nobody gets the new version with the core that is out."
    )


class NotReleased(Refused):
    """Core requires a component that nobody can install yet."""

    def __init__(self, place: str, requirement: str, component: str) -> None:
        super().__init__(
            f"No released version of {component} is allowed by {requirement!r}"
            f" ({place}), so nobody could install this core. Release {component}"
            " first."
        )


class NotThisVersion(Refused):
    """A tag and the tree under it disagree."""

    def __init__(self, tag: str, found: str) -> None:
        super().__init__(
            f"The tag {tag} is not of this tree: {found}. Delete the tag, and make it"
            " with hatch run release."
        )


class BadArchive(Refused):
    """What was built is not what has to be published."""

    def __init__(self, archive: str, found: str) -> None:
        super().__init__(f"{archive} {found}. See [tool.hatch.build] of the package.")


class NothingAllowed(Refused):
    """The index has no component that core allows."""

    def __init__(self, requirement: str) -> None:
        super().__init__(
            f"The index has no version that {requirement!r} allows. Publish the"
            " component first, then run this again."
        )


class ProgramFailed(Refused):
    """A program that the release needs ended with an error."""

    def __init__(self, command: Sequence[str], output: str) -> None:
        super().__init__(f"This failed: {' '.join(command)}\n{output.strip()}")


def shown(lines: Sequence[str]) -> str:
    """Return the first lines, indented, and how many more there are."""
    more = [f"... and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join(f"  {line}" for line in [*lines[:SHOWN], *more])
