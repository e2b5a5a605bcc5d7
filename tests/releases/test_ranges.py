from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from release.ranges import Range, ranges_in, ranges_on
from releases.trees import Tree

MANIFEST = """\
[project]
name = "tantalus"
description = "Not a requirement: tantalus-x"
dependencies = [
    "tantalus-x>=0.1,<0.2",
    'werkzeug>=3.1', # a comment
]
[project.optional-dependencies]
redis = ["tantalus-x[redis]", "redis>=5"]
dev = ["tantalus[redis]"]
"""


def a_range(requirement: str) -> Range:
    return Range("tantalus", "pyproject.toml", 1, requirement)


def test_every_requirement_is_found_with_its_line() -> None:
    found = ranges_in(MANIFEST, "core/pyproject.toml")

    assert [(item.place, item.text) for item in found] == [
        ("core/pyproject.toml, line 5", "tantalus-x>=0.1,<0.2"),
        ("core/pyproject.toml, line 6", "werkzeug>=3.1"),
        ("core/pyproject.toml, line 9", "tantalus-x[redis]"),
        ("core/pyproject.toml, line 9", "redis>=5"),
    ]


def test_users_are_found_in_packages_and_examples(tree: Tree) -> None:
    (of_sessions,) = ranges_on(tree.root, "tantalus-sessions")
    (of_core,) = ranges_on(tree.root, "tantalus")

    assert of_sessions.place == "packages/core/pyproject.toml, line 15"
    assert of_core.place == "examples/board/pyproject.toml, line 3"
    assert of_core.user == "board"


@pytest.mark.parametrize(
    ("requirement", "version", "expected"),
    [
        ("tantalus-x>=0.1,<0.2", "0.2.0", "tantalus-x>=0.1,<0.3"),
        ("tantalus-x~=0.3.1", "0.4.0", "tantalus-x>=0.3.1,<0.5"),
        ("tantalus-x>=0.9,<0.10", "1.0.0", "tantalus-x>=0.9,<2"),
        ("tantalus-x>=1.2,<2", "2.0.0", "tantalus-x>=1.2,<3"),
        ("tantalus-x[redis]==0.1.*", "0.2.1", "tantalus-x[redis]>=0.1,<0.3"),
        ("tantalus-x>=0.3,<0.4", "0.2.5", "tantalus-x>=0.2.5,<0.3"),
    ],
)
def test_a_range_is_widened_in_the_form_of_the_house(
    requirement: str, version: str, expected: str
) -> None:
    found = a_range(requirement)
    wider = a_range(found.widened(Version(version)))

    assert wider.text == expected
    assert not found.allows(Version(version))
    assert wider.allows(Version(version))


NUMBERS = st.integers(0, 30)
VERSIONS = st.builds("{}.{}.{}".format, NUMBERS, NUMBERS, NUMBERS)


@given(lower=VERSIONS, version=VERSIONS.map(Version))
def test_a_widened_range_allows_the_version_and_no_breaking_one(
    lower: str, version: Version
) -> None:
    wider = a_range(a_range(f"tantalus-x>={lower}").widened(version))

    breaking = (version.major + 1, 0) if version.major else (0, version.minor + 1)
    assert wider.allows(version)
    assert not wider.allows(Version("{}.{}.0".format(*breaking)))
