from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from release.refusals import UnknownPart, UnknownTag
from release.versions import (
    PARTS,
    breaking_part,
    chosen,
    from_tag,
    next_breaking,
    raised,
    released,
    tag_of,
)

NUMBERS = st.integers(0, 10**6)
VERSIONS = st.builds("{}.{}.{}".format, NUMBERS, NUMBERS, NUMBERS).map(Version)
NAMES = st.from_regex(r"[a-z]+(-v?[a-z]+)*", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("patch", "1.2.4"),
        ("minor", "1.3.0"),
        ("major", "2.0.0"),
        ("1.10.0", "1.10.0"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_a_part_or_a_version_is_chosen(text: str, expected: str) -> None:
    assert str(chosen(Version("1.2.3"), text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "micro", "Minor", "1.3", "1.3.0rc1", "v1.3.0", "01.3.0", "1.3.0 ", "1.3.²"],
)
def test_what_is_neither_is_refused_with_what_to_say(text: str) -> None:
    with pytest.raises(UnknownPart, match="Say patch, minor or major, or the version"):
        chosen(Version("1.2.3"), text)


@given(version=VERSIONS, part=st.sampled_from(PARTS))
def test_the_next_version_is_higher(version: Version, part: str) -> None:
    assert raised(version, part) > version


@pytest.mark.parametrize(
    ("version", "part", "end"),
    [("0.1.0", "minor", "0.2"), ("0.9.3", "minor", "0.10"), ("1.4.2", "major", "2")],
)
def test_before_1_a_minor_version_may_break_and_later_a_major_one(
    version: str, part: str, end: str
) -> None:
    assert breaking_part(Version(version)) == part
    assert next_breaking(Version(version)) == end


@given(package=NAMES, version=VERSIONS)
def test_a_tag_names_package_and_version(package: str, version: Version) -> None:
    assert from_tag(tag_of(package, version)) == (package, version)


@pytest.mark.parametrize("tag", ["v1.0.0", "-v1.0.0", "routing-1.0.0", "routing-v1.0"])
def test_another_tag_is_refused(tag: str) -> None:
    with pytest.raises(UnknownTag, match=r"as routing-v0\.2\.0"):
        from_tag(tag)


def test_tags_are_ordered_by_version_and_others_left_out() -> None:
    tags = ["x-v0.10.0", "x-v0.9.1", "x-vNext", "x-v0.9.1rc1"]

    assert released(tags) == [Version("0.9.1"), Version("0.10.0")]
