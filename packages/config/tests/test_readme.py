from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser


def run(example: Example) -> None:
    """Run a program in the namespace of those above it, and keep what it prints."""
    text = "\n" * example.line + example.parsed
    program = compile(text, example.path, "exec", dont_inherit=True)
    with redirect_stdout(io.StringIO()) as printed:
        exec(program, example.namespace)
    example.namespace["printed"] = printed.getvalue()


def compare(example: Example) -> None:
    """Compare an output with what the program above it printed."""
    assert example.namespace["printed"] == example.parsed


README = Path(__file__).parent.parent / "README.md"
PARSERS = [CodeBlockParser("python", run), CodeBlockParser("text", compare)]
DOCUMENT: Document = Sybil(PARSERS).parse(README)
EXAMPLES: list[Example] = list(DOCUMENT.examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"line {one.line}")
def test_each_program_runs_and_prints_the_output_below_it(example: Example) -> None:
    example.evaluate()


def test_the_first_program_is_short() -> None:
    assert len(EXAMPLES[0].parsed.splitlines()) <= 15
