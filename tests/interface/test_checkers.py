"""Type checkers find nothing to say of typed views, their test and their links.

pyright is asked to find each `Any`, written or inferred. It comes as basedpyright,
which brings its own node.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
STRICTEST = {
    "typeCheckingMode": "strict",
    "reportAny": "error",
    "reportExplicitAny": "error",
}
WRONG = """
import links
from shop import Order, show

Order(sku=1)
show("7", ["a"])
links.shop_show(number="7")
links.shop_sho(number=7)
"""
WRONG_LINES = {("wrong.py", line) for line in (5, 6, 7, 8)}


def run(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment in a folder."""
    return subprocess.run(
        [str(Path(sys.executable).parent / name), *arguments],
        cwd=folder,
        env=os.environ | {"TANTALUS_APP": "shop:make_app"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program, with its links and a module of mistakes, in a folder of its own."""
    folder = tmp_path_factory.mktemp("program")
    shutil.copytree(HERE / "program", folder, dirs_exist_ok=True)
    shutil.copy(HERE / "features.py", folder)
    (folder / "wrong.py").write_text(WRONG)
    (folder / "pyrightconfig.json").write_text(json.dumps(STRICTEST))
    made = run(folder, "tantalus", "routes", "--python", "links.py")
    assert made.returncode == 0, made.stderr
    return folder


def test_the_program_passes_its_test(program: Path) -> None:
    finished = run(program, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert finished.returncode == 0, finished.stdout
    assert "3 passed" in finished.stdout


def test_nothing_is_ignored_or_cast(program: Path) -> None:
    texts = [path.read_text() for path in program.glob("*.py")]

    assert len(texts) == 5
    assert not re.search(r"type: ignore|pyright:|\bcast\(|\bAny\b", "".join(texts))


def test_mypy_finds_what_is_wrong_and_nothing_else(program: Path) -> None:
    names = ("shop.py", "test_shop.py", "links.py", "wrong.py")
    said = run(program, "mypy", "--strict", *names).stdout

    found = re.findall(r"^(\S+\.py):(\d+): error", said, re.M)
    assert {(name, int(line)) for name, line in found} == WRONG_LINES, said


def test_pyright_finds_what_is_wrong_and_no_any(program: Path) -> None:
    said = run(program, "basedpyright", "--pythonpath", sys.executable).stdout

    found = re.findall(r"(\w+\.py):(\d+):\d+ - \w+", said)
    assert {(name, int(line)) for name, line in found} == WRONG_LINES, said
