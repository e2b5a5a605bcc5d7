from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from release.build import build, find
from release.packages import find as find_package
from release.refusals import (
    BadArchive,
    NotThisVersion,
    ProgramFailed,
    UnknownPackage,
    UnknownTag,
)
from releases.trees import Tree

Change = Callable[[Tree], None]


def test_a_release_is_a_source_archive_and_a_wheel(
    released: Tree, tmp_path: Path
) -> None:
    sources, wheel = build(find(released.root, "sessions-v0.1.0"), tmp_path / "dist")

    assert sources.name == "tantalus_sessions-0.1.0.tar.gz"
    assert wheel.name == "tantalus_sessions-0.1.0-py3-none-any.whl"
    with tarfile.open(sources) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "CHANGELOG.md", "README.md", "tests/test_it.py"} < names
    assert ZipFile(wheel).namelist() == [
        "tantalus_sessions/__init__.py",
        "tantalus_sessions/py.typed",
        "tantalus_sessions-0.1.0.dist-info/METADATA",
        "tantalus_sessions-0.1.0.dist-info/WHEEL",
        "tantalus_sessions-0.1.0.dist-info/licenses/LICENSE",
        "tantalus_sessions-0.1.0.dist-info/RECORD",
    ]


def test_a_tag_made_by_hand_is_refused(released: Tree) -> None:
    with pytest.raises(
        NotThisVersion,
        match=r"sessions-v9\.0\.0 .*packages/sessions/pyproject.* 0\.1\.0",
    ):
        find(released.root, "sessions-v9.0.0")


def test_a_tag_before_the_change_log_is_closed_is_refused(tree: Tree) -> None:
    with pytest.raises(NotThisVersion, match=r"CHANGELOG.md has no such release"):
        find(tree.root, "sessions-v0.1.0")


def test_a_tag_of_no_package_is_refused(released: Tree) -> None:
    with pytest.raises(UnknownPackage, match="'docs'"):
        find(released.root, "docs-v0.1.0")


def test_a_tag_that_is_no_release_is_refused(released: Tree) -> None:
    with pytest.raises(UnknownTag, match="'nightly'"):
        find(released.root, "nightly")


def without_tests(tree: Tree) -> None:
    manifest = "packages/sessions/pyproject.toml"
    tree.replace(manifest, '"/src", "/tests"', '"/src"')


def without_types(tree: Tree) -> None:
    (tree.root / "packages/sessions/src/tantalus_sessions/py.typed").unlink()


def without_licence(tree: Tree) -> None:
    manifest = "packages/sessions/pyproject.toml"
    tree.replace(manifest, '["LICENSE"]', "[]")


def with_tests_in_the_wheel(tree: Tree) -> None:
    manifest = "packages/sessions/pyproject.toml"
    tree.replace(
        manifest, '["src/tantalus_sessions"]', '["src/tantalus_sessions", "tests"]'
    )


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (without_tests, r"tantalus_sessions-0\.1\.0\.tar\.gz has no tests/"),
        (without_types, r"any\.whl has no tantalus_sessions/py\.typed"),
        (without_licence, r"any\.whl has no .*licenses/LICENSE"),
        (with_tests_in_the_wheel, r"any\.whl has tests/test_it\.py, which is not in"),
    ],
)
def test_an_archive_that_lacks_something_or_has_too_much_is_refused(
    change: Change, found: str, released: Tree, tmp_path: Path
) -> None:
    change(released)

    with pytest.raises(BadArchive, match=found):
        build(find_package(released.root, "sessions"), tmp_path / "dist")


def test_a_readme_that_the_index_could_not_show_is_refused(
    released: Tree, tmp_path: Path
) -> None:
    manifest = "packages/sessions/pyproject.toml"
    released.replace(manifest, 'readme = "README.md"\n', "")

    with pytest.raises(ProgramFailed, match="long_description"):
        build(find_package(released.root, "sessions"), tmp_path / "dist")
