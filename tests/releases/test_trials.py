from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.version import Version

from release import index
from release.programs import output
from release.refusals import NothingAllowed, ProgramFailed
from release.trials import Trial, trials
from releases.trees import Tree


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is all that pip finds."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def publish(shelf: Path, name: str, version: str, *requirements: str) -> Path:
    """Put a wheel on the shelf that has nothing but its metadata, and return it."""
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requirements]
    stem = f"{name.replace('-', '_')}-{version}"
    wheel = shelf / f"{stem}-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", "\n".join(lines) + "\n")
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return wheel


def publish_sources(tree: Tree, package: str, version: str, shelf: Path) -> None:
    """Put a source archive on the shelf as if the package had this version."""
    path = f"packages/{package}/pyproject.toml"
    before = tree.read(path)
    tree.write(path, before.replace('version = "0.1.0"', f'version = "{version}"'))
    command = ["build", "--sdist", "--no-isolation", f"--outdir={shelf}"]
    output([sys.executable, "-m", *command, f"packages/{package}"], cwd=tree.root)
    tree.write(path, before)


def tried(tree: Tree, name: str, tmp_path: Path) -> list[Trial]:
    """Return the trials of what was built as 0.1.0."""
    dist = tmp_path / "dist"
    dist.mkdir()
    publish(dist, name, "0.1.0")
    (dist / f"{name.replace('-', '_')}-0.1.0.tar.gz").touch()
    return list(trials(tree.root, dist, tmp_path))


def test_versions_of_the_index_are_in_order(shelf: Path) -> None:
    for version in ("0.10.0", "0.9.1"):
        publish(shelf, "tantalus-routing", version)

    assert index.published("tantalus-routing") == [Version("0.9.1"), Version("0.10.0")]


def test_what_is_not_on_the_index_has_no_versions(shelf: Path) -> None:
    assert index.published("tantalus-routing") == []


def test_an_index_that_cannot_be_asked_is_not_taken_for_an_empty_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")

    with pytest.raises(ProgramFailed, match="pip index versions"):
        index.published("tantalus-routing")


def test_a_component_is_tried_alone_and_in_the_oldest_and_newest_core_that_allow_it(
    released: Tree, shelf: Path, tmp_path: Path
) -> None:
    publish(shelf, "tantalus", "0.1.0", "tantalus-sessions>=0.0.1,<0.1")
    publish(shelf, "tantalus", "0.1.1", "tantalus-sessions>=0.1,<0.2")
    publish(shelf, "tantalus", "0.1.2", "tantalus-sessions>=0.1,<0.2")
    publish(shelf, "tantalus", "0.2.0", "tantalus-sessions>=0.1,<0.3")
    publish(shelf, "tantalus", "0.3.0", "tantalus-sessions>=0.2,<0.3")
    publish_sources(released, "core", "0.1.1", shelf)
    publish_sources(released, "core", "0.2.0", shelf)

    found = tried(released, "tantalus-sessions", tmp_path)

    wheel = str(tmp_path / "dist" / "tantalus_sessions-0.1.0-py3-none-any.whl")
    assert [(trial.title, trial.install, trial.sources.name) for trial in found] == [
        (
            "tantalus-sessions 0.1.0 alone",
            [f"{wheel}[test]"],
            "tantalus_sessions-0.1.0.tar.gz",
        ),
        (
            "tantalus-sessions 0.1.0 in tantalus 0.1.1 of the index",
            [wheel, "tantalus[test]==0.1.1"],
            "tantalus-0.1.1.tar.gz",
        ),
        (
            "tantalus-sessions 0.1.0 in tantalus 0.2.0 of the index",
            [wheel, "tantalus[test]==0.2.0"],
            "tantalus-0.2.0.tar.gz",
        ),
    ]


def test_one_core_that_allows_it_is_tried_once(
    released: Tree, shelf: Path, tmp_path: Path
) -> None:
    publish(shelf, "tantalus", "0.1.0", "tantalus-sessions>=0.1,<0.2")
    publish_sources(released, "core", "0.1.0", shelf)

    found = tried(released, "tantalus-sessions", tmp_path)

    assert [trial.title for trial in found] == [
        "tantalus-sessions 0.1.0 alone",
        "tantalus-sessions 0.1.0 in tantalus 0.1.0 of the index",
    ]


def test_without_a_core_that_allows_it_the_tree_lends_one_and_what_the_index_lacks(
    released: Tree, shelf: Path, tmp_path: Path
) -> None:
    publish(shelf, "tantalus", "0.0.9", "tantalus-sessions>=0.0.1,<0.1")

    _, found = tried(released, "tantalus-sessions", tmp_path)

    assert found.title == (
        "tantalus-sessions 0.1.0 in tantalus 0.1.0 of this tree, for no core on the"
        " index allows it"
    )
    lent = [path.name for path in (tmp_path / "lacking").glob("*.whl")]
    assert lent == ["tantalus_routing-0.1.0-py3-none-any.whl"]
    assert found.install[2] == f"--find-links={tmp_path / 'lacking'}"
    assert found.sources == tmp_path / "core" / "tantalus-0.1.0.tar.gz"


def test_what_the_index_has_is_not_lent(
    released: Tree, shelf: Path, tmp_path: Path
) -> None:
    publish(shelf, "tantalus-routing", "0.1.5")

    tried(released, "tantalus-sessions", tmp_path)

    assert list((tmp_path / "lacking").iterdir()) == []


def test_core_is_tried_with_the_oldest_and_the_newest_components_that_it_allows(
    released: Tree, shelf: Path, tmp_path: Path
) -> None:
    publish(shelf, "tantalus-routing", "0.1.4")
    for version in ("0.0.9", "0.1.0", "0.1.1", "0.1.2", "0.2.0"):
        publish(shelf, "tantalus-sessions", version)

    found = tried(released, "tantalus", tmp_path)

    wheel = str(tmp_path / "dist" / "tantalus-0.1.0-py3-none-any.whl")
    routing = "tantalus-routing==0.1.4"
    assert [(trial.title, trial.install) for trial in found] == [
        (
            "tantalus 0.1.0 with the oldest components",
            [f"{wheel}[test]", routing, "tantalus-sessions==0.1.0"],
        ),
        (
            "tantalus 0.1.0 with the newest components",
            [f"{wheel}[test]", routing, "tantalus-sessions==0.1.2"],
        ),
    ]


def test_core_is_tried_once_if_there_is_one_set_of_components(
    released: Tree, shelf: Path, tmp_path: Path
) -> None:
    publish(shelf, "tantalus-routing", "0.1.0")
    publish(shelf, "tantalus-sessions", "0.1.0")

    (found,) = tried(released, "tantalus", tmp_path)

    assert found.title == "tantalus 0.1.0 with the oldest components"


def test_core_without_a_component_on_the_index_is_refused(
    released: Tree, shelf: Path, tmp_path: Path
) -> None:
    publish(shelf, "tantalus-sessions", "0.1.0")

    with pytest.raises(NothingAllowed, match=r"tantalus-routing<0\.2,>=0\.1.*first"):
        tried(released, "tantalus", tmp_path)
