"""The commands as they are typed, in a tree with its own copy of `release`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from releases.trees import Tree

RELEASE = Path(__file__).parents[2] / "release"


@pytest.fixture
def equipped(released: Tree) -> Tree:
    """Return a repository that has the commands, and a new entry in sessions."""
    left = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(RELEASE, released.root / "release", ignore=left)
    released.write(".gitignore", "__pycache__/\n")
    released.change("sessions", "A cookie is read once.")
    return released


def run(tree: Tree, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(
        command, cwd=tree.root, capture_output=True, text=True, check=False
    )


def test_a_release_tells_what_happened_and_what_comes_next(equipped: Tree) -> None:
    finished = run(equipped, "release", "sessions", "patch")

    assert finished.returncode == 0
    assert finished.stdout == (
        "Released tantalus-sessions 0.1.1 in this clone: one commit, tagged"
        " sessions-v0.1.1. Nothing is pushed.\n"
        "Next:\n"
        "  hatch run sessions:test        the package's tests, on what is tagged\n"
        "  git push --atomic origin main sessions-v0.1.1        builds, tries and"
        " publishes it\n"
        "Or take it back:\n"
        "  git tag --delete sessions-v0.1.1 && git reset --keep HEAD~1\n"
    )


def test_a_release_is_taken_back_as_it_says(equipped: Tree) -> None:
    before = equipped.state()
    told = run(equipped, "release", "sessions", "patch").stdout.splitlines()

    subprocess.run(["bash", "-c", told[-1]], cwd=equipped.root, check=True)

    assert equipped.state() == before


def test_a_dry_run_shows_the_changes_and_makes_none(equipped: Tree) -> None:
    before = equipped.state()

    finished = run(equipped, "release", "sessions", "patch", "--dry-run")

    assert finished.returncode == 0
    assert finished.stdout.startswith("Would release tantalus-sessions 0.1.1:\n")
    assert '\n+version = "0.1.1"\n' in finished.stdout
    assert equipped.state() == before


def test_a_refusal_ends_with_an_error_and_no_traceback(equipped: Tree) -> None:
    finished = run(equipped, "release", "rooting", "patch")

    assert finished.returncode == 1
    assert finished.stderr == (
        "Error: No package 'rooting'. There are: routing, sessions, core.\n"
    )


def test_the_plan_is_shown(equipped: Tree) -> None:
    finished = run(equipped, "release", "--plan")

    assert finished.returncode == 0
    assert "1. hatch run release sessions patch" in finished.stdout


def test_the_plan_is_shown_of_a_tree_that_is_not_committed(equipped: Tree) -> None:
    equipped.write("new.txt", "")

    assert run(equipped, "release", "--plan").returncode == 0


@pytest.mark.parametrize("arguments", [[], ["sessions"]])
def test_without_package_or_version_the_usage_is_told(
    arguments: list[str], equipped: Tree
) -> None:
    finished = run(equipped, "release", *arguments)

    assert finished.returncode == 2
    assert "Name a package and a version, or say --plan." in finished.stderr


def test_a_build_names_the_archives(equipped: Tree) -> None:
    run(equipped, "release", "sessions", "patch")

    finished = run(equipped, "release.build", "sessions-v0.1.1", "--to", "../dist")

    assert finished.returncode == 0, finished.stderr
    assert "tantalus_sessions-0.1.1.tar.gz  " in finished.stdout
    assert "tantalus_sessions-0.1.1-py3-none-any.whl  " in finished.stdout


def test_a_build_of_another_version_is_refused(equipped: Tree) -> None:
    finished = run(equipped, "release.build", "sessions-v0.1.1")

    assert finished.returncode == 1
    assert "The tag sessions-v0.1.1 is not of this tree" in finished.stderr
