from __future__ import annotations

import json

import pytest
from conftest import Invoke
from fakes import Attempt, ExplainingMap, FakeApp, plain_app
from werkzeug.routing import Map, Rule


@pytest.fixture
def shop() -> FakeApp:
    rules = [
        Rule("/b/<int:x>", endpoint="yyy", methods=["GET", "POST"]),
        Rule("/static", endpoint="static", methods=["GET"]),
        Rule("/z", endpoint="aaa", methods=["POST"]),
        Rule("/any", endpoint="any"),
    ]
    return FakeApp("shop", rules)


def test_routes_are_listed_by_endpoint(invoke: Invoke, shop: FakeApp) -> None:
    result = invoke("routes", app=shop)

    assert result.output.splitlines() == [
        "Endpoint  Methods    Rule",
        "--------  ---------  ----------",
        "aaa       POST       /z",
        "any                  /any",
        "static    GET        /static",
        "yyy       GET, POST  /b/<int:x>",
    ]
    assert shop.entered == 1


class AsyncApp(FakeApp):
    """An app that tells where requests live under ASGI."""

    lives: dict[str, str] = {"/z": "loop"}  # noqa: RUF012 - replaced, not changed

    def life_of(self, rule: Rule) -> str:
        return self.lives.get(rule.rule, "worker")


def test_where_requests_live_is_shown_if_some_are_on_the_loop(invoke: Invoke) -> None:
    rules = [Rule("/z", endpoint="z"), Rule("/y", endpoint="y")]
    app = AsyncApp("shop", rules)

    listed = invoke("routes", app=app).output.splitlines()
    as_json = json.loads(invoke("routes", "--json", app=app).output)
    app.lives = {}

    assert listed[2:] == [
        "y                  /y    worker",
        "z                  /z    loop",
    ]
    assert listed[0].endswith("Runs on")
    assert [route["life"] for route in as_json] == ["worker", "loop"]
    assert "Runs on" not in invoke("routes", app=app).output


@pytest.mark.parametrize(
    ("column", "order"),
    [
        ("endpoint", ["aaa", "any", "static", "yyy"]),
        ("methods", ["any", "static", "yyy", "aaa"]),
        ("domain", ["yyy", "static", "aaa", "any"]),
        ("rule", ["any", "yyy", "static", "aaa"]),
        ("match", ["yyy", "static", "aaa", "any"]),
    ],
)
def test_routes_are_sorted_by_any_column(
    column: str, order: list[str], invoke: Invoke, shop: FakeApp
) -> None:
    result = invoke("routes", "--sort", column, app=shop)

    assert [line.split()[0] for line in result.output.splitlines()[2:]] == order


def test_automatic_methods_are_shown_on_request(invoke: Invoke, shop: FakeApp) -> None:
    assert "GET, HEAD, POST" in invoke("routes", "--all-methods", app=shop).output


@pytest.mark.parametrize(
    ("routes", "header"),
    [
        (Map([Rule("/a", endpoint="a", subdomain="api")]), "Subdomain"),
        (Map([Rule("/a", endpoint="a", host="api")], host_matching=True), "Host"),
    ],
    ids=["subdomain", "host"],
)
def test_a_column_for_domains_appears_when_there_are_some(
    routes: Map, header: str, invoke: Invoke, app: FakeApp
) -> None:
    routes.add(Rule("/b", endpoint="b"))
    app.url_map = routes

    lines = invoke("routes", app=app).output.splitlines()

    assert lines[0].split() == ["Endpoint", "Methods", header, "Rule"]
    assert lines[2].split() == ["a", "api", "/a"]
    assert lines[3].split() == ["b", "/b"]


def test_routes_are_printed_as_json(invoke: Invoke, shop: FakeApp) -> None:
    routes = json.loads(invoke("routes", "--json", app=shop).output)

    assert routes[3] == {
        "endpoint": "yyy",
        "methods": ["GET", "POST"],
        "domain": "",
        "rule": "/b/<int:x>",
    }


def test_an_app_may_have_no_routes(invoke: Invoke, app: FakeApp) -> None:
    assert invoke("routes", app=app).output == "No routes were registered.\n"
    assert json.loads(invoke("routes", "--json", app=app).output) == []


def test_a_plain_callable_has_no_routes(invoke: Invoke) -> None:
    result = invoke("routes", app=plain_app)

    assert result.exit_code == 2
    assert (
        "The application 'plain_app' has no 'url_map', so its routes cannot be listed."
        in result.output
    )


def test_the_search_for_a_rule_is_explained(invoke: Invoke) -> None:
    app = FakeApp()
    app.url_map = ExplainingMap([Rule("/a"), Rule("/b")])

    result = invoke("routes", "--explain", "get", "/b", app=app)

    assert result.output.splitlines() == [
        "Rule  Outcome  Reason",
        "----  -------  -------",
        "/a    path     for GET",
        "/b    match    for GET",
    ]


def test_an_explanation_is_printed_as_json(invoke: Invoke) -> None:
    app = FakeApp()
    app.url_map = ExplainingMap([Rule("/a")])

    result = invoke("routes", "--json", "--explain", "POST", "/x", app=app)

    assert json.loads(result.output) == [
        {"rule": "/a", "outcome": "path", "reason": "for POST"}
    ]


def test_an_app_may_explain_in_place_of_its_map(invoke: Invoke) -> None:
    class Router(FakeApp):
        def explain(self, method: str, path: str) -> list[Attempt]:
            return [Attempt("/a", "method", f"{method} {path}")]

    result = invoke("routes", "--explain", "GET", "/a", app=Router())

    assert result.output.splitlines()[2] == "/a    method   GET /a"


def test_an_explanation_may_be_empty(invoke: Invoke) -> None:
    app = FakeApp()
    app.url_map = ExplainingMap()

    result = invoke("routes", "--explain", "GET", "/", app=app)

    assert result.output == "There are no rules.\n"


def test_a_map_that_cannot_explain_is_told(invoke: Invoke, shop: FakeApp) -> None:
    result = invoke("routes", "--explain", "GET", "/", app=shop)

    assert result.exit_code == 2
    assert "'shop' has no 'url_map.explain', so its matching" in result.output


def test_a_path_without_a_slash_is_told(invoke: Invoke) -> None:
    app = FakeApp()
    app.url_map = ExplainingMap()

    result = invoke("routes", "--explain", "GET", "user", app=app)

    assert result.exit_code == 2
    assert "The path 'user' does not start with '/'. Write '/user'." in result.output
