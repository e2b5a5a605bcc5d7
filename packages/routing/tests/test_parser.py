from __future__ import annotations

import pytest
from answers import endpoint
from werkzeug.routing import BaseConverter

from tantalus_routing import (
    ConverterArgumentsError,
    Map,
    NoMatch,
    Rule,
    RuleError,
    UnknownConverter,
)


class Unbalanced(BaseConverter):
    regex = "[a-z"


MISTAKES = {
    "unclosed": ("/user/<int:id", "column 7: the '<' is not closed. Add a '>'"),
    "empty": ("/user/<>", "column 7: '<>' is not a variable. Write <name>"),
    "two colons": ("/<a:b:c>", "column 2: '<a:b:c>' is not a variable"),
    "twice": ("/<id>/x/<id>", "column 9: the variable 'id' is used twice. Give each"),
    "no converter": ("/a/<itn:id>", "column 4: the converter 'itn' does not exist"),
    "near": ("/<pth:id>", "Did you mean 'path'\\? Use one of any, bad"),
    "unknown option": (
        "/<int(mni=1):id>",
        "refuses the arguments \\(mni=1\\)",
    ),
    "bad option": ("/<string(length=x):id>", "refuses the arguments \\(length=x\\)"),
    "no value": ("/<int(!):id>", "Cannot parse converter argument '!"),
    "bad end": ("/<int(min=1, max=!):id>", "Cannot parse converter argument"),
    "no option": ("/<int(a=!,b=1):id>", "Cannot parse converter argument"),
    "bad regex": ("/<bad:id>/x", "the expressions of the variables before it do not"),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_rule_shows_when_it_is_added(text: str, message: str) -> None:
    map = Map(converters={"bad": Unbalanced})

    with pytest.raises(RuleError, match=message) as caught:
        map.add(Rule(text, endpoint="page"))

    assert caught.value.rule == text
    assert list(map.iter_rules()) == []


def test_an_unknown_converter_is_a_lookup_error_as_in_werkzeug() -> None:
    with pytest.raises(LookupError) as caught:
        Map([Rule("/<nothing_like_it:id>", endpoint="page")])

    assert isinstance(caught.value, UnknownConverter)
    assert caught.value.converter == "nothing_like_it"
    assert "Did you mean" not in str(caught.value)


def test_refused_arguments_are_a_type_error() -> None:
    with pytest.raises(TypeError) as caught:
        Map([Rule("/<int(no=1):id>", endpoint="page")])

    assert isinstance(caught.value, ConverterArgumentsError)
    assert (caught.value.column, caught.value.converter) == (2, "int")


@pytest.mark.parametrize("limits", ["min=one", "max='9'", "min=1)", "max=x", "a"])
@pytest.mark.parametrize("kind", ["int", "float"])
def test_a_limit_that_is_no_number_is_a_mistake(kind: str, limits: str) -> None:
    with pytest.raises(ConverterArgumentsError):
        Map([Rule(f"/<{kind}({limits}):id>", endpoint="page")])


@pytest.mark.parametrize("limits", ["min=1, max=9", "2", "min=1.5, signed=True"])
def test_limits_that_are_numbers_are_taken(limits: str) -> None:
    map = Map([Rule(f"/<float({limits}):id>", endpoint="page")])

    assert len(list(map.iter_rules())) == 1


def test_a_mistake_in_a_host_is_told_with_the_host() -> None:
    rule = Rule("/", endpoint="page", host="<user.example.com")

    with pytest.raises(RuleError, match=r"Rule '<user.*, column 1"):
        Map([rule], host_matching=True)


def test_a_closing_bracket_alone_is_text() -> None:
    map = Map([Rule("/a>b", endpoint="page")])

    assert endpoint(map.match("GET", "/a>b")) == "page"


def test_the_arguments_of_a_converter_may_end_in_a_comma() -> None:
    map = Map([Rule("/<any(a, 'b,c',):x>/<int():n>", endpoint="page")])

    assert endpoint(map.match("GET", "/b,c/1")) == "page"
    assert isinstance(map.match("GET", "/end/1"), NoMatch)
