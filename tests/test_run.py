"""The program that runs all tests: what it counts of one that has a second attempt."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
CI = TESTS.parent / ".ci" / "run"
PROGRAM = """
from pathlib import Path

import pytest


def attempt(name):
    with Path(name).open("a") as notes:
        notes.write("x")
    return Path(name).stat().st_size


def test_good():
    assert attempt("good") == 1


@pytest.mark.parametrize("way", ["a - b"])
def test_shaky(way):
    assert attempt("shaky") == 2


@pytest.fixture
def shaky():
    assert attempt("fixture") == 2


def test_on_shaky_ground(shaky):
    pass
"""
BAD = """

def test_bad():
    assert attempt("bad") == 3, "once - more"


@pytest.fixture
def bad():
    raise OSError("never")


def test_on_bad_ground(bad):
    pass
"""
SHAKY = ["test_shaky[a - b]", "test_on_shaky_ground"]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the program, for which the folder of browsers is an empty one."""
    spec = importlib.util.spec_from_file_location("run_of_all", TESTS / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "run_of_all", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "BROWSER", tmp_path / "browser")
    for name, text in {"browser": PROGRAM, "bad": PROGRAM + BAD}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "test_it.py").write_text(text)
        (tmp_path / name / "pytest.ini").write_text("[pytest]\nfilterwarnings=error\n")
    return module


def test_who_passes_at_the_second_attempt_is_named_and_counted_apart(
    runs: Any, tmp_path: Path
) -> None:
    ended = runs.run(tmp_path / "browser", [], [])

    assert ended.code == 0
    assert ended.counts == {
        "passed": 3,
        "failed": 0,
        "skipped": 0,
        "at the second attempt": 2,
    }
    for name in SHAKY:
        assert f"RERUN test_it.py::{name}\n" in ended.output


def test_who_fails_twice_has_failed(
    runs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BROWSER", tmp_path / "bad")

    ended = runs.run(tmp_path / "bad", [], [])

    assert ended.code == 1
    assert ended.counts == {
        "passed": 3,
        "failed": 2,
        "skipped": 0,
        "at the second attempt": 2,
    }
    assert "FAILED test_it.py::test_bad" in ended.output
    assert "ERROR test_it.py::test_on_bad_ground" in ended.output


def test_nobody_else_has_a_second_attempt(runs: Any, tmp_path: Path) -> None:
    ended = runs.run(tmp_path / "bad", [], [])

    assert ended.code == 1
    assert ended.counts["failed"] == 4
    assert ended.counts["at the second attempt"] == 0
    assert "RERUN" not in ended.output


def test_the_ci_reads_the_same_from_what_the_runs_have_printed(
    runs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = []
    for name in ("browser", "bad"):
        monkeypatch.setattr(runs, "BROWSER", tmp_path / name)
        logs.append(tmp_path / f"{name}.log")
        logs[-1].write_text(runs.run(tmp_path / name, [], []).output)
    function = CI.read_text().split("\npassed_again() {")[1].split("\n}")[0]
    script = f'passed_again() {{{function}\n}}\npassed_again "$@"'

    told = subprocess.run(
        ["bash", "-c", script, "bash", *map(str, logs), str(tmp_path / "none.log")],
        capture_output=True,
        text=True,
        check=True,
    )

    names = told.stdout.splitlines()
    assert sorted(names) == sorted(f"test_it.py::{name}" for name in SHAKY)


def test_the_summary_counts_them_apart(
    runs: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(runs, "projects", lambda: [tmp_path / "browser"])

    assert runs.main([]) == 0

    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("3 passed, 0 failed, 0 skipped, 2 at the second attempt in ")
