from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import pytest
from asking import ask
from shop import Item, Order

from tantalus_typed import (
    Binder,
    Form,
    Header,
    In,
    JsonPart,
    Path,
    Plan,
    Query,
    SetupError,
    Status,
    Use,
)

if TYPE_CHECKING:
    from decimal import Decimal as Hidden


class Request:
    pass


class OwnRequest(Request):
    pass


class Named(Protocol):
    name: str


def number() -> int:
    return 1


def perhaps() -> int | None:
    return 1


def unsaid():  # type: ignore[no-untyped-def]  # as programs are that have no types
    return 1


def items() -> Iterator[Item]:
    yield Item("a")


def loose() -> Iterator:  # type: ignore[type-arg]  # as programs are that have few types
    yield Item("a")


def places(view: Callable[..., Any], **kwargs: Any) -> dict[str, str]:
    return {leaf.name: leaf.place for leaf in Plan.of(view, **kwargs).leaves}


def test_what_is_unmarked_comes_from_the_first_place_that_fits() -> None:
    def view(
        shop: int,
        request: OwnRequest,
        order: Order,
        page: int = 1,
        tags: list[str] | None = None,
    ) -> None: ...

    found = places(view, path={"shop": int}, provide={Request: id})

    assert found == {
        "shop": "path",
        "request": "provided",
        "order": "body",
        "page": "query",
        "tags": "query",
    }


@pytest.mark.parametrize(
    "hint", [list[Order], dict[str, Item], Order | None, Annotated[Order, "x"]]
)
def test_a_type_with_records_in_it_is_a_body(hint: Any) -> None:
    def view(order: Any) -> None: ...

    view.__annotations__["order"] = hint

    assert places(view) == {"order": "body"}


def test_a_mark_says_the_place_and_the_name() -> None:
    def view(
        per_page: Annotated[int, In("query", "per-page")],
        token: Header[str] | None = None,
    ) -> None: ...

    first, second = Plan.of(view).leaves

    assert (first.place, first.key) == ("query", "per-page")
    assert second.place == "header"


def test_views_that_did_not_ask_keep_their_defaults() -> None:
    def view(id: int, token: Header[str], internal: bool = False, note=None) -> Any:  # type: ignore[no-untyped-def]
        return id, token, internal, note

    plan = Plan.of(view, path={"id": int}, bare=False)

    assert [leaf.place for leaf in plan.leaves] == [
        "path",
        "header",
        "default",
        "default",
    ]


def test_what_views_did_not_ask_for_keeps_its_default_in_a_call() -> None:
    def view(token: Header[str], internal: bool = False):  # type: ignore[no-untyped-def]
        return token, internal

    answer = ask(view, "internal=1", headers={"token": "t"}, binder=Binder(bare=False))

    assert answer == ("t", False)


def test_a_plan_says_what_is_called_and_answered() -> None:
    def view(a: Annotated[int, Use(number)]) -> Annotated[Order, Status(201)]: ...

    plan = Plan.of(view)

    assert plan.functions == (number,)
    assert (plan.returns, plan.status) == (Order, 201)
    assert not plan.is_async


def test_other_metadata_of_a_return_annotation_stays() -> None:
    def view() -> Annotated[int, "note", Status(202)]: ...

    assert Plan.of(view).returns == Annotated[int, "note"]


def needs_hidden(price: Hidden) -> None: ...


def returns_hidden() -> Hidden: ...


def broken(page: int | 3) -> None: ...  # type: ignore[valid-type]  # a mistake


def no_annotation(page) -> None: ...  # type: ignore[no-untyped-def]  # a mistake


def stars(*pages: int) -> None: ...


def any_names(**pages: int) -> None: ...


def two_bodies(a: Order, b: Item) -> None: ...


def body_and_form(a: Order, b: Form[str]) -> None: ...


def body_and_part(a: Order, b: JsonPart[Item]) -> None: ...


def two_places(a: Annotated[int, In("query"), In("header")]) -> None: ...


def plain_with_async(a: Annotated[int, Use(later)]) -> None: ...


async def later() -> int:
    return 1


async def ticks() -> AsyncIterator[int]:
    yield 1


def wrong_result(a: Annotated[str, Use(number)]) -> None: ...


def wrong_yield(a: Annotated[Order, Use(items)]) -> None: ...


def wrong_none(a: Annotated[int, Use(perhaps)]) -> None: ...


def circle_a(a: Annotated[int, Use(number), Use(number)]) -> None: ...


def uses_itself(a: Annotated[int, Use(number)]) -> int: ...


uses_itself.__annotations__["a"] = Annotated[int, Use(uses_itself)]


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (needs_hidden, "needs_hidden: the annotation of 'price' names 'Hidden'"),
        (returns_hidden, "the annotation of what it returns names 'Hidden'"),
        (broken, "broken: an annotation cannot be read: unsupported operand"),
        (no_annotation, r"no_annotation\(page\): the parameter has no annotation"),
        (stars, r"stars\(\*pages\): nothing says what of a request this is"),
        (any_names, r"any_names\(\*\*pages\): nothing says"),
        (two_bodies, r"wants two bodies, two_bodies\(a\) and two_bodies\(b\)"),
        (body_and_form, r"wants JSON \(body_and_form\(a\)\) and a form"),
        (body_and_part, "and a form, but a request has one body"),
        (two_places, r"two_places\(a\): a value comes from one place"),
        (circle_a, "a value comes from one place"),
        (plain_with_async, "is not async, but uses later, which is"),
        (wrong_result, r"wrong_result\(a\) wants str, but number gives int"),
        (wrong_yield, r"wants Order, but items gives Item"),
        (wrong_none, r"wrong_none\(a\) wants int, but perhaps gives NoneType"),
        (uses_itself, "go round in a circle: uses_itself uses uses_itself"),
        (dict, "dict: its signature is unknown"),
    ],
)
def test_what_no_request_can_fill_is_refused_at_set_up(
    view: Callable[..., Any], text: str
) -> None:
    with pytest.raises(SetupError, match=text):
        Plan.of(view)


def test_what_has_no_default_must_be_marked_if_views_did_not_ask() -> None:
    def view(page: int) -> None: ...

    with pytest.raises(SetupError, match=r"view\(page\): nothing says where"):
        Plan.of(view, bare=False)


def test_an_annotation_must_agree_with_the_converter() -> None:
    def view(user: str) -> None: ...

    with pytest.raises(SetupError, match=r"view\(user\): the annotation says str, but"):
        Plan.of(view, path={"user": int})


@pytest.mark.parametrize("said", [float, int, Any, int | None])
def test_what_a_converter_gives_may_be_said_wider(said: Any) -> None:
    def view(user: Any) -> None: ...

    view.__annotations__["user"] = said

    assert places(view, path={"user": int}) == {"user": "path"}


def test_a_marked_variable_must_be_one_of_the_rule() -> None:
    def view(user: Path[int]) -> None: ...

    with pytest.raises(SetupError, match=r"no variable 'user'. It has 'shop'"):
        Plan.of(view, path=["shop"])


@pytest.mark.parametrize(
    ("hint", "function"),
    [
        (Annotated[Any, Use(number)], number),
        (Annotated[object, Use(number)], number),
        (Annotated[int | str, Use(number)], number),
        (Annotated[int, Use(unsaid)], unsaid),
        (Annotated[float, Use(number)], number),
        (Annotated[int | None, Use(perhaps)], perhaps),
        (Annotated[Item, Use(loose)], loose),
        (Annotated[Item, Use(items)], items),
        (Annotated[Named, Use(items)], items),
        (Annotated[Item, Use(Item)], Item),
    ],
)
def test_results_that_may_be_what_is_wanted_are_taken(
    hint: Any, function: object
) -> None:
    def view(a: Any) -> None: ...

    view.__annotations__["a"] = hint

    assert Plan.of(view).functions == (function,)


class Shop:
    def show(self, page: int = 1) -> int:
        return page

    def __call__(self, page: int = 1) -> int:
        return page + 100


def doubling(view: Callable[..., int]) -> Callable[..., int]:
    @functools.wraps(view)
    def double(*args: Any, **kwargs: Any) -> int:
        return 2 * view(*args, **kwargs)

    return double


@doubling
def decorated(page: int = 1, *, more: Query[int] = 0) -> int:
    return page + more


def limited(limit: int, page: int = 1) -> list[int]:
    return [limit, page]


@pytest.mark.parametrize(
    ("view", "answer"),
    [
        pytest.param(Shop().show, b"3", id="method"),
        pytest.param(Shop(), b"103", id="object"),
        pytest.param(decorated, b"14", id="decorated, by name"),
        pytest.param(functools.partial(limited, 9), b"[9,3]", id="partial"),
        pytest.param(functools.partial(limited, limit=8), b"[8,3]", id="by name"),
        pytest.param(
            functools.partial(functools.partial(Shop()), page=5), b"105", id="twice"
        ),
    ],
)
def test_all_that_can_be_called_is_a_view(
    view: Callable[..., Any], answer: bytes
) -> None:
    assert ask(view, "page=3&more=4") == (
        answer,
        200,
        {"Content-Type": "application/json"},
    )


def test_metadata_that_cannot_be_hashed_is_no_hindrance() -> None:
    def view(a: Annotated[int, In("query"), Use.__class__, []]) -> None: ...

    assert places(view) == {"a": "query"}


def test_a_body_that_two_want_is_read_once() -> None:
    def name(order: Order) -> str:
        return order.name

    def view(order: Order, name: str) -> None: ...

    view.__annotations__["name"] = Annotated[str, Use(name)]

    assert [leaf.place for leaf in Plan.of(view).leaves] == ["body"]


def test_a_place_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"In\('body2'\): there is no such place"):
        In("body2")  # type: ignore[arg-type]


def test_a_status_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Status\(99\): use a code between"):
        Status(99)


def test_a_dependency_must_be_a_function() -> None:
    with pytest.raises(TypeError, match=r"Use\(3\): give a function"):
        Use(3)  # type: ignore[arg-type]


def test_marks_can_be_read() -> None:
    assert repr(In("query")) == "In('query')"
    assert repr(In("query", "a-b")) == "In('query', 'a-b')"
    assert repr(Use(number)) == "Use(number)"
    assert repr(Status(201)) == "Status(201)"
