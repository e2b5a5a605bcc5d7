"""Whatever text a request brings, reading it takes time in proportion to its length."""

from __future__ import annotations

import ast
import io
import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import entries
import expressions
from expressions import Expression, calls_in

HERE = Path(__file__).parent
FOUND = expressions.expressions()
# With an optional dot, a word of n letters can be read in 2ⁿ ways.
EXPONENTIAL = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?)+(?::[0-9]{1,5})?"


def verdicts(script: str, *arguments: str, given: str = "") -> dict[str, str]:
    """Return what a program says of each text, `fine` left out.

    A text that it had begun with when the system ended it for the time it took is left
    as one that does not end.
    """
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    said = {text: verdict for text, verdict, *_ in lines}
    assert said, done.stderr
    bad = {text: verdict for text, verdict in said.items() if verdict != "fine"}
    assert done.returncode == 0 or bad, done.stderr
    return bad


def tried(expression: Expression, **options: int) -> dict[str, str]:
    pattern = expression.pattern
    is_bytes = isinstance(pattern, bytes)
    asked = {
        "pattern": pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern,
        "bytes": is_bytes,
        "flags": expression.flags,
        "methods": sorted(expression.methods),
        **options,
    }
    return verdicts("hostile.py", given=json.dumps(asked))


@pytest.mark.parametrize("expression", FOUND, ids=[each.name for each in FOUND])
def test_an_expression_takes_linear_time(expression: Expression) -> None:
    assert tried(expression) == {}


@pytest.mark.parametrize("name", entries.ENTRIES)
def test_reading_what_a_request_brings_takes_linear_time(name: str) -> None:
    assert verdicts("entries.py", "App", name) == {}


@pytest.mark.parametrize("name", entries.DECIDED_BY_SETTINGS)
def test_reading_it_by_flasks_settings_takes_linear_time(name: str) -> None:
    assert verdicts("entries.py", "Flask", name) == {}


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (EXPONENTIAL, "fullmatch"),
        ("(a|a)*b", "match"),
        ("([ab]+|[bc]+)*!", "fullmatch"),
        ("<[^>]+>", "search"),
        ("a*a*b", "fullmatch"),
    ],
)
def test_an_expression_that_is_not_linear_is_found(pattern: str, method: str) -> None:
    expression = Expression("bad", pattern, 0, frozenset({method}))

    assert len(tried(expression, **{"cpu seconds": 3})) == 1


@pytest.mark.parametrize("name", entries.BAD)
def test_a_reader_that_is_not_linear_is_found(name: str) -> None:
    assert verdicts("entries.py", "App", name, "3") != {}


def test_expressions_are_found_wherever_they_are() -> None:
    objects = {each.name for each in expressions.in_objects()}

    assert "tantalus_http._hosts._WELL_FORMED" in objects
    assert "tantalus_http._locations.plain_url" in calls()


def calls() -> set[str]:
    """Return the names of the functions and modules that call `re`."""
    return {each.name.rpartition(":")[0] for each in expressions.in_source()}


def in_text(
    source: str, **built: tuple[str, ...]
) -> list[tuple[str | bytes, list[str]]]:
    return [
        (each.pattern, sorted(each.methods))
        for each in calls_in(ast.parse(source), "m", {"re": re}, built)
    ]


def test_an_expression_in_the_source_is_found_where_it_is_used() -> None:
    assert in_text("re.compile('a')") == [("a", ["fullmatch", "match"])]
    assert in_text("def f(x):\n  return re.sub(r'a', '', x)") == [("a", ["sub"])]
    assert in_text("class A:\n  b = [re.search(b'c', x)]") == [(b"c", ["search"])]


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n  re.compile(x)",
        "def f(x):\n  re.compile(f'{x}a')",
        "from re import compile",
        "import re as other",
    ],
)
def test_an_expression_that_cannot_be_found_is_an_error(source: str) -> None:
    with pytest.raises(LookupError):
        in_text(source)


def test_an_expression_that_is_made_at_run_time_is_told() -> None:
    told = in_text("def f(x):\n  re.compile(x)", **{"m.f": ("a", "b")})

    assert [pattern for pattern, _ in told] == ["a", "b"]


def test_what_is_said_of_expressions_is_said_of_some_that_exist() -> None:
    objects = {each.name for each in expressions.in_objects()}

    assert [end for end in expressions.BUILT if not any_ends_with(end)] == []
    assert set(expressions.UNREACHED) <= objects


def any_ends_with(end: str) -> bool:
    return any(name.endswith(end) for name in calls())


def test_the_boundary_of_a_form_is_not_searched_for_again_and_again() -> None:
    app = entries.build(entries.CLASSES["App"])

    plain = entries.seconds(app, partial(long_upload, b"x"))
    hostile = entries.seconds(app, partial(long_upload, b"-"))

    assert hostile < 20 * plain


def long_upload(letter: bytes) -> entries.Changes:
    """Return what posts a file of one letter between boundaries of 250 hyphens."""
    boundary = f"a{'-' * 250}"
    begin = (
        f"--{boundary}\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\n"
    )
    sent = begin.encode() + letter * 4_000_000 + f"\r\n--{boundary}--\r\n".encode()
    return {
        **entries.body("", "files")(""),
        "CONTENT_TYPE": f"multipart/form-data; boundary={boundary}",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.input": io.BytesIO(sent),
    }
