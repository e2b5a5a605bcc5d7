from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_routing import Map, NearRoute, Rule

RULES = [
    Rule("/", endpoint="index"),
    Rule("/users", endpoint="users"),
    Rule("/users/<int:id>", endpoint="user", methods=["GET"]),
    Rule("/users/<int:id>/posts", endpoint="posts"),
    Rule("/static/<path:name>", endpoint="static"),
    Rule("/usage", endpoint="usage", build_only=True),
    Rule("/uses", endpoint="socket", websocket=True),
]


@pytest.fixture
def routes() -> Map:
    return Map([rule.empty() for rule in RULES])


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/user", ["/users"]),
        ("/USERS", ["/users"]),
        ("/users/ada", ["/users/<int:id>"]),
        ("/users/7/post", ["/users/<int:id>/posts"]),
        ("/statc/css/site.css", ["/static/<path:name>"]),
        ("/about", []),
        ("/" + "x" * 300, []),
    ],
)
def test_what_comes_near_is_found(routes: Map, path: str, near: list[str]) -> None:
    assert [route.rule for route in routes.near(path)][:1] == near


def test_a_near_route_tells_why_it_does_not_fit(routes: Map) -> None:
    assert routes.near("/users/ada")[0] == NearRoute(
        "/users/<int:id>", "user", ("GET", "HEAD"), r"'ada' does not fit '(\\d+)'"
    )


def test_a_near_route_is_a_line_of_text(routes: Map) -> None:
    assert str(routes.near("/users/ada")[0]) == (
        r"/users/<int:id> (GET, HEAD): 'ada' does not fit '(\\d+)'."
    )
    assert str(routes.near("/user")[0]).startswith("/users (any method): ")


def test_the_nearest_comes_first_and_no_more_than_three(routes: Map) -> None:
    many = Map([Rule(f"/item{n}", endpoint=f"{n}") for n in range(9)])

    assert routes.near("/user/7")[0].rule == "/users/<int:id>"
    assert [route.rule for route in many.near("/item")] == [
        "/item0",
        "/item1",
        "/item2",
    ]


def test_the_domain_may_be_what_does_not_fit() -> None:
    hosts = Map([Rule("/a", endpoint="a", host="one.example")], host_matching=True)
    subdomains = Map([Rule("/a", endpoint="a", subdomain="api")])

    assert "does not fit" in hosts.near("/a", "two.example")[0].reason
    assert "does not fit" in hosts.near("/a")[0].reason
    assert "does not fit" in subdomains.near("/a")[0].reason


@given(st.text(alphabet="/<>ausers123:%\0é", max_size=40))
def test_any_path_is_compared(path: str) -> None:
    near = Map([rule.empty() for rule in RULES]).near(f"/{path}")

    assert len(near) <= 3
