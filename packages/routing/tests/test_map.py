from __future__ import annotations

import copy
import threading
import warnings
from collections.abc import Mapping
from typing import Any

import pytest
import werkzeug.routing
from answers import endpoint, matched
from werkzeug.exceptions import BadHost
from werkzeug.routing import BaseConverter

from tantalus_routing import (
    EndpointPrefix,
    Map,
    MapAdapter,
    Match,
    NoMatch,
    Rule,
    RuleTemplate,
    ShadowedRule,
    ShadowedRuleWarning,
    Subdomain,
    Submount,
)


def test_a_rule_that_is_added_later_is_matched_and_built() -> None:
    map = Map([Rule("/", endpoint="index")])
    assert isinstance(map.match("GET", "/new"), NoMatch)
    assert map.build("index").path == "/"

    map.add(Rule("/new", endpoint="new"))

    assert endpoint(map.match("GET", "/new")) == "new"
    assert map.build("new").path == "/new"


def test_a_changed_rule_takes_effect_when_refreshed() -> None:
    rule = Rule("/old", endpoint="page")
    map = Map([rule])
    assert map.build("page").path == "/old"

    rule.rule = "/new"
    rule.refresh()

    assert isinstance(map.match("GET", "/old"), NoMatch)
    assert endpoint(map.match("GET", "/new")) == "page"
    assert map.build("page").path == "/new"


def test_what_extensions_look_at_is_there() -> None:
    map = Map([Rule("/<int:id>", endpoint="page"), Rule("/", endpoint="index")])

    assert [rule.rule for rule in map.iter_rules()] == ["/<int:id>", "/"]
    assert [rule.rule for rule in map.iter_rules("index")] == ["/"]
    assert [rule.rule for rule in map._rules] == ["/<int:id>", "/"]
    assert [rule.rule for rule in map._rules_by_endpoint["page"]] == ["/<int:id>"]
    assert map.is_endpoint_expecting("page", "id")
    assert not map.is_endpoint_expecting("index", "id")
    assert "int" in map.converters
    assert repr(map) == "Map([<Rule '/<id>' -> page>, <Rule '/' -> index>])"


def test_an_adapter_of_werkzeug_works_on_our_map() -> None:
    built_only = Rule("/made", endpoint="made", build_only=True)
    map = Map([Rule("/<int:id>", endpoint="page"), built_only])
    adapter = werkzeug.routing.MapAdapter(
        map, "example.com", "/", "", "http", "/", "GET"
    )

    assert adapter.match("/3") == ("page", {"id": 3})
    assert adapter.build("page", {"id": 3}) == "/3"
    assert not adapter.test("/made")


def test_rule_factories_work() -> None:
    resource = RuleTemplate([Rule("/$name/", endpoint="$name.list")])
    map = Map(
        [
            Submount(
                "/blog", [EndpointPrefix("b.", [Rule("/<int:id>", endpoint="x")])]
            ),
            Subdomain("api", [Rule("/", endpoint="api")]),
            resource(name="users"),
        ]
    )

    assert endpoint(map.match("GET", "/blog/3")) == "b.x"
    assert endpoint(map.match("GET", "/", subdomain="api")) == "api"
    assert endpoint(map.match("GET", "/users/")) == "users.list"


class Shouting(Rule):
    """Builds otherwise than its base class."""

    def build(
        self, values: Mapping[str, Any], append_unknown: bool = True
    ) -> tuple[str, str] | None:
        built = super().build(values, append_unknown)
        return built and (built[0], built[1].upper())


class Choosy(Rule):
    """Suits nobody."""

    def suitable_for(
        self, values: Mapping[str, Any], method: str | None = None
    ) -> bool:
        return False


class Later(werkzeug.routing.Rule):
    """Changes its text when it is compiled."""

    def compile(self) -> None:
        self.rule = f"/later{self.rule}"
        super().compile()


def test_overridden_methods_of_rules_are_used() -> None:
    map = Map(
        [
            Shouting("/a/<x>", endpoint="loud"),
            Choosy("/b", endpoint="choosy"),
            Later("/c", endpoint="later"),
        ]
    )

    assert map.build("loud", {"x": "b"}).path == "/A/B"
    assert endpoint(map.match("GET", "/later/c")) == "later"
    assert map.build("later").path == "/later/c"
    with pytest.raises(werkzeug.routing.BuildError):
        map.build("choosy")


class Hidden(werkzeug.routing.Rule):
    """A rule as a later Werkzeug might make it: what it is made of is elsewhere."""

    def compile(self) -> None:
        super().compile()
        del self._parts


def test_a_rule_without_werkzeugs_private_parts_is_read_again() -> None:
    map = Map([Hidden("/x/<int:id>", endpoint="x"), Hidden("/y", endpoint="y")])

    found = map.match("GET", "/x/3")

    assert isinstance(found, Match)
    assert found.args == {"id": 3}
    assert endpoint(map.match("GET", "/y")) == "y"


class Both(BaseConverter):
    """A converter that was written for Werkzeug."""

    regex = r"\d+-\d+"

    def to_python(self, value: str) -> list[str]:
        return value.split("-")

    def to_url(self, value: list[str]) -> str:
        return "-".join(value)


def test_converters_written_for_werkzeug_work() -> None:
    map = Map([Rule("/<both:x>", endpoint="x")], converters={"both": Both})

    found = map.match("GET", "/1-2")

    assert isinstance(found, Match)
    assert found.args == {"x": ["1", "2"]}
    assert map.build("x", {"x": ["3", "4"]}).path == "/3-4"


EQUAL = {
    "same": ({}, {}),
    "fewer methods": ({"methods": ["GET", "POST"]}, {"methods": ["POST"]}),
    "any method before": ({}, {"methods": ["GET"]}),
    "lenient before": ({"strict_slashes": False}, {}),
}
DIFFERENT = {
    "more methods": ({"methods": ["GET"]}, {"methods": ["GET", "POST"]}),
    "any method": ({"methods": ["GET"]}, {}),
    "websocket": ({}, {"websocket": True}),
    "subdomain": ({}, {"subdomain": "api"}),
    "lenient behind strict": ({}, {"strict_slashes": False}),
    "build only": ({}, {"build_only": True}),
}


@pytest.mark.parametrize("text", ["/", "/x", "/<int:id>/y"])
@pytest.mark.parametrize(("first", "second"), EQUAL.values(), ids=EQUAL)
def test_a_rule_that_can_never_be_reached_is_refused(
    text: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    map = Map([Rule(text, endpoint="first", **first)], conflicts="raise")

    with pytest.raises(
        ShadowedRule, match=r"'second' .* can never be reached"
    ) as caught:
        map.add(Rule(text, endpoint="second", **second))

    assert caught.value.before.endpoint == "first"
    assert [rule.endpoint for rule in map.iter_rules()] == ["first"]


@pytest.mark.parametrize(("first", "second"), DIFFERENT.values(), ids=DIFFERENT)
def test_a_rule_that_can_be_reached_is_not_refused(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    map = Map([Rule("/x", endpoint="first", **first)], conflicts="raise")

    map.add(Rule("/x", endpoint="second", **second))

    assert len(map.rules_in_order()) == 2


def test_two_rules_together_may_shadow_a_third() -> None:
    map = Map(conflicts="raise")
    map.add(Rule("/x", endpoint="get", methods=["GET"]))
    map.add(Rule("/x", endpoint="post", methods=["POST"]))

    with pytest.raises(ShadowedRule, match=r"\(GET, HEAD, POST\) can never"):
        map.add(Rule("/x", endpoint="both", methods=["GET", "POST"]))


def test_a_map_may_only_warn_about_shadowed_rules() -> None:
    map = Map([Rule("/", endpoint="first")], conflicts="warn")

    with pytest.warns(ShadowedRuleWarning, match="can never be reached"):
        map.add(Rule("/", endpoint="second"))

    assert endpoint(map.match("GET", "/")) == "first"
    assert len(map.rules_in_order()) == 2


def test_a_map_takes_shadowed_rules_by_default_as_werkzeugs_does() -> None:
    map = Map([Rule("/", endpoint="first"), Rule("/", endpoint="second")])

    assert endpoint(map.match("GET", "/")) == "first"


def test_a_host_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(BadHost):
        Map().bind("a" * 64 + ".example")


def test_an_environ_is_bound_to_our_adapter() -> None:
    map = Map([Rule("/x", endpoint="x")])
    environ = {
        "HTTP_HOST": "api.example.com",
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/x",
        "wsgi.url_scheme": "http",
    }

    adapter = map.bind_to_environ(environ, server_name="example.com")

    assert type(adapter) is MapAdapter
    assert adapter.subdomain == "api"


class CompilingLock:
    """A lock that another thread held, who compiled the map meanwhile."""

    def __init__(self, map: Map) -> None:
        self.map = map
        self.lock = map._remap_lock

    def __enter__(self) -> None:
        self.map._remap_lock = self.lock
        self.map.update()

    def __exit__(self, *error: object) -> None:
        """Nothing is held."""


def test_a_map_that_was_compiled_meanwhile_is_not_compiled_twice() -> None:
    map = Map([Rule("/", endpoint="index")])
    map._remap_lock = CompilingLock(map)  # type: ignore[assignment]  # only for `with`

    map.update()

    assert endpoint(map.match("GET", "/")) == "index"


def test_a_hundred_threads_match_while_rules_are_added() -> None:
    map = Map([Rule("/fixed/<int:id>", endpoint="fixed"), Rule("/last", endpoint="z")])
    wrong: list[object] = []
    start = threading.Barrier(101)

    def ask(number: int) -> None:
        start.wait()
        for turn in range(20):
            found = matched(map.match("GET", f"/fixed/{turn}"))
            if found[:3] != ("fixed", None, {"id": turn}):
                wrong.append(found)
            if map.build("z").path != "/last":
                wrong.append("build")
            if number % 10 == 0:
                name = f"n{number}_{turn}"
                map.add(Rule(f"/{name}/<x>", endpoint=name))
                added = map.match("GET", f"/{name}/a")
                if (
                    endpoint(added) != name
                    or map.build(name, {"x": "b"}).path != f"/{name}/b"
                ):
                    wrong.append(added)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(map.rules_in_order()) == 202


def test_nothing_warns_when_a_map_is_used() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        map = Map([Rule("/", endpoint="index")])

        assert endpoint(map.match("GET", "/")) == "index"


def test_what_a_map_returns_has_names_for_its_items() -> None:
    map = Map([Rule("/<int:id>", endpoint="x")])
    match, built = matched(map.match("GET", "/3")), map.build("x", {"id": 3})

    assert repr(built) == "Built(domain_part='', path='/3', websocket=False)"
    assert repr(match).startswith(
        "Match(endpoint='x', view=None, args={'id': 3}, rule="
    )
    assert copy.copy(match) == match
    assert (built.domain_part, built.path, built.websocket) == built
    assert (match.endpoint, match.view, match.args, match.rule) == match


def test_a_match_can_be_matched() -> None:
    map = Map([Rule("/<int:id>", endpoint="x")])

    match map.match("GET", "/3"):
        case Match(endpoint="x", args={"id": number}):
            found = number

    assert found == 3


def test_a_rule_that_is_refreshed_is_matched_and_built_anew() -> None:
    rule = Rule("/a", endpoint="x")
    map = Map([rule])
    assert (endpoint(map.match("GET", "/a")), map.build("x").path) == ("x", "/a")

    rule.rule = "/b"
    rule.refresh()

    assert (endpoint(map.match("GET", "/b")), map.build("x").path) == ("x", "/b")


def test_a_map_may_get_another_default_subdomain_later() -> None:
    map = Map([Rule("/", endpoint="x", subdomain="api")])
    assert isinstance(map.match("GET", "/"), NoMatch)

    map.default_subdomain = "api"

    assert endpoint(map.match("GET", "/")) == "x"
    assert map.default_subdomain == "api"


def test_a_map_tells_whether_it_has_to_be_compiled() -> None:
    map = Map([Rule("/a", endpoint="x")])
    assert map._remap

    map.match("GET", "/a")

    assert not map._remap
