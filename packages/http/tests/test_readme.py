"""The programs in the README do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from werkzeug.test import Client

README = Path(__file__).parent.parent / "README.md"
DOCUMENT: Document = Sybil(parsers=[PythonCodeBlockParser()]).parse(README)
DOCUMENT.namespace["__name__"] = "readme"
EXAMPLES: list[Example] = list(DOCUMENT.examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"line {one.line}")
def test_an_example_does_what_it_says(example: Example) -> None:
    example.evaluate()


def test_the_first_program_answers_in_at_most_15_lines() -> None:
    source = README.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {"__name__": "hello"}

    exec(source, names)
    client = Client(names["app"])

    assert len(source.splitlines()) <= 15
    assert client.get("/?name=Ada").text == "Hello, Ada!"
    assert client.get("/?name=<b>").text == "Hello, &lt;b&gt;!"
    assert client.get("/").text == "Hello, world!"
