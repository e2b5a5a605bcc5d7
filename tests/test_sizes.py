"""How large things may grow, in lines of code: no blanks, comments or docstrings.

`python tests/test_sizes.py` prints the table.
"""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FACE = ROOT / "packages/core/src/tantalus/_asgi"
MODULES = sorted(ROOT.glob("packages/*/src/**/*.py"))
MOST_IN_MODULE = 250
MOST_IN_FUNCTION = 40
# The app object, which puts the components together; facades of names included. Its
# face for ASGI, which no program under WSGI loads, is counted by itself.
MOST_IN_CORE = 5_482
MOST_IN_FACE = 1_192
# What has grown beyond the limit may shrink, and grow no further.
MOST_IN_GROWN = {
    "context/src/tantalus_context/_context.py": 279,
    "core/src/tantalus/ctx.py": 288,
}

NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(text: str) -> set[int]:
    """Return the numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Documented) and ast.get_docstring(node, clean=False):
            lines.difference_update(lines_of(node.body[0]))
    return lines


def lines_of(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def long_functions(text: str) -> list[str]:
    """Return the functions whose bodies have too many lines of code."""
    code = code_lines(text)
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and len({line for part in node.body for line in lines_of(part)} & code)
        > MOST_IN_FUNCTION
    ]


def package_lines(package: str) -> int:
    return lines_in(ROOT / "packages" / package / "src")


def lines_in(folder: Path) -> int:
    modules = folder.rglob("*.py")
    return sum(len(code_lines(path.read_text(encoding="utf-8"))) for path in modules)


def test_lines_of_code_are_counted_without_docstrings_and_comments() -> None:
    text = '''"""A module."""

# A comment.
def double(
    number: int,
) -> int:
    """Return twice `number`.

    Always.
    """
    text = """three
    lines
    long"""
    return number * 2  # beside code
'''

    assert code_lines(text) == {4, 5, 6, 11, 12, 13, 14}


def test_a_long_function_is_found() -> None:
    body = "".join(f"    a = {number}\n" for number in range(MOST_IN_FUNCTION + 1))

    assert long_functions(f"def long():\n{body}") == ["long"]


@pytest.mark.parametrize(
    "path", MODULES, ids=[str(path.relative_to(ROOT / "packages")) for path in MODULES]
)
def test_a_module_fits_in_the_head(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT / "packages").as_posix()

    assert len(code_lines(text)) <= MOST_IN_GROWN.get(name, MOST_IN_MODULE)
    assert long_functions(text) == []


def test_only_what_is_beyond_the_limit_has_one_of_its_own() -> None:
    grown = {
        name: len(code_lines((ROOT / "packages" / name).read_text(encoding="utf-8")))
        for name in MOST_IN_GROWN
    }

    assert min(grown.values()) > MOST_IN_MODULE


def test_the_core_is_thin() -> None:
    face = lines_in(FACE)

    assert package_lines("core") - face <= MOST_IN_CORE
    assert face <= MOST_IN_FACE


if __name__ == "__main__":
    for folder in sorted((ROOT / "packages").iterdir()):
        print(f"{package_lines(folder.name):6}  {folder.name}")
    print(f"{lines_in(FACE):6}  of core for ASGI")
