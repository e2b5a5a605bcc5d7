from __future__ import annotations

import os
from pathlib import Path

import pytest

from releases.trees import Tree


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Return a repository in which nothing was released."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return Tree(tmp_path / "tree")


@pytest.fixture
def released(tree: Tree) -> Tree:
    """Return a repository in which every package is released as 0.1.0."""
    tree.release_all()
    return tree
