from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from releases.trees import Tree

# No test depends on how busy the machine is.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")


@contextmanager
def git_without_settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with both repositories, to copy."""
    folder = tmp_path_factory.mktemp("pattern")
    with git_without_settings():
        Tree(folder / "begun").begin()
        shutil.copytree(folder / "begun", folder / "released")
        Tree(folder / "released").release_all()
    return folder


@pytest.fixture
def tree(pattern: Path, tmp_path: Path) -> Iterator[Tree]:
    """Return a repository in which nothing was released."""
    shutil.copytree(pattern / "begun", tmp_path / "tree")
    with git_without_settings():
        yield Tree(tmp_path / "tree")


@pytest.fixture
def released(pattern: Path, tmp_path: Path) -> Iterator[Tree]:
    """Return a repository in which every package is released as 0.1.0."""
    shutil.copytree(pattern / "released", tmp_path / "tree")
    with git_without_settings():
        yield Tree(tmp_path / "tree")
