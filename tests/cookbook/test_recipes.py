"""Every recipe is typed as it stands: files, commands, what they show, and its test."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from recipe import (
    FOLDER,
    RECIPES,
    ROOT,
    blocks,
    commands,
    files,
    follow,
    requirements_of,
)

TEST = "python -m pytest"


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_does_what_it_says(recipe: str, tmp_path: Path) -> None:
    follow(recipe, tmp_path)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_is_a_program_how_to_run_it_and_its_test(recipe: str) -> None:
    page = (FOLDER / f"{recipe}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", page, re.M)

    assert "app.py" in files(recipe)
    assert {"Run it", "Test it"} <= {*headings}
    assert commands(recipe)[-1].startswith(TEST)
    assert any(name.startswith("test_") for name in files(recipe))


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_installs_what_it_imports(recipe: str) -> None:
    named = [
        name
        for line in commands(recipe)
        if line.startswith("pip install ")
        for name in requirements_of(line)
    ]
    there = {name for wanted in ("tantalus", *named) for name in closure(wanted)}

    missing = [
        module
        for module in imports_of(recipe)
        if module not in sys.stdlib_module_names and not homes_of(module) & there
    ]

    assert missing == []


def homes_of(module: str) -> set[str]:
    """Return the distributions that a package is in."""
    # What is installed from a tree has no list of its files, as our packages here.
    homes = packages_distributions().get(module, [module])
    return {canonicalize_name(home) for home in homes}


def imports_of(recipe: str) -> set[str]:
    """Return the packages that the files of a recipe import, but not its own."""
    own = {Path(name).parts[0].removesuffix(".py") for name in files(recipe)}
    return {
        module.partition(".")[0]
        for name, text in files(recipe).items()
        if name.endswith(".py")
        for node in ast.walk(ast.parse(text))
        for module in modules_of(node)
    } - own


def modules_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module


def closure(name: str) -> set[str]:
    """Return a distribution, and what it brings."""
    needed: set[str] = set()
    waiting = [name]
    while waiting:
        requirement = Requirement(waiting.pop())
        name = canonicalize_name(requirement.name)
        needed.add(name)
        waiting += [
            needs
            for needs in distribution(name).requires or []
            if applies(Requirement(needs), requirement.extras)
            and canonicalize_name(Requirement(needs).name) not in needed
        ]
    return needed


def applies(requirement: Requirement, extras: set[str]) -> bool:
    """Tell whether what a distribution requires counts, for one with these extras."""
    return requirement.marker is None or any(
        requirement.marker.evaluate({"extra": extra}) for extra in (extras or {""})
    )


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_python_of_a_recipe_is_in_the_style_of_the_project(
    recipe: str, tmp_path: Path
) -> None:
    for name, text in files(recipe).items():
        if name.endswith(".py"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
    settings = ["--config", str(ROOT / "ruff.toml")]
    for setting in ("src = ['.']", "lint.isort.known-first-party = []"):
        settings += ["--config", setting]
    ignored = ["--ignore", "D1", "--no-cache"]

    for command in (["check", *ignored], ["format", "--diff", "--no-cache"]):
        finished = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings, "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr


def test_every_recipe_stands_in_the_list() -> None:
    index = (FOLDER / "index.md").read_text(encoding="utf-8")

    listed = re.findall(r"^\| \[[^\]]+\]\(([\w-]+)\.md\)", index, re.M)
    in_menu = re.findall(r"^([\w-]+)$", index.partition("toctree")[2], re.M)

    assert sorted(listed) == RECIPES
    assert in_menu == listed
    assert len(RECIPES) >= 20


@pytest.mark.parametrize("recipe", RECIPES)
def test_no_block_of_a_recipe_is_left_out(recipe: str) -> None:
    page = (FOLDER / f"{recipe}.md").read_text(encoding="utf-8")
    fences = [fence for fence in re.findall(r"^```(.*)$", page, re.M) if fence]

    assert len([f for f in fences if not f.startswith("{")]) == len(blocks(recipe))
