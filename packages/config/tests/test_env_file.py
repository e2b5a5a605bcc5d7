from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_config._env_file import read_env_file

READ = {
    "bare": ("A=1", {"A": "1"}),
    "blanks": ("  A = a b \t\n", {"A": "a b"}),
    "nothing": ("A=\nB=", {"A": "", "B": ""}),
    "export": ("export A=1\n", {"A": "1"}),
    "comments": ("# A=1\n\nB=2 # two\nC=x#y\n", {"B": "2", "C": "x#y"}),
    "a colour": ("A=#fff", {"A": "#fff"}),
    "an equals sign": ("A=b=c", {"A": "b=c"}),
    "single quotes": (r"A='a # \n ${B} \' \\'", {"A": r"a # \n ${B} ' \ "[:-1]}),
    "double quotes": (r'A="a\tb \"c\" \\ \x"', {"A": 'a\tb "c" \\ \\x'}),
    "lines in quotes": ('A="one\ntwo"\nB=3', {"A": "one\ntwo", "B": "3"}),
    "a comment after quotes": ("A='a' # b\nB=2", {"A": "a", "B": "2"}),
    "windows": ('A=1\r\nB="2"\r\n', {"A": "1", "B": "2"}),
    "a dollar": ("A=pa$$word", {"A": "pa$$word"}),
}
REFUSED = {
    "no assignment": ("A=1\nnonsense\nB=2", 2, "The line is not NAME=value."),
    "a name alone": ("export A", 1, "The line is not NAME=value."),
    "no name": ("=1", 1, "The line is not NAME=value."),
    "an open quote": ("\nA='x\nB=2", 2, "The quote of A is open."),
    "an open double quote": ('A="x\\"', 1, "The quote of A is open."),
    "more after the quote": ("A='x'y\nB=2", 1, "Something follows the quote of A."),
    "twice": ("A=1\nB=2\nA=3", 3, "A is set twice, and first in line 1."),
    "a reference": ("A=${B}", 1, "A has a ${…}, which is not replaced here."),
    "a quoted reference": ('A="${B}"', 1, "A has a ${…}, which is not replaced here."),
    "a comment or value": (
        "A= # x",
        1,
        "What follows the '=' of A is a comment, or a value.",
    ),
    "a NUL": ("A=\0", 1, "A has a NUL in it."),
}


@pytest.mark.parametrize(("text", "values"), READ.values(), ids=READ)
def test_assignments_are_read(text: str, values: dict[str, str]) -> None:
    file = read_env_file(text)

    assert (file.values, file.problems) == (values, [])


@pytest.mark.parametrize(("text", "line", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_is_unclear_is_refused_with_its_line(
    text: str, line: int, problem: str
) -> None:
    file = read_env_file(text)

    assert [each[:2] for each in file.problems] == [(line, problem)]


def test_a_line_that_is_refused_leaves_the_others() -> None:
    file = read_env_file("A='x'y\nB=2\nnonsense\nC=3")

    assert (file.values, file.lines) == ({"B": "2", "C": "3"}, {"B": 2, "C": 4})


def test_lines_in_quotes_are_counted() -> None:
    assert read_env_file('A="1\n2\n3"\nB=4').lines == {"A": 1, "B": 4}


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    file = read_env_file(text)

    lines = text.replace("\r\n", "\n").count("\n") + 1
    assert all(1 <= line <= lines for line, _, _ in file.problems)


@given(st.dictionaries(st.from_regex(r"\A[A-Z_]{1,4}\Z"), st.text()))
def test_a_quoted_value_comes_back_as_it_was(values: dict[str, str]) -> None:
    kept = {
        name: value.replace("\0", "").replace("\r\n", "\n")
        for name, value in values.items()
    }
    quoted = {
        name: value.replace("\\", "\\\\").replace("'", "\\'")
        for name, value in kept.items()
    }

    file = read_env_file("".join(f"{k}='{v}'\n" for k, v in quoted.items()))

    assert (file.values, file.problems) == (kept, [])
