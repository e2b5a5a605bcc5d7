"""The groups that an endpoint lies in."""

from __future__ import annotations

import pytest

from tantalus_routing import enclosing_groups, endpoint_scopes, group_scopes


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("index", (None,)),
        ("shop.index", (None, "shop")),
        ("shop.cart.show", (None, "shop", "shop.cart")),
        ("", (None,)),
    ],
)
def test_the_scopes_of_an_endpoint_are_those_around_it(
    endpoint: str, expected: tuple[str | None, ...]
) -> None:
    assert endpoint_scopes(endpoint) == expected


def test_a_group_lies_in_itself_and_in_those_around_it() -> None:
    assert enclosing_groups("a.b.c") == ["a.b.c", "a.b", "a"]
    assert group_scopes("a.b") == (None, "a", "a.b")
    assert group_scopes(None) == (None,)
