"""The programs in the README do what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

README = Path(__file__).parent.parent / "README.md"
DOCUMENT: Document = Sybil(parsers=[PythonCodeBlockParser()]).parse(README)
DOCUMENT.namespace["__name__"] = "readme"
EXAMPLES: list[Example] = list(DOCUMENT.examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"line {one.line}")
def test_an_example_does_what_it_says(example: Example) -> None:
    example.evaluate()


def test_the_first_program_is_an_app_of_at_most_15_lines() -> None:
    source = README.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {"__name__": "hello"}

    exec(source, names)
    client = names["app"].test_client()

    assert len(source.splitlines()) <= 15
    assert client.get("/hello/Ada").text == "Hello, Ada!"
    assert client.get("/hello/<b>").text == "Hello, &lt;b&gt;!"
    assert client.get("/").status_code == 404
    assert client.post("/hello/Ada").status_code == 405
