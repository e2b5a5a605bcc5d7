"""Versions have three numbers, and tags carry them: `routing-v0.2.0`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.version import Version

from release.refusals import UnknownPart, UnknownTag

PARTS = ("major", "minor", "patch")
FORM = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", re.ASCII)


def is_version(text: str) -> bool:
    """Return whether a release may have this version."""
    return FORM.fullmatch(text) is not None


def chosen(current: Version, text: str) -> Version:
    """Return the version that `text` means: a part to raise, or the version itself.

    Raises:
        UnknownPart: It is neither.
    """
    if text in PARTS:
        return raised(current, text)
    if is_version(text):
        return Version(text)
    raise UnknownPart(text)


def raised(version: Version, part: str) -> Version:
    """Return the next version: `part` one higher, and 0 for what follows it."""
    numbers = [version.major, version.minor, version.micro]
    place = PARTS.index(part)
    numbers[place:] = [numbers[place] + 1, *[0] * (2 - place)]
    return Version(".".join(map(str, numbers)))


def breaking_part(version: Version) -> str:
    """Return the part that goes up with a break: before 1.0 the minor version."""
    return "major" if version.major else "minor"


def next_breaking(version: Version) -> str:
    """Return the upper end of what is compatible with `version`, in short: `0.3`."""
    end = raised(version, breaking_part(version))
    return f"{end.major}" if end.major else f"0.{end.minor}"


def tag_of(package: str, version: Version) -> str:
    """Return the tag of a release."""
    return f"{package}-v{version}"


def from_tag(tag: str) -> tuple[str, Version]:
    """Return the package and the version that a tag releases.

    Raises:
        UnknownTag: It is no tag of a release.
    """
    package, _, version = tag.rpartition("-v")
    if not package or not is_version(version):
        raise UnknownTag(tag)
    return package, Version(version)


def released(tags: Iterable[str]) -> list[Version]:
    """Return the versions of one package's tags in order; others are no releases."""
    texts = (tag.rpartition("-v")[2] for tag in tags)
    return sorted(Version(text) for text in texts if is_version(text))
