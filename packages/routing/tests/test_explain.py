from __future__ import annotations

from typing import Any

import pytest
from werkzeug.wrappers import Request

from tantalus_routing import Map, RouteInfo, Router, Rule, explain


def show(request: Request, **args: Any) -> str:
    return ""


def make() -> Router:
    router = Router(server_name="example.com")
    router.add_url_rule("/users/<int(max=99):id>", "user", show)
    router.add_url_rule("/users/<name>", "name", show)
    router.add_url_rule("/users/me", "me", show, methods=["PUT"])
    router.add_url_rule("/ws", "ws", show, websocket=True)
    router.add_url_rule("/docs/", "docs", show)
    router.add_url_rule("/files/<path:name>", "file", show)
    router.add_url_rule("/v<int:a>.<int:b>", "version", show, defaults={"c": 1})
    router.add_url_rule("/", "api", show, subdomain="api")
    router.add_url_rule("/users/1", "made", build_only=True)
    return router


EXPLAINED = {
    "match": ("/users/7", "user", "match", "values {'id': 7}"),
    "shadowed": ("/users/7", "name", "shadowed", "'/users/<int(max=99):id>' is tried"),
    "value": ("/users/100", "user", "value", "a converter refuses its value"),
    "shadowed by no answer": (
        "/users/100",
        "name",
        "shadowed",
        "the answer is NoMatch",
    ),
    "method": ("/users/me", "me", "method", "the rule takes OPTIONS, PUT"),
    "protocol": ("/ws", "ws", "protocol", "the rule is for WebSockets"),
    "redirect": ("/docs", "docs", "redirect", "PathRedirect('', '/docs')"),
    "text": ("/users/7", "docs", "path", "'users' does not fit 'docs'"),
    "variable": ("/users/x", "user", "path", "'x' does not fit '(\\\\d+)'"),
    "ends": ("/users", "name", "path", "the path ends before '([^/]{1,})'"),
    "goes on": ("/users/7/x", "user", "path", "the path goes on with 'x'"),
    "rest": ("/files//", "file", "path", "'/' does not fit '([^/].*?)'"),
    "domain": ("/", "api", "domain", "'' does not fit 'api'"),
    "build only": ("/users/1", "made", "build only", "the rule never matches"),
}


@pytest.mark.parametrize(
    ("path", "endpoint", "outcome", "reason"), EXPLAINED.values(), ids=EXPLAINED
)
def test_each_rule_says_what_it_makes_of_a_request(
    path: str, endpoint: str, outcome: str, reason: str
) -> None:
    attempts = {one.endpoint: one for one in make().explain("GET", path)}

    assert attempts[endpoint].outcome == outcome
    assert reason in attempts[endpoint].reason


def test_a_refused_value_of_a_rest_is_told() -> None:
    router = Router()
    router.add_url_rule("/<path:a>/<int(max=1):b>", "x", show)

    [attempt] = router.explain("GET", "/a/b/2")

    assert attempt.outcome == "value"


def test_a_host_is_part_of_the_request() -> None:
    attempts = make().explain("GET", "/", "api.example.com")
    hosts = Router(host_matching=True)
    hosts.add_url_rule("/", "x", show, host="a.example")

    assert [one.endpoint for one in attempts if one.outcome == "match"] == ["api"]
    assert hosts.explain("GET", "/", "a.example")[0].outcome == "match"


def test_a_map_explains_itself_for_its_default_subdomain() -> None:
    rules = [Rule("/", endpoint="x"), Rule("/", endpoint="api", subdomain="api")]
    map = Map(rules, default_subdomain="www")

    outcomes = {one.endpoint: one.outcome for one in map.explain("GET", "/")}

    assert outcomes == {"x": "match", "api": "domain"}
    assert map.explain("GET", "/", "api")[1].outcome == "match"


def test_without_a_host_only_rules_for_no_host_fit() -> None:
    rules = [Rule("/", endpoint="x", host="a.example"), Rule("/", endpoint="y")]
    map = Map(rules, host_matching=True, default_subdomain="www")

    outcomes = [one.outcome for one in explain(map, "GET", "/")]

    assert outcomes == ["domain", "match"]


def test_the_table_of_routes_is_data() -> None:
    rows = {row.endpoint: row for row in make().routes()}

    assert rows["version"] == RouteInfo(
        rule="/v<int:a>.<int:b>",
        endpoint="version",
        methods=("GET", "HEAD", "OPTIONS"),
        domain="",
        arguments=("a", "b", "c"),
        defaults={"c": 1},
        websocket=False,
        build_only=False,
    )
    assert rows["api"].domain == "api"
    assert rows["made"].build_only


def test_a_rule_for_any_method_says_so() -> None:
    router = Router()
    router.url_map.add(Rule("/x", endpoint="x"))

    assert router.routes()[0].methods is None
