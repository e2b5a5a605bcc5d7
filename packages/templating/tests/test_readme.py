from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sybil import Document
from sybil.example import Example
from sybil.parsers.markdown import PythonCodeBlockParser

README = Path(__file__).parent.parent / "README.md"
EXAMPLES = list(Document.parse(str(README), PythonCodeBlockParser()).examples())


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"line {example.line}"
)
def test_an_example_does_what_it_says(example: Example) -> None:
    example.evaluate()


def test_the_first_example_is_a_whole_program_of_at_most_15_lines() -> None:
    program = README.read_text(encoding="utf-8").partition("```python\n")[2]
    lines = [line for line in program.partition("```")[0].splitlines() if line]

    ast.parse("\n".join(lines))
    assert len(lines) <= 15
