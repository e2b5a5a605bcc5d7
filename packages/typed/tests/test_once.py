"""What one binder makes once: views that are alike, and views that only look alike."""
# Annotations are not postponed here, so that types hold names that are.

from collections.abc import Callable
from typing import Annotated, Any, ForwardRef

import pydantic
import pytest
from asking import ask
from shop import Item, Order

from tantalus_typed import (
    Binder,
    Path,
    Query,
    SetupError,
    Status,
    Use,
)


class Left(pydantic.BaseModel):
    name: str


class Right(pydantic.BaseModel):
    name: str


def number() -> int:
    return 1


def text_maker() -> Callable[[int], str]:
    return str


def test_views_that_read_alike_share_what_reads_and_what_was_written() -> None:
    binder = Binder()

    def first(page: int = 1) -> Any:
        return page

    def second(page: int = 1) -> Any:
        return -page

    one, other = binder.bind(first), binder.bind(second)

    assert one.plan.leaves[0] is other.plan.leaves[0]
    assert one.source is other.source
    assert ask(first, "page=3", binder=binder) == 3
    assert ask(second, "page=3", binder=binder) == -3


@pytest.mark.parametrize("default", [1, True, 1.0], ids=repr)
def test_defaults_that_are_equal_stay_those_of_their_views(default: Any) -> None:
    binder = Binder()

    def first(page: Any = 1) -> Any:
        return page

    def second(page: Any = default) -> Any:
        return page

    binder.bind(first)

    assert type(ask(second, binder=binder)) is type(default)


@pytest.mark.parametrize(
    ("hint", "wanted"),
    [
        pytest.param(Left | Right, Left, id="as before"),
        pytest.param(Right | Left, Right, id="turned"),
    ],
)
def test_a_choice_of_types_is_made_in_the_order_of_each_view(
    hint: Any, wanted: type
) -> None:
    binder = Binder()

    def before(one: Left | Right) -> Any: ...

    def view(one: Any) -> Any:
        return type(one)

    view.__annotations__["one"] = hint
    binder.bind(before)

    assert ask(view, body=b'{"name": "a"}', binder=binder) is wanted


def test_answers_of_one_type_have_the_status_of_each_view() -> None:
    binder = Binder()

    def first(page: int = 1) -> Item:
        return Item("a")

    def second(page: int = 1) -> Annotated[Item, Status(201)]:
        return Item("a")

    statuses = [ask(view, binder=binder)[1] for view in (first, second, first)]

    assert statuses == [200, 201, 200]


def test_variables_of_a_path_are_those_of_each_rule() -> None:
    binder = Binder()

    def view(user: Path[int]) -> Any:
        return user

    assert ask(view, args={"user": "7"}, binder=binder) == 7
    assert ask(view, args={"user": 7}, path={"user": int}, binder=binder) == 7
    with pytest.raises(SetupError, match="no variable 'user'"):
        binder.bind(view, path=[])
    with pytest.raises(SetupError, match="says int, but the rule gives float"):
        binder.bind(view, path={"user": float})


def test_a_name_is_of_the_query_where_it_is_none_of_the_path() -> None:
    binder = Binder()

    def view(page: int) -> Any:
        return page

    assert ask(view, args={"page": 1}, path={"page": int}, binder=binder) == 1
    assert ask(view, "page=2", path=[], binder=binder) == 2


def test_what_is_wrong_is_told_of_the_view_that_has_it() -> None:
    binder = Binder()

    def first(order: Order) -> Any: ...

    def second(order: Order, item: Item) -> Any: ...

    binder.bind(first)
    with pytest.raises(SetupError) as caught:
        binder.bind(second)

    assert "second(order) and second(item)" in str(caught.value)


def test_what_was_refused_once_is_refused_again() -> None:
    binder = Binder()

    def view(number: Annotated[str, Use(number)]) -> Any: ...

    for _ in range(2):
        with pytest.raises(SetupError, match=r"view\(number\) wants str"):
            binder.bind(view)


def test_uses_of_one_function_are_equal() -> None:
    secret = {"bearer": {"type": "http", "scheme": "bearer"}}

    assert Use(number) == Use(number)
    assert hash(Use(number)) == hash(Use(number))
    assert Use(number) != Use(number, security=secret)
    assert Use(number) != Use(text_maker)
    assert Use(number) != number


def test_security_is_that_of_each_view() -> None:
    binder = Binder()
    secret = {"bearer": {"type": "http", "scheme": "bearer"}}

    def first(one: Annotated[int, Use(number)]) -> Any: ...

    def second(one: Annotated[int, Use(number, security=secret)]) -> Any: ...

    plans = [binder.bind(view).plan for view in (first, second, second, first)]

    assert [list(plan.security) for plan in plans] == [[], ["bearer"], ["bearer"], []]


LATER: Any = ForwardRef("Item")


@pytest.mark.parametrize(
    ("hint", "body", "wanted"),
    [
        pytest.param(list["Item"], b'[{"sku": "a"}]', [Item("a")], id="text"),
        pytest.param(list[LATER], b'[{"sku": "a"}]', [Item("a")], id="reference"),
        pytest.param("'Item'", b'{"sku": "a"}', Item("a"), id="text in a text"),
        pytest.param(Query["int"], b"", 7, id="marked"),
    ],
)
def test_names_that_a_type_holds_are_looked_up(
    hint: Any, body: bytes, wanted: object
) -> None:
    def view(found: Any) -> Any:
        return found

    view.__annotations__["found"] = hint

    assert ask(view, "found=7", body=body) == wanted


def test_what_a_callable_takes_is_no_name() -> None:
    def view(make: Annotated[Callable[[int], str], Use(text_maker)]) -> Any:
        return make(1)

    assert ask(view) == "1"


def chosen_by() -> Callable[[], int | str]:
    return lambda: 1


def test_what_a_callable_takes_is_told_in_order() -> None:
    binder = Binder()
    made: Any = Callable[[], int | str]

    def view(make: Any) -> Any:
        return make()

    view.__annotations__["make"] = Annotated[made, Use(chosen_by)]

    assert [ask(view, binder=binder) for _ in range(2)] == [1, 1]
