"""With `round_trip=True`, what is built leads back, or is not built."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import pytest
import werkzeug.routing
from hypothesis import assume, event, given
from hypothesis import strategies as st
from strategies import CONVERTERS, METHODS, MapSpec, map_specs

from tantalus_routing import BuildError, Map, Match, NoMatch, Rule
from tantalus_routing._redirects import RuleRedirect

ID = uuid.UUID("12345678-1234-5678-1234-567812345678")
RULES = {
    "user": "/user/<id>",
    "current": "/user/current",
    "delete": "/user/<id>/delete",
    "number": "/number/<int:n>",
    "special number": "/number/007",
    "signed": "/signed/<int(signed=True):n>",
    "small": "/small/<int(max=9):n>",
    "padded": "/padded/<int(fixed_digits=3):n>",
    "ratio": "/ratio/<float:f>",
    "code": "/code/<string(length=2):c>",
    "file": "/file/<path:p>",
    "folder": "/folder/<path:p>/",
    "kind": "/kind/<any('a b','c'):k>",
    "id": "/id/<uuid:u>",
    "pair": "/pair/<a>-<b>",
    "either number": "/either/<int:n>",
    "either text": "/either/<t>",
    "dotted": "/dotted/x<t>",
    "doc": "/doc/<path:p>",
    "doc index": "/doc/index",
    "slug": "/slug/<picky:s>",
    "query": "/query/<raw:s>",
    "above": "/above/../x",
}


class Raw(werkzeug.routing.BaseConverter):
    """Quotes nothing."""

    def to_url(self, value: object) -> str:
        return str(value)


def make(**options: Any) -> Map:
    rules = [Rule(text, endpoint=endpoint) for endpoint, text in RULES.items()]
    converters = {**CONVERTERS, "raw": Raw}
    return Map(rules, converters=converters, round_trip=True, **options)


MAP = make()
GOOD: list[tuple[str, dict[str, Any], str]] = [
    ("user", {"id": "7"}, "/user/7"),
    ("user", {"id": 7}, "/user/7"),
    ("user", {"id": "a b/".rstrip("/")}, "/user/a%20b"),
    ("user", {"id": "ü%2F"}, "/user/%C3%BC%252F"),
    ("user", {"id": ".x"}, "/user/.x"),
    ("user", {"id": "..."}, "/user/..."),
    ("user", {"id": "7", "q": "a/../b"}, "/user/7?q=a/../b"),
    ("current", {}, "/user/current"),
    ("delete", {"id": "current"}, "/user/current/delete"),
    ("number", {"n": 5}, "/number/5"),
    ("number", {"n": "5"}, "/number/5"),
    ("number", {"n": True}, "/number/1"),
    ("signed", {"n": -5}, "/signed/-5"),
    ("small", {"n": 9}, "/small/9"),
    ("padded", {"n": 7}, "/padded/007"),
    ("ratio", {"f": 2}, "/ratio/2.0"),
    ("ratio", {"f": "2.50"}, "/ratio/2.5"),
    ("code", {"c": "de"}, "/code/de"),
    ("file", {"p": "a/b.css"}, "/file/a/b.css"),
    ("file", {"p": "a/.b"}, "/file/a/.b"),
    ("file", {"p": "a//b"}, "/file/a//b"),
    ("folder", {"p": "a/b"}, "/folder/a/b/"),
    ("kind", {"k": "a b"}, "/kind/a%20b"),
    ("id", {"u": ID}, f"/id/{ID}"),
    ("id", {"u": str(ID)}, f"/id/{ID}"),
    ("pair", {"a": "x-y", "b": "z"}, "/pair/x-y-z"),
    ("either number", {"n": 5}, "/either/5"),
    ("either text", {"t": "a"}, "/either/a"),
    ("dotted", {"t": "."}, "/dotted/x."),
    ("doc", {"p": "a/b"}, "/doc/a/b"),
    ("doc", {"p": "index/b"}, "/doc/index/b"),
    ("slug", {"s": "AB"}, "/slug/ab"),
    ("query", {"s": "a,b"}, "/query/a,b"),
]
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("user", {"id": "current"}, "leads to '/user/current' of endpoint 'current'"),
    ("user", {"id": "1/delete"}, "'1/delete' of 'id' does not fit '/user/<id>'"),
    ("user", {"id": "1/x"}, "'1/x' of 'id' does not fit"),
    ("user", {"id": ""}, "'' of 'id' does not fit"),
    ("user", {"id": ".."}, "browsers take '.' and '..' away"),
    ("user", {"id": "."}, "browsers take '.' and '..' away"),
    ("user", {"id": "\ud800"}, "leads to other values"),
    ("number", {"n": -5}, "-5 of 'n' does not fit '/number/<int:n>'"),
    ("number", {"n": 5.7}, "5.7 of 'n' does not fit"),
    ("number", {"n": "x"}, "'x' of 'n' does not fit '/number/<int:n>': invalid"),
    ("number", {"n": 10**5000}, "of type int of 'n' does not fit"),
    ("number", {"n": "x" * 5000}, f"'{'x' * 99}… of 'n' does not fit"),
    ("small", {"n": 10}, "10 of 'n' does not fit"),
    ("padded", {"n": 1000}, "1000 of 'n' does not fit"),
    ("ratio", {"f": float("inf")}, "inf of 'f' does not fit"),
    ("ratio", {"f": 1e300}, "of 'f' does not fit"),
    ("code", {"c": "deu"}, "'deu' of 'c' does not fit"),
    ("file", {"p": "/a"}, "'/a' of 'p' does not fit"),
    ("file", {"p": "../x"}, "browsers take"),
    ("file", {"p": "a/./x"}, "browsers take"),
    ("file", {"p": "a\nb"}, "does not fit"),
    ("folder", {"p": "a/"}, "leads to no rule"),
    ("kind", {"k": "d"}, "'d' of 'k' does not fit"),
    ("id", {"u": "x"}, "'x' of 'u' does not fit"),
    ("pair", {"a": "x", "b": "y-z"}, "leads to other values"),
    ("either text", {"t": "5"}, "leads to '/either/<int:n>' of endpoint 'either num"),
    ("doc", {"p": "index"}, "leads to '/doc/index' of endpoint 'doc index'"),
    ("query", {"s": "a?b"}, "leads to other values"),
    ("query", {"s": "a/b"}, "'a/b' of 's' does not fit"),
    ("above", {}, "browsers take"),
]


@pytest.mark.parametrize(
    ("endpoint", "values", "path"), GOOD, ids=[path for _, _, path in GOOD]
)
def test_what_leads_back_is_built(
    endpoint: str, values: dict[str, Any], path: str
) -> None:
    assert MAP.build(endpoint, values).path == path
    assert MAP.bind("example.com").build(endpoint, values) == path


@pytest.mark.parametrize(
    ("endpoint", "values", "reason"),
    BAD,
    ids=[f"{n}-{bad[0]}" for n, bad in enumerate(BAD)],
)
def test_what_leads_elsewhere_is_an_error_that_says_where(
    endpoint: str, values: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BuildError) as caught:
        MAP.build(endpoint, values)

    assert reason in str(caught.value)


def test_without_the_check_such_urls_are_built() -> None:
    map = make()
    map.round_trip = False
    map.round_trip = False

    assert map.build("user", {"id": "current"}).path == "/user/current"
    assert map.build("user", {"id": "1/delete"}).path == "/user/1/delete"
    assert not map.round_trip


def test_a_rule_that_comes_later_is_heeded() -> None:
    map = make()
    assert map.build("code", {"c": "de"}).path == "/code/de"

    map.add(Rule("/code/de", endpoint="german"))

    with pytest.raises(BuildError, match="endpoint 'german'"):
        map.build("code", {"c": "de"})


def test_the_next_rule_of_the_endpoint_builds_what_would_lead_elsewhere() -> None:
    rules = [
        Rule("/<x>", endpoint="page"),
        Rule("/page/<x>", endpoint="page"),
        Rule("/new", endpoint="new"),
    ]
    map = Map(rules, round_trip=True)

    assert map.build("page", {"x": "old"}).path == "/old"
    assert map.build("page", {"x": "new"}).path == "/page/new"


class Silent(Rule):
    """Builds nothing, and does not say why."""

    def build(
        self, values: Mapping[str, Any], append_unknown: bool = True
    ) -> tuple[str, str] | None:
        return None


def test_a_rule_that_refuses_without_a_word_is_named() -> None:
    map = Map([Silent("/<x>", endpoint="x")], round_trip=True)

    with pytest.raises(BuildError, match="do not fit the nearest rule, '/<x>'"):
        map.build("x", {"x": "a"})


def test_what_only_builds_is_not_checked() -> None:
    rule = Rule("/there/<x>", endpoint="there", build_only=True)

    assert (
        Map([rule], round_trip=True).build("there", {"x": "a/b"}).path == "/there/a/b"
    )


def test_a_rule_for_one_method_leads_back_by_it() -> None:
    rules = [
        Rule("/x/<a>", endpoint="get", methods=["GET"]),
        Rule("/x/<a>", endpoint="post", methods=["POST"]),
        Rule("/x/<a>", endpoint="options", methods=["OPTIONS"]),
        Rule("/x/one", endpoint="one", methods=["DELETE"]),
        Rule("/x/<a>", endpoint="socket", websocket=True),
    ]
    map = Map(rules, round_trip=True)

    for endpoint in ("get", "post", "options", "socket"):
        assert map.build(endpoint, {"a": "one"}).path == "/x/one"
    assert map.build("post", {"a": "b"}, method="POST").path == "/x/b"


def test_a_subdomain_is_part_of_the_way_back() -> None:
    rules = [
        Rule("/", endpoint="home", subdomain="<user>"),
        Rule("/", endpoint="shop", subdomain="shop"),
    ]
    map = Map(rules, round_trip=True)

    assert map.build("home", {"user": "ada"}).domain_part == "ada"
    for user in ("shop", "Ada", "a b", "a/b"):
        with pytest.raises(BuildError):
            map.build("home", {"user": user})


def test_defaults_count_as_values() -> None:
    rules = [
        Rule("/all/", endpoint="all", defaults={"page": 1}),
        Rule("/all/<int:page>", endpoint="all"),
        Rule("/<lang>/", endpoint="fixed", defaults={"lang": "de"}),
    ]
    map = Map(rules, round_trip=True)

    assert map.build("all", {"page": 1}).path == "/all/"
    assert map.build("all", {"page": 2}).path == "/all/2"
    assert map.build("fixed").path == "/de/"


def test_a_rule_that_another_one_shadows_builds_nothing() -> None:
    rules = [Rule("/x", endpoint="first"), Rule("/x", endpoint="second")]
    map = Map(rules, round_trip=True)

    with pytest.raises(BuildError, match="leads to '/x' of endpoint 'first'"):
        map.build("second")


def ways_back(
    map: Map, method: str | None, built: Any
) -> Iterator[tuple[object, dict[str, Any]]]:
    """Yield the endpoints and values that requests for a built URL find."""
    domain, path = built.domain_part, unquote(built.path.partition("?")[0])
    for each in METHODS if method is None else [method]:
        found = map.match(each, path, domain, built.websocket, domain)
        if isinstance(found, Match):
            yield found.endpoint, found.args
        elif isinstance(found, RuleRedirect):
            yield found.rule.endpoint, found.args


def same(found: object, given: object) -> bool:
    """Return whether a value came back, as text or as a number."""
    if str(found) == str(given):
        return True
    if isinstance(found, float) or isinstance(given, float):
        return float(str(found)) == float(str(given))
    return False


@given(data=st.data())
@pytest.mark.parametrize("rule_class", [Rule, werkzeug.routing.Rule])
def test_whatever_is_built_leads_back(
    data: st.DataObject, rule_class: type[werkzeug.routing.Rule]
) -> None:
    spec: MapSpec = data.draw(map_specs())
    # This converter refuses what it has built itself.
    assume(not any("picky" in rule.text + str(rule.options) for rule in spec.rules))
    spec.options["round_trip"] = True
    try:
        map = spec.make_ours(rule_class)
    except Exception:
        assume(False)
    odd = st.text(alphabet="ab1./-% ä\n", max_size=4)
    values = st.sampled_from(["a", "b", 1, 12, 2.5, "a/b", "..", "", -1, str(ID)]) | odd
    for rule in map.rules_in_order():
        given = {name: data.draw(values) for name in sorted(rule.arguments)}
        method = data.draw(st.none() | st.sampled_from(METHODS))
        try:
            built = map.build(rule.endpoint, given, method)
        except BuildError:
            event("refused")
            continue
        event("built")
        if any(each.build_only for each in map.iter_rules(rule.endpoint)):
            continue
        assert any(
            endpoint == rule.endpoint
            and all(same(args[name], given[name]) for name in args if name in given)
            for endpoint, args in ways_back(map, method, built)
        ), (built, given, method)


def test_a_miss_stays_a_miss() -> None:
    assert isinstance(MAP.match("GET", "/user/"), NoMatch)
