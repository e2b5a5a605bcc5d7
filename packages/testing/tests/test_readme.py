from __future__ import annotations

from pathlib import Path

import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

README = Path(__file__).parent.parent / "README.md"
DOCUMENT: Document = Sybil([PythonCodeBlockParser()]).parse(README)
EXAMPLES: list[Example] = list(DOCUMENT.examples())
TEST_MODULES = [one for one in EXAMPLES if "import pytest" in one.parsed]
PROGRAMS = [one for one in EXAMPLES if one not in TEST_MODULES]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: f"line {one.line}")
def test_each_program_runs_after_those_above_it(program: Example) -> None:
    program.evaluate()


def test_the_test_of_the_first_program_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(EXAMPLES[0].parsed)

    pytester.runpytest_inprocess("-W", "error").assert_outcomes(passed=1)


def test_the_test_module_passes(pytester: pytest.Pytester) -> None:
    [module] = TEST_MODULES
    pytester.makepyfile(module.parsed)

    result = pytester.runpytest_inprocess("--strict-markers", "-W", "error")

    result.assert_outcomes(passed=2)


def test_the_first_program_is_short() -> None:
    assert len(EXAMPLES[0].parsed.splitlines()) <= 15
