"""Who may import whom, in the sources and in the tests."""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMPONENTS = [
    "channels",
    "cli",
    "config",
    "context",
    "http",
    "routing",
    "sessions",
    "templating",
    "testing",
    "typed",
]


def test_the_import_rules_hold() -> None:
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert program is not None

    finished = subprocess.run(
        [program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.parametrize("component", COMPONENTS)
@pytest.mark.parametrize("folder", ["src", "tests"])
def test_a_component_imports_nothing_of_the_house_but_itself(
    component: str, folder: str
) -> None:
    path = ROOT / "packages" / component / folder

    siblings = [
        (file.name, module)
        for file, module, _ in imports_below(path)
        if is_ours(module) and module.split(".")[0] != f"tantalus_{component}"
    ]

    assert siblings == []


def test_core_uses_only_what_components_show_at_their_door() -> None:
    taken = [
        (file.name, module, name)
        for file, module, name in imports_below(ROOT / "packages" / "core" / "src")
        if module.startswith("tantalus_")
    ]

    hidden = [
        (file, module, name)
        for file, module, name in taken
        if "." in module
        or not (name in (None, "*") or name in importlib.import_module(module).__all__)
    ]

    assert taken
    assert hidden == []


def imports_below(folder: Path) -> Iterator[tuple[Path, str, str | None]]:
    """Yield (file, module, name) for every absolute import; `import x` has no name."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from ((file, alias.name, None) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from ((file, node.module, alias.name) for alias in node.names)


def is_ours(module: str) -> bool:
    name = module.split(".")[0]
    return name == "tantalus" or name.startswith("tantalus_")


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/framework/10-the-whole.md"])
def test_the_map_of_the_house_has_the_layers_that_are_checked(page: str) -> None:
    contracts = (ROOT / ".importlinter").read_text("utf-8")
    layers = contracts.partition("\nlayers =\n    __main__")[2].partition("exhaustive")[
        0
    ]
    checked = [
        set(re.findall(r"\w+", line)) for line in f"__main__{layers}".splitlines()
    ]
    drawn = (ROOT / page).read_text("utf-8").partition("```text\n__main__")[2]
    rows = f"__main__{drawn.partition('```')[0]}".splitlines()
    names = [set(re.findall(r"\w+", re.split("  +", row)[0])) for row in rows]

    assert [layer for layer in checked if layer] == [row for row in names if row]
