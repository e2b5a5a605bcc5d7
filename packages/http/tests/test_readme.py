"""The programs in the README do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from driver import ask, body_in, scope_of
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


def test_the_asynchronous_program_answers_in_at_most_15_lines() -> None:
    source = README.read_text(encoding="utf-8").split("## ASGI")[1]
    source = source.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {"__name__": "hello"}
    form = [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", b"8"),
    ]

    exec(source, names)
    asked = ask(names["app"], scope_of(query=b"name=Ada"))
    posted = ask(names["app"], scope_of("/", "POST", b"", form), body_in(b"name=<b>"))

    assert len(source.splitlines()) <= 15
    assert (asked.status, asked.body) == (200, b"Hello, Ada!")
    assert posted.body == b"Hello, &lt;b&gt;!"


def test_the_other_asynchronous_programs_answer() -> None:
    chunked = [(b"transfer-encoding", b"chunked")]
    pieces = body_in(*[b"x" * 1_000] * 100)

    counted = ask(
        DOCUMENT.namespace["count"], scope_of("/", "POST", b"", chunked), pieces
    )
    bridged = ask(DOCUMENT.namespace["both"], scope_of("/a"))

    assert counted.body == b"100000 bytes"
    assert bridged.body == b"Hello, world!"
