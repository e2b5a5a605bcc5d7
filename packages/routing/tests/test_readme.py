"""The programs in the README do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from server import ask
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from werkzeug.test import Client

README = Path(__file__).parent.parent / "README.md"


def run_page(path: Path) -> dict[str, Any]:
    """Run the code of a page from top to bottom, and return its names."""
    document = Sybil(parsers=[PythonCodeBlockParser()]).parse(path)
    for example in document.examples():
        example.evaluate()
    names: dict[str, Any] = document.namespace
    return names


def test_the_first_program_answers() -> None:
    client = Client(run_page(README)["app"])

    assert client.get("/hello/Ada").text == "Hello, Ada!"
    assert client.get("/hello/<b>").text == "Hello, &lt;b&gt;!"
    assert client.post("/hello/Ada").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_the_program_for_asgi_answers_and_falls_back() -> None:
    app = run_page(README)["asgi"]

    assert ask(app, "/hello/Ada").text == "Hello, Ada!"
    assert ask(app, "/page").status == 200


@pytest.mark.parametrize("begin", ["from wsgiref", "from markupsafe"])
def test_the_programs_are_short(begin: str) -> None:
    programs = README.read_text(encoding="utf-8").split("```python\n")
    [program] = [one.split("```")[0] for one in programs if one.startswith(begin)]

    assert len(program.splitlines()) <= 15
