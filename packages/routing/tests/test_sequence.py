"""The texts of several variables are those that `re` finds, in linear time."""

from __future__ import annotations

import re
import subprocess
import sys
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_routing import Map, Match, Rule
from tantalus_routing._sequence import may_be_slow, read_sequence

LETTERS = "a-b./1_"
ATOMS = ["a", "b", "-", r"\.", "/", r"\-", "[^/]", "[ab]", "[^-]", ".", r"\d", r"\w"]
COUNTS = ["", "", "", "+", "*", "?", "{2}", "{1,}", "{1,3}", "{,2}", "+?", "*?", "??"]
CHOICES = ["(?:a|ab|b)", r"(?:\-|1)", "(?:a)", "(?:aa|)", "(?:)"]
atoms = st.builds("".join, st.tuples(st.sampled_from(ATOMS), st.sampled_from(COUNTS)))
pieces = st.lists(atoms | st.sampled_from(CHOICES), max_size=3).map("".join)


@st.composite
def contents(draw: st.DrawFn) -> str:
    """Draw the expression of a part."""
    content = draw(st.sampled_from(["", "a", r"\-"]))
    for number in range(draw(st.integers(0, 3))):
        content += f"(?P<__werkzeug_{number}>{draw(pieces)})"
        content += draw(st.sampled_from(["", "-", r"\.", "a", "/"]))
    return content + draw(st.sampled_from(["", "", "(?<!/)(/?)"])) + r"\Z"


def variables(found: re.Match[str] | None) -> tuple[str, ...] | None:
    """Return what the named groups took."""
    return None if found is None else (found[0], *found.groupdict().values())


@given(content=contents(), text=st.text(alphabet=LETTERS, max_size=14))
def test_a_sequence_takes_what_re_takes(content: str, text: str) -> None:
    sequence = read_sequence(content)

    assert sequence is not None
    assert sequence.find(text) == variables(re.compile(content).match(text))


@pytest.mark.parametrize(
    ("content", "text", "texts"),
    [
        (r"(?P<__werkzeug_0>(?:a|ab|b))(?P<__werkzeug_1>b+)\Z", "abb", ("a", "bb")),
        (r"(?P<__werkzeug_0>(?:a|ab))c\Z", "abc", ("ab",)),
        (r"(?P<__werkzeug_0>(?:a|))(?P<__werkzeug_1>a*)\Z", "", ("", "")),
        (r"(?P<__werkzeug_0>[^/].*?)(?<!/)(/?)\Z", "a/b/", ("a/b",)),
        (r"(?P<__werkzeug_0>[^/].*?)(?<!/)(/?)\Z", "a//", None),
        (r"aab(?P<__werkzeug_0>.?)\Z", "aab", ("",)),
    ],
)
def test_these_texts_are_taken(
    content: str, text: str, texts: tuple[str, ...] | None
) -> None:
    sequence = read_sequence(content)

    assert sequence is not None
    assert sequence.find(text) == (None if texts is None else (text, *texts))
    assert sequence.find(text) == variables(re.compile(content).match(text))


def test_a_group_outside_of_the_variables_is_no_sequence() -> None:
    assert read_sequence(r"(a)(?P<__werkzeug_0>b)\Z") is None


@given(data=st.data())
def test_a_long_text_is_taken_apart_as_by_re(data: st.DataObject) -> None:
    content = r"(?P<__werkzeug_0>[^/]{1,})\-(?P<__werkzeug_1>[ab]*?)\-(?P<c>.+)\Z"
    content = content.replace("<c>", "<__werkzeug_2>")
    text = data.draw(st.text(alphabet="ab-", min_size=20, max_size=90))
    sequence = read_sequence(content)

    assert sequence is not None
    assert sequence.find(text) == variables(re.compile(content).match(text))


@pytest.mark.parametrize(
    "regex",
    ["(a|b)", "a|b", "(?:ab)+", "(?=a)", "^a", r"\bx", "a{}", "a++", "a{2}+", "("],
)
def test_anything_else_is_no_sequence(regex: str) -> None:
    assert read_sequence(rf"(?P<__werkzeug_0>{regex})\Z") is None


@pytest.mark.parametrize(
    ("regex", "slow"),
    [
        ("(a+)+", True),
        ("[a-c]+(?:/[a-c]+)*", True),
        ("(?:ab){2,}c{1,}", True),
        ("(a|b)", False),
        ("(?:ab)+", False),
        (r"(?:[+*]|\+\*)+", False),
        ("[ab]+-[ab]+-[ab]+", False),
    ],
)
def test_what_may_be_slow_is_known(regex: str, slow: bool) -> None:
    assert may_be_slow(rf"(?P<__werkzeug_0>{regex})\Z") is slow


HOSTILE = {
    "three strings": ("/<a>-<b>-<c>.html", "'/' + '-' * n"),
    "three that fit": ("/<a>-<b>-<c>.html", "'/' + '-' * n + '.html'"),
    "five strings": ("/<a>-<b>-<c>-<d>-<e>!", "'/' + '-' * n"),
    "side by side": ("/<a><b><c><d>!", "'/' + 'a' * n"),
    "with lengths": (
        "/<string(maxlength=99):a>-<string(minlength=9):b>-<string(length=5):c>.x",
        "'/' + '-' * n",
    ),
    "numbers": ("/<int:a><float:b><int(signed=True):c>", "'/' + '1' * n + '.'"),
    "number and text": ("/<int:a><b>x", "'/' + '1' * n"),
    "choices": ("/<any(a,aa,aaa):x><b><any(a,b):c><d>!", "'/' + 'a' * n"),
    "identifiers": ("/<uuid:a><b>-<uuid:c>", "'/' + '-' * n"),
    "two paths": ("/<path:a>/x/<path:b>", "'/a' + '/x' * (n // 2)"),
    "two paths, no end": ("/<path:a>/x/<path:b>/y", "'/a' + '/x' * (n // 2)"),
    "three paths": ("/<path:a>/<path:b>/<path:c>", "'/' * n"),
    "three paths of letters": ("/<path:a>/<path:b>/<path:c>/", "'/a' * (n // 2) + '!'"),
    "path with slash": ("/<path:a>/", "'/a' + '/' * n"),
    "own set": ("/<slug:a>-<slug:b>-<slug:c>.html", "'/' + '-' * n"),
    "own sequence": ("/<three:a>", "'/' + '-' * n"),
    "many slashes": ("/a/<b>/c", "'/' * n"),
    "slashes to merge": ("/a/<b>/c", "'/a' + '/' * n + 'b//c'"),
    "many segments": ("/a/<b>/<c>", "'/a' * (n // 2)"),
    "one long segment": ("/<a>/<int:b>", "'/' + 'a' * n"),
    "groups": ("/<slashed:a>/<int:b>", "'/' + 'a' * n"),
    "segments of groups": ("/<slashed:a>/<int:b>", "'/a' * (n // 2) + '/x'"),
    "digits": ("/<int:a>", "'/' + '9' * n"),
    "redirect": ("/<a>-<b>/", "'/' + '-' * n"),
}


@pytest.mark.parametrize(("rule", "path"), HOSTILE.values(), ids=HOSTILE)
def test_a_long_path_takes_linear_time(rule: str, path: str) -> None:
    program = f"""
        from tantalus_routing import Map, Rule
        from werkzeug.routing import BaseConverter

        class Slug(BaseConverter):
            regex = "[a-z0-9-]+"

        class Three(BaseConverter):
            regex = "[^/]+-[^/]+-[^/]+!"

        class Slashed(BaseConverter):
            regex = "[a-c]+(?:/[a-c]+)*"

        n = 100_000
        own = {{"slug": Slug, "three": Three, "slashed": Slashed}}
        rules = [Rule({rule!r}, endpoint="x", subdomain="<p>-<q>-<r>-<s>!"),
                 Rule({rule!r}, endpoint="x")]
        map = Map(rules, converters=own)
        for path in ({path}, ({path})[1:], "/" + {path}):
            found = map.match("GET", path)
            if hasattr(found, "location"):
                found.location(scheme="http", host="example.com")
        map.match("GET", path, subdomain="-" * n)
        map.explain("GET", path[:1000])
    """

    done = subprocess.run([sys.executable, "-c", dedent(program)], timeout=60)

    assert done.returncode == 0


def test_texts_of_a_long_path_are_right() -> None:
    map = Map([Rule("/<a>-<b>-<int:c>.html", endpoint="x")])

    match = map.match("GET", f"/{'x' * 50}-{'y-' * 30}z-12.html")

    assert isinstance(match, Match)
    assert match.args == {"a": f"{'x' * 50}-{'y-' * 29}y", "b": "z", "c": 12}
