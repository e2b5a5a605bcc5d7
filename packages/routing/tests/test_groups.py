from __future__ import annotations

from typing import Any

import pytest
from targets import Recorder

from tantalus_routing import (
    GroupNameError,
    RouteGroup,
    RouteScope,
    RoutingError,
)


def view() -> str:
    return "seen"


class OlderApp:
    """Takes routes as applications did before OPTIONS were answered for them."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Any = None,
        **options: Any,
    ) -> None:
        self.calls.append((rule, options.get("provide_automatic_options", "unsaid")))


def test_a_target_is_told_about_automatic_options_only_where_a_route_says_it() -> None:
    group = RouteGroup()
    group.add_url_rule("/a", "a")
    group.add_url_rule("/b", "b", provide_automatic_options=False)
    app = OlderApp()

    for route in group.routes():
        route.register(app)

    assert app.calls == [("/a", "unsaid"), ("/b", False)]


JOINED = {
    "no scope": (None, "/x", "/x"),
    "plain": ("/a", "/x", "/a/x"),
    "slashes": ("/a/", "//x", "/a/x"),
    "empty rule": ("/a", "", "/a"),
    "empty rule, slash": ("/a/", "", "/a/"),
    "root": ("/", "/x", "/x"),
    "empty prefix": ("", "/x", "/x"),
}


@pytest.mark.parametrize(("prefix", "rule", "joined"), JOINED.values(), ids=JOINED)
def test_a_scope_joins_its_prefix_to_a_rule(
    prefix: str | None, rule: str, joined: str
) -> None:
    assert RouteScope(prefix=prefix).apply(rule, "x", {})[0] == joined


def test_a_scope_joins_names_subdomain_and_defaults() -> None:
    scope = RouteScope(None, "api", "a.b", {"x": 1, "y": 1})
    options = {"defaults": {"y": 2}, "methods": ["GET"]}

    joined = scope.apply("/", "c", options)

    assert joined[1] == "a.b.c"
    assert joined[2] == {
        "subdomain": "api",
        "defaults": {"x": 1, "y": 2},
        "methods": ["GET"],
    }
    assert options == {"defaults": {"y": 2}, "methods": ["GET"]}


def test_a_route_keeps_its_own_subdomain() -> None:
    scope = RouteScope(subdomain="api")

    assert scope.apply("/", "x", {"subdomain": "own"})[2]["subdomain"] == "own"
    assert RouteScope().apply("/", "x", {})[1:] == (
        "x",
        {"subdomain": None, "defaults": {}},
    )


def test_scopes_nest() -> None:
    outer = RouteScope("/a/", "example", "one", {"x": 1})

    inner = outer.nest(prefix="/b", subdomain="api", name="two", defaults={"y": 2})

    assert inner == RouteScope("/a/b", "api.example", "one.two", {"y": 2})
    assert outer.nest() == RouteScope("/a/", "example", "one", {})
    assert RouteScope().nest(prefix="/b", subdomain="s") == RouteScope("/b", "s", "")


def test_a_group_is_included_with_what_is_said_there() -> None:
    group = RouteGroup("posts", prefix="/posts", defaults={"a": 1})
    group.get("/<int:id>")(view)

    [route] = group.routes(prefix="/en", name="en", subdomain="s", defaults={"b": 2})

    assert route.rule == "/en/<int:id>"
    assert route.endpoint == "en.view"
    assert route.options == {
        "methods": ["GET"],
        "subdomain": "s",
        "defaults": {"a": 1, "b": 2},
    }


def test_groups_nest_to_any_depth() -> None:
    inner = RouteGroup("inner", prefix="/inner", subdomain="deep", defaults={"c": 3})
    inner.route("/")(view)
    middle = RouteGroup(prefix="/middle", defaults={"a": 2, "b": 2})
    middle.include(inner)
    outer = RouteGroup("outer", prefix="/outer", subdomain="top", defaults={"a": 1})
    outer.include(middle, name="renamed", defaults={"b": 4})
    outer.add_url_rule("", "index", view)

    first, second = outer.routes()

    assert first.rule == "/outer/middle/inner/"
    assert first.endpoint == "outer.renamed.inner.view"
    assert first.options == {
        "subdomain": "deep.top",
        "defaults": {"a": 2, "b": 4, "c": 3},
    }
    assert (second.rule, second.endpoint) == ("/outer", "outer.index")


def test_a_group_is_registered_on_anything_that_takes_routes() -> None:
    group = RouteGroup("g")
    group.post("/x")(view)
    recorder = Recorder()

    for route in group.routes():
        route.register(recorder)

    options: dict[str, Any] = {"methods": ["POST"]}
    options |= {"subdomain": None, "defaults": {}}
    assert recorder.calls == [("/x", "g.view", view, options)]


def test_a_group_cannot_contain_itself() -> None:
    outer, inner = RouteGroup("outer"), RouteGroup("inner")
    outer.include(inner)

    with pytest.raises(GroupNameError, match="contains the group that includes it"):
        inner.include(outer)


@pytest.mark.parametrize("name", ["a.b", "."])
def test_a_dot_in_a_name_is_refused(name: str) -> None:
    with pytest.raises(GroupNameError, match="contains a dot, which joins names"):
        RouteGroup(name)
    with pytest.raises(RoutingError, match="contains a dot"):
        RouteGroup().add_url_rule("/", name, view)
