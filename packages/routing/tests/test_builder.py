from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
import werkzeug.routing
from hypothesis import given
from hypothesis import strategies as st
from strategies import CONVERTERS
from werkzeug.datastructures import MultiDict

from tantalus_routing import BuildError, Built, Map, Match, Rule, ValueRefused

PATHS = Map(
    [
        Rule("/fixed", endpoint="fixed"),
        Rule("/user/<name>", endpoint="user", methods=["GET"]),
        Rule("/<int:a>/<float:b>/<path:c>", endpoint="three"),
        Rule("/", endpoint="home", subdomain="<user>"),
        Rule("/all/", endpoint="all", defaults={"page": 1}),
        Rule("/all/<int:page>", endpoint="all"),
        Rule("/socket", endpoint="socket", websocket=True),
        Rule("/b1/<picky:x>", endpoint="picky"),
    ],
    converters=CONVERTERS,
)


def test_a_built_url_has_three_parts() -> None:
    assert PATHS.build("fixed") == Built(("", "/fixed", False))
    assert PATHS.build("socket") == Built(("", "/socket", True))
    assert PATHS.build("home", {"user": "ada"}) == Built(("ada", "/", False))


CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "text": ("user", {"name": "ada"}, "/user/ada"),
    "quoted": ("user", {"name": "a b/ü?#%"}, "/user/a%20b/%C3%BC%3F%23%25"),
    "number as text": ("user", {"name": 7}, "/user/7"),
    "three": ("three", {"a": "3", "b": 2, "c": "x/y"}, "/3/2.0/x/y"),
    "one unknown": ("fixed", {"q": "a b"}, "/fixed?q=a+b"),
    "plain unknown": ("fixed", {"q": "ab"}, "/fixed?q=ab"),
    "odd key": ("fixed", {"ä": 1}, "/fixed?%C3%A4=1"),
    "some unknown": ("user", {"name": "x", "q": 1, "r": "ü"}, "/user/x?q=1&r=%C3%BC"),
    "list": ("fixed", {"q": [1, None, "b"]}, "/fixed?q=1&q=b"),
    "empty list": ("fixed", {"q": []}, "/fixed"),
    "none": ("user", {"name": "x", "q": None}, "/user/x"),
    "defaults": ("all", {}, "/all/"),
    "defaults given": ("all", {"page": 1}, "/all/"),
    "other value": ("all", {"page": 2}, "/all/2"),
    "boolean": ("fixed", {"q": True}, "/fixed?q=True"),
}


@pytest.mark.parametrize(("endpoint", "values", "path"), CASES.values(), ids=CASES)
def test_values_go_to_the_path_and_the_query(
    endpoint: str, values: dict[str, Any], path: str
) -> None:
    assert PATHS.build(endpoint, values).path == path


def test_a_multi_dict_gives_all_its_values() -> None:
    values = MultiDict([("name", "x"), ("q", "1"), ("q", "2")])

    assert PATHS.build("user", values).path == "/user/x?q=1&q=2"


def test_unknown_values_can_be_left_out() -> None:
    built = PATHS.build("user", {"name": "x", "q": 1}, append_unknown=False)

    assert built.path == "/user/x"


def test_parameters_are_sorted_where_the_map_says_so() -> None:
    rule = Rule("/", endpoint="x")
    map = Map([rule], sort_parameters=True, sort_key=lambda item: -ord(item[0]))

    assert map.build("x", {"a": 1, "c": 3, "b": 2}).path == "/?c=3&b=2&a=1"


def test_the_values_that_are_passed_are_left_alone() -> None:
    values = {"name": "x", "q": None, "r": [1]}

    PATHS.build("user", values)

    assert values == {"name": "x", "q": None, "r": [1]}


def test_the_rule_for_the_method_is_taken() -> None:
    map = Map(
        [
            Rule("/get", endpoint="x", methods=["GET"]),
            Rule("/post", endpoint="x", methods=["POST"]),
        ]
    )

    assert map.build("x").path == "/get"
    assert map.build("x", method="POST").path == "/post"
    assert map.build("x", default_method="POST").path == "/post"
    assert map.build("x", default_method="PUT").path == "/get"


def test_the_rule_for_the_host_is_taken() -> None:
    map = Map(
        [
            Rule("/a", endpoint="x", host="a.example"),
            Rule("/b", endpoint="x", host="b.example"),
        ],
        host_matching=True,
    )

    assert map.build("x", host="b.example") == ("b.example", "/b", False)
    assert map.build("x", host="c.example") == ("a.example", "/a", False)


FAILURES = {
    "no rules": (Map(), "x", {}, None, "for endpoint 'x'. The map has no rules."),
    "near": (PATHS, "usr", {}, None, "No rule has this endpoint. Did you mean 'user'"),
    "missing": (
        PATHS,
        "three",
        {"a": 1},
        None,
        r"with values \['a'\]. Did you forget to specify values \['b', 'c'\]\? "
        "The nearest rule is '/<int:a>/<float:b>/<path:c>'",
    ),
    "method": (
        PATHS,
        "user",
        {"name": "x"},
        "PUT",
        r"'user' \('PUT'\) .*Did you mean to use methods \['GET', 'HEAD'\]\?",
    ),
    "refused": (
        PATHS,
        "picky",
        {"x": "B"},
        None,
        "The value 'B' of 'x' does not fit '/b1",
    ),
    "refused too": (PATHS, "picky", {"x": "B", "q": 1}, None, "The value 'B' of 'x'"),
    "far": (PATHS, "qqqqqqqq", {}, None, r"'qqqqqqqq'\. No rule has this endpoint\.$"),
    "no number": (
        PATHS,
        "three",
        {"a": "x", "b": 1, "c": "c"},
        None,
        "The value 'x' of 'a' does not fit '/<int:a>/<float:b>/<path:c>': invalid lit",
    ),
    "too large": (
        PATHS,
        "three",
        {"a": float("inf"), "b": 1, "c": "c"},
        None,
        "The value inf of 'a' does not fit .*: cannot convert float infinity",
    ),
    "no number at all": (
        PATHS,
        "three",
        {"a": 1, "b": [], "c": "c"},
        None,
        r"The value \[\] of 'b' does not fit",
    ),
    "none": (PATHS, "user", {"name": None}, None, r"forget to specify values \['name'"),
}


@pytest.mark.parametrize(
    ("map", "endpoint", "values", "method", "message"), FAILURES.values(), ids=FAILURES
)
def test_a_failure_says_what_is_missing_and_what_is_near(
    map: Map, endpoint: str, values: dict[str, Any], method: str | None, message: str
) -> None:
    with pytest.raises(BuildError, match=message):
        map.build(endpoint, values, method)


@pytest.mark.parametrize("value", ["x", float("inf"), [], "9" * 5000])
def test_a_refused_value_is_an_error_of_both_kinds(value: object) -> None:
    with pytest.raises(ValueRefused) as caught:
        PATHS.build("three", {"a": value, "b": 1, "c": "x"})

    assert isinstance(caught.value, BuildError)
    assert isinstance(caught.value, ValueError)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("rule_class", [Rule, werkzeug.routing.Rule])
def test_a_rule_that_refuses_a_value_leaves_it_to_the_next(
    rule_class: type[werkzeug.routing.Rule],
) -> None:
    map = Map(
        [rule_class("/<int:x>", endpoint="x"), rule_class("/t/<x>", endpoint="x")]
    )

    assert map.build("x", {"x": "text"}).path == "/t/text"


class Raw(werkzeug.routing.BaseConverter):
    """Quotes nothing, and knows what it does."""

    def to_url(self, value: object) -> str:
        return str(value)


@pytest.mark.parametrize(
    ("rule", "value", "path"),
    [
        ("/<any('a b', '50%', 'ü/?#'):x>", "a b", "/a%20b"),
        ("/<any('a b', '50%', 'ü/?#'):x>", "50%", "/50%25"),
        ("/<any('a b', '50%', 'ü/?#'):x>", "ü/?#", "/%C3%BC/%3F%23"),
        ("/<raw:x>", "a b\n<ü>", "/a%20b%0A%3C%C3%BC%3E"),
        ("/<raw:x>", "a%20b,(c)[]", "/a%20b,(c)[]"),
    ],
)
def test_no_url_has_letters_that_urls_may_not_have(
    rule: str, value: str, path: str
) -> None:
    map = Map([Rule(rule, endpoint="x")], converters={"raw": Raw})

    assert map.build("x", {"x": value}).path == path
    map.add(Rule(f"/d{rule}", endpoint="default", defaults={"x": value}))
    assert map.build("default").path == f"/d{path}"


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("index", "Did you mean 'blog.index' instead?"),
        ("blog.indx", "Did you mean 'blog.index' instead?"),
        ("bog", ""),
        ("blog", ""),
    ],
)
def test_only_what_is_close_is_taken_for_a_slip(asked: str, hint: str) -> None:
    map = Map([Rule("/", endpoint="blog.index"), Rule("/all", endpoint="archive")])

    with pytest.raises(BuildError) as caught:
        map.build(asked)

    assert str(caught.value).partition("No rule has this endpoint.")[2].strip() == hint


def test_a_failure_is_werkzeugs_with_a_suggestion() -> None:
    with pytest.raises(werkzeug.routing.BuildError) as caught:
        PATHS.build("usr", {"name": "x"})

    assert caught.value.endpoint == "usr"
    assert caught.value.values == {"name": "x"}
    assert caught.value.suggested is not None
    assert caught.value.suggested.endpoint == "user"


def test_a_rule_builds_alone() -> None:
    rule = Rule("/<picky:x>", endpoint="x")
    Map([rule], converters=CONVERTERS)

    assert rule.build({"x": "a", "q": 1}) == ("", "/a?q=1")
    assert rule.build({"x": "a", "q": 1}, append_unknown=False) == ("", "/a")
    assert rule.build({"x": "B"}) is None
    assert rule.build({}) is None


NO_SLASH = st.characters(exclude_categories=["Cs"], exclude_characters="/")
ROUND_TRIPS: dict[str, st.SearchStrategy[str]] = {
    "<string:x>": st.text(NO_SLASH, min_size=1),
    "<string(length=2):x>": st.from_regex("[a-zé %]{2}", fullmatch=True),
    "<path:x>": st.from_regex("[a-zé%][a-z/?#]*[a-z]", fullmatch=True),
    "<any(a, b, 'c d'):x>": st.sampled_from(["a", "b", "c d"]),
    "<int:x>": st.integers(0).map(str),
    "<int(signed=True):x>": st.integers().map(str),
    "<int(fixed_digits=4):x>": st.integers(0, 9999).map("{:04}".format),
    "<int(min=1, max=9):x>": st.integers(1, 9).map(str),
    "<float:x>": st.floats(0.001, 1e15).map(str),
    "<float(signed=True):x>": st.floats(-1e15, -0.001).map(str),
    "<uuid:x>": st.uuids().map(str),
    "<slashed:x>": st.from_regex("[a-c]+(/[a-c]+){0,3}", fullmatch=True),
    "a<int:x>b": st.integers(0).map("a{}b".format),
}


@pytest.mark.parametrize(("text", "segments"), ROUND_TRIPS.items(), ids=ROUND_TRIPS)
@given(data=st.data())
def test_building_from_a_match_gives_the_path_back(
    text: str, segments: st.SearchStrategy[str], data: st.DataObject
) -> None:
    map = Map([Rule(f"/x/{text}", endpoint="x")], converters=CONVERTERS)
    path = f"/x/{data.draw(segments)}"

    found = map.match("GET", path)

    assert isinstance(found, Match)
    built = map.build(found.endpoint, found.args)
    assert unquote(built.path) == path


class Even(werkzeug.routing.IntegerConverter):
    """Counts in pairs."""

    def to_python(self, value: str) -> int:
        return int(value) // 2

    def to_url(self, value: int) -> str:
        return str(value * 2)


def test_a_subclass_of_a_known_converter_is_asked_itself() -> None:
    map = Map([Rule("/<even:x>", endpoint="x")], converters={"even": Even})

    found = map.match("GET", "/6")

    assert isinstance(found, Match)
    assert found.args == {"x": 3}
    assert map.build("x", {"x": 4}).path == "/8"


def test_of_several_rules_the_first_that_accepts_the_values_builds() -> None:
    map = Map(
        [
            Rule("/a/<picky:x>", endpoint="x"),
            Rule("/b/<string:x>", endpoint="x"),
        ],
        converters=CONVERTERS,
    )

    assert map.build("x", {"x": "A"}).path == "/a/a"
    assert map.build("x", {"x": "B"}).path == "/b/B"


def test_of_two_mistakes_the_one_in_the_query_shows_first_as_in_werkzeug() -> None:
    map = Map([Rule("/<int:x>", endpoint="x")], sort_parameters=True)

    with pytest.raises(TypeError, match="not supported between"):
        map.build("x", {"x": "none", "q": [1, "a"]})


def test_a_missing_value_is_told_before_a_wrong_one() -> None:
    map = Map([Rule("/<int:x>/<y>", endpoint="x")])

    with pytest.raises(BuildError, match=r"forget to specify values \['y'\]"):
        map.build("x", {"x": "none", "y": None})
    with pytest.raises(ValueError, match="invalid literal for int"):
        map.build("x", {"x": "none", "y": 1})
