"""Who owns a URL that no rule has."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.routing import BaseConverter

from tantalus_routing import Map, PrefixTable


def owners(table: PrefixTable, path: str, **options: Any) -> list[str]:
    return list(table.owners(Map().bind("example.org", path_info=path, **options)))


@pytest.fixture
def shop() -> PrefixTable:
    table = PrefixTable()
    table.add("shop", "/shop")
    table.add("cart", "/shop/<int:id>/cart/")
    table.add("shop", "/store")
    return table


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/shop", ["shop"]),
        ("/shop/", ["shop"]),
        ("/shop/x/y", ["shop"]),
        ("/shop/<a\n>\n", ["shop"]),
        ("/store/x", ["shop"]),
        ("/shop/3/cart", ["cart", "shop"]),
        ("/shop//3/cart/x", ["cart", "shop"]),
        ("/shop/x/cart", ["shop"]),
        ("/shopping", []),
        ("/", []),
    ],
)
def test_a_url_is_owned_by_the_prefixes_that_it_lies_under(
    shop: PrefixTable, path: str, expected: list[str]
) -> None:
    assert owners(shop, path) == expected


def test_of_equal_prefixes_the_first_added_goes_first_and_once() -> None:
    table = PrefixTable()
    for owner in ("b", "a", "b"):
        table.add(owner, "/x")

    assert owners(table, "/x") == ["b", "a"]


def test_definite_prefixes_go_before_those_with_variables() -> None:
    table = PrefixTable()
    for prefix in ("/<path:any>", "/<name>", "/x"):
        table.add(prefix, prefix)

    assert owners(table, "/x/y") == ["/x", "/<name>", "/<path:any>"]


def test_a_domain_is_owned_without_a_prefix() -> None:
    table = PrefixTable()
    table.add("api", "", "api")
    table.add("any", "", "<name>")

    assert owners(table, "/x", subdomain="api") == ["api", "any"]
    assert owners(table, "/x", subdomain="www") == ["any"]
    assert owners(table, "/x") == []


def test_with_host_matching_the_domain_is_a_host() -> None:
    table = PrefixTable()
    table.add("api", "/v1", "api.example")
    url_map = Map(host_matching=True)

    assert list(table.owners(url_map.bind("api.example", path_info="/v1/x"))) == ["api"]
    assert list(table.owners(url_map.bind("www.example", path_info="/v1/x"))) == []


def test_slashes_count_where_the_map_does_not_merge_them(shop: PrefixTable) -> None:
    adapter = Map(merge_slashes=False).bind("example.org", path_info="/shop//3/cart")

    assert list(shop.owners(adapter)) == []


def test_only_prefixes_of_somebody_asked_are_compiled_and_once() -> None:
    made: list[str] = []

    class Counted(BaseConverter):
        def __init__(self, url_map: Any, name: str) -> None:
            super().__init__(url_map)
            made.append(name)

    table = PrefixTable()
    table.add("silent", "/<counted('silent'):x>")
    table.add("api", "/<counted('api'):x>")
    adapter = Map(converters={"counted": Counted}).bind("h.example", path_info="/a/b")

    found = [list(table.owners(adapter, "api".__eq__)) for _ in range(3)]

    assert found == [["api"]] * 3
    # Once for the prefix itself, once for what lies below.
    assert made == ["api", "api"]


def test_only_prefixes_that_a_url_begins_with_are_looked_at() -> None:
    asked: list[str] = []
    table = PrefixTable()
    for number in range(20):
        table.add(f"p{number}", f"/p{number}/<int:id>")
    adapter = Map().bind("h.example", path_info="//p7//1/x")

    found = list(table.owners(adapter, lambda owner: asked.append(owner) or True))  # type: ignore[func-returns-value]  # None

    assert found == asked == ["p7"]
