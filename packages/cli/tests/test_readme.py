"""The programs of the README run, and its consoles show what the program prints.

A block that begins with a file name in a comment is also saved under that name, for the
consoles that follow.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from server import PROGRAM
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from werkzeug.test import create_environ, run_wsgi_app

README = Path(__file__).parent.parent / "README.md"
FILE_NAME = re.compile(r"# (\S+\.\w+)\n")
CALL = re.compile(r"^\$ tantalus (.+)\n((?:(?!\$ ).*\n?)*)", re.M)


def blocks(parser: CodeBlockParser | PythonCodeBlockParser) -> list[Example]:
    document: Document = Sybil([parser]).parse(README)
    return list(document.examples())


PYTHON = blocks(PythonCodeBlockParser())
FILES = [*PYTHON, *blocks(CodeBlockParser("toml", lambda example: None))]
CONSOLES = blocks(CodeBlockParser("console", lambda example: None))
CALLS = [call for console in CONSOLES for call in CALL.findall(console.parsed)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the README shows."""
    folder = tmp_path_factory.mktemp("readme")
    for block in FILES:
        for name in FILE_NAME.findall(block.parsed)[:1]:
            (folder / name).write_text(block.parsed)
    return folder


@pytest.mark.parametrize("program", PYTHON, ids=lambda one: f"line {one.line}")
def test_each_program_runs(program: Example) -> None:
    program.evaluate()


def test_the_first_program_is_short_and_answers() -> None:
    PYTHON[0].evaluate()

    app = PYTHON[0].namespace["app"]
    answer, status, _ = run_wsgi_app(app, create_environ("/Ada"))

    assert len(PYTHON[0].parsed.splitlines()) <= 15
    assert (status, b"".join(answer)) == ("200 OK", b"Hello, Ada!\n")


@pytest.mark.parametrize(("arguments", "shown"), CALLS, ids=[call[0] for call in CALLS])
def test_each_console_shows_what_is_printed(
    arguments: str, shown: str, folder: Path
) -> None:
    done = subprocess.run(
        [PROGRAM, *shlex.split(arguments)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert done.stdout == shown


def test_the_readme_shows_calls() -> None:
    assert len(CALLS) == 7
