"""The reference has every public name, and without one there is no site."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from html_pages import Page

ROOT = Path(__file__).parents[2]
DOORS = (
    "tantalus",
    "tantalus_http",
    "tantalus_routing",
    "tantalus_config",
    "tantalus_context",
    "tantalus_sessions",
    "tantalus_templating",
    "tantalus_cli",
    "tantalus_testing",
    "tantalus_typed",
    "tantalus_channels",
)
SETTINGS = f"""
import sys
sys.path.insert(0, {str(ROOT / "docs" / "_site")!r})
sys.path.insert(0, ".")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "reference"]
default_role = "name"
import reference
reference.DOORS = ("small",)
"""
MODULE = '''
"""A small module."""
__all__ = ["LIMIT", "wanted"]
#: As many as there are.
LIMIT = 3
def wanted():
    """Return what is wanted, at most `LIMIT`."""
'''


@pytest.mark.parametrize("door", DOORS)
def test_every_name_of_a_door_has_a_place(pages: dict[Path, Page], door: str) -> None:
    anchors = set().union(*(page.anchors for page in pages.values()))
    offered = vars_of(importlib.import_module(door))
    described = [v for name, v in offered.items() if f"{door}.{name}" in anchors]
    elsewhere = [
        value
        for other in DOORS
        for name, value in vars_of(importlib.import_module(other)).items()
        if f"{other}.{name}" in anchors
    ]

    # A second name of the same class leads to the first.
    missing = {n for n, v in offered.items() if not any(v is d for d in elsewhere)}
    assert missing - {"json"} == set()
    assert len(described) >= len(offered) * 0.9


def vars_of(module: ModuleType) -> dict[str, object]:
    return {name: getattr(module, name) for name in module.__all__}


def build(folder: Path, block: str, module: str = MODULE) -> tuple[int, str]:
    """Build a page with a block for the small module; return the exit code, and why."""
    (folder / "small").mkdir()
    (folder / "small" / "__init__.py").write_text(module)
    (folder / "conf.py").write_text(SETTINGS)
    (folder / "index.md").write_text(f"# Small\n\n```{{reference}} small\n{block}```\n")
    return build_again(folder)


def build_again(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", ".", "out"]
    built = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    return built.returncode, built.stderr


def test_a_page_with_all_names_is_built(tmp_path: Path) -> None:
    assert build(tmp_path, "LIMIT\nwanted\n") == (0, "")

    page = (tmp_path / "out" / "index.html").read_text()
    assert 'id="small.wanted"' in page
    assert "As many as there are." in page
    assert 'href="#small.LIMIT"' in page


def test_a_block_without_names_has_all(tmp_path: Path) -> None:
    assert build(tmp_path, "") == (0, "")


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("LIMIT\n", "small.wanted stands in no block of the reference"),
        ("LIMIT\nwanted\nwanted\n", "small.wanted stands in 2 blocks of the reference"),
        ("LIMIT\nwanted\nunwanted\n", "small has no name 'unwanted'"),
    ],
)
def test_a_name_left_out_or_put_in_twice_fails_the_build(
    tmp_path: Path, block: str, reason: str
) -> None:
    code, said = build(tmp_path, block)

    assert code != 0
    assert reason in said


def test_a_name_that_is_new_in_the_code_alone_fails_the_next_build(
    tmp_path: Path,
) -> None:
    build(tmp_path, "LIMIT\nwanted\n")
    door = tmp_path / "small" / "__init__.py"
    door.write_text(
        MODULE.replace('"wanted"]', '"wanted", "MORE"]') + "#: More.\nMORE = 4"
    )

    code, said = build_again(tmp_path)

    assert code != 0
    assert "small.MORE stands in no block of the reference" in said
    assert str(door) in said


def test_no_page_shows_where_it_was_built(pages: dict[Path, Page]) -> None:
    showing = [
        path.name
        for path in pages
        if any(str(place) in path.read_text() for place in (ROOT, Path(sys.prefix)))
    ]

    assert showing == []


def test_what_stands_before_a_colon_is_no_type(tmp_path: Path) -> None:
    described = MODULE.replace("As many as there are.", "How many: None is no limit.")

    assert build(tmp_path, "", described) == (0, "")

    page = (tmp_path / "out" / "index.html").read_text()
    assert re.search(r"How many:\s+None is no limit\.", page)
    assert "Type" not in page


@pytest.mark.parametrize(
    ("line", "name"),
    [("#: As many as there are.", "LIMIT"), ('"""Return what', "wanted")],
)
def test_a_name_without_a_docstring_fails_the_build(
    tmp_path: Path, line: str, name: str
) -> None:
    bare = "\n".join(
        "    ..." if text.strip().startswith(line) and name == "wanted" else text
        for text in MODULE.splitlines()
        if not (text.startswith("#:") and name == "LIMIT")
    )

    code, said = build(tmp_path, "", bare)

    assert code != 0
    assert f"small.{name} has no docstring" in said
