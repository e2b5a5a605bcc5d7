"""The programs of the README run."""

from __future__ import annotations

from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from werkzeug.test import Client

README = Path(__file__).parent.parent / "README.md"
PROGRAMS: list[Example] = list(
    Sybil([PythonCodeBlockParser()]).parse(README).examples()
)


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: f"line {one.line}")
def test_each_program_runs(program: Example) -> None:
    program.namespace.clear()
    program.namespace["__name__"] = "readme"

    program.evaluate()


def test_the_first_program_is_short() -> None:
    assert len(PROGRAMS[0].parsed.splitlines()) <= 15


@pytest.mark.parametrize("program", PROGRAMS[:3], ids=["bare", "bottle", "falcon"])
def test_the_programs_that_stand_alone_count_visits(program: Example) -> None:
    program.namespace.clear()
    program.namespace["__name__"] = "readme"
    program.evaluate()
    client = Client(program.namespace["app"])

    assert [client.get("/").text for _ in range(2)] == ["Visit 1\n", "Visit 2\n"]
