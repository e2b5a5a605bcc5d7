"""Which signatures say by themselves that they are read, and how hosts call them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import pytest

from tantalus_typed import (
    Binder,
    EnvironRequest,
    Invalid,
    Query,
    SetupError,
    Status,
    Use,
)

if TYPE_CHECKING:
    from pathlib import PurePath


@dataclass
class Order:
    sku: str


class Given:
    pass


def plain(a: int, b: str = "", *args: Any, **kwargs: Any) -> str:
    return ""


def untyped(a, b):  # type: ignore[no-untyped-def]  # the case
    return ""


def body(order: Order) -> str:
    return ""


def optional_body(order: Order | None = None) -> str:
    return ""


def marked(page: Query[int] = 1) -> str:
    return ""


def used(page: Annotated[int, Use(int)] = 1) -> str:
    return ""


def provided(given: Given) -> str:
    return ""


def status() -> Annotated[None, Status(204)]:
    return None


def lost(path: PurePath) -> str:
    return ""


def lost_default(path: PurePath | None = None) -> PurePath:
    raise AssertionError


def lost_beside(page: Query[int], path: PurePath | None = None) -> str:
    return ""


class Objects:
    def __call__(self, order: Order) -> str:
        return ""


@pytest.mark.parametrize(
    ("view", "expected", "if_marked"),
    [
        (plain, False, False),
        (untyped, False, False),
        (body, True, False),
        (optional_body, False, False),
        (marked, True, True),
        (used, True, True),
        (provided, True, False),
        (status, True, True),
        (lost, True, False),
        (lost_default, False, False),
        (lost_beside, True, True),
        (Objects(), True, False),
        (functools.partial(body), True, False),
        (functools.partial(body, order=Order("a")), False, False),
    ],
)
def test_a_signature_says_whether_it_is_read(
    view: Callable[..., Any], expected: bool, if_marked: bool
) -> None:
    binder = Binder(provide={Given: lambda request: Given()})

    assert binder.reads(view) is expected
    assert binder.reads(view, marked=True) is if_marked


def test_what_is_filled_needs_no_reading() -> None:
    assert not Binder().reads(body, path=["order"])
    assert not Binder().reads(body, given=["order"])


def test_what_has_no_signature_is_a_mistake() -> None:
    with pytest.raises(SetupError, match="its signature is unknown"):
        Binder().reads(dict)


class Shop:
    name = "tea"

    def show(self, order: Order, page: Query[int]) -> str:
        return f"{self.name} {order.sku} {page}"


def test_what_is_given_is_passed_beside_the_path() -> None:
    bound = Binder().bind(Shop.show, path={"order": object}, given=["self"])

    args = {"order": Order("a"), "self": Shop()}

    assert bound.call(EnvironRequest({"QUERY_STRING": "page=2"}), args) == "tea a 2"


def test_one_view_may_be_bare_and_another_not() -> None:
    def show(page: int = 1) -> str:
        return str(page)

    binder = Binder(bare=False)
    request = EnvironRequest({"QUERY_STRING": "page=2"})

    assert binder.bind(show).call(request, {}) == "1"
    assert binder.bind(show, bare=True).call(request, {}) == "2"


def test_a_decorated_function_is_called_by_name() -> None:
    def show(page: int, /, size: int) -> str:
        return f"{page} {size}"

    @functools.wraps(show)
    def decorated(page: int, **named: Any) -> Any:
        return show(page, **named), named

    bound = Binder().bind(decorated)
    request = EnvironRequest({"QUERY_STRING": "page=2&size=3"})

    assert bound.call(request, {}) == ("2 3", {"size": 3})


def test_a_host_gives_what_is_there_outside_of_requests() -> None:
    given = Given()
    binder = Binder(
        provide={Given: lambda request: given, Order: lambda request: Order("sent")},
        outside={Given: lambda request: given},
    )

    def job(one: Given, order: Order) -> list[object]:
        return [one, order.sku]

    other = Given()

    assert binder.call(job, order=Order("a")) == [given, "a"]
    assert binder.call(job, one=other, order=Order("a")) == [other, "a"]


class Foreign:
    pass


@pytest.mark.parametrize("value", [Order("a"), Foreign()], ids=["record", "class"])
def test_what_the_router_made_is_passed_as_it_is(value: object) -> None:
    def show(one: Any) -> object:
        return one

    show.__annotations__["one"] = type(value)
    bound = Binder().bind(show, path={"one": object})

    assert bound.call(EnvironRequest({}), {"one": value}) is value


def test_a_rule_about_what_the_router_made_is_a_mistake() -> None:
    def show(one: Annotated[Foreign, msgspec.Meta(gt=1)]) -> str:
        return ""

    with pytest.raises(SetupError, match="nothing obeys"):
        Binder().bind(show, path={"one": object})


def test_a_number_that_the_router_made_is_checked() -> None:
    def show(one: Annotated[int, msgspec.Meta(gt=1)]) -> int:
        return one

    call = Binder().bind(show, path={"one": object}).call

    assert call(EnvironRequest({}), {"one": 2})[0] == b"2"
    with pytest.raises(Invalid):
        call(EnvironRequest({}), {"one": 1})


def test_what_is_bound_tells_its_parameters_of_the_query() -> None:
    def show(
        page: Query[Annotated[int, msgspec.Meta(gt=0)] | None], order: Order
    ) -> str:
        return ""

    assert Binder().bind(show).query == {"page": int}
