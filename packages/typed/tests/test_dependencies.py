"""Functions in a signature: called once, closed in one order, replaced in tests."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from asking import ask, refusal

from tantalus_typed import (
    Binder,
    Body,
    Closing,
    DependencyError,
    EnvironRequest,
    Header,
    Path,
    Query,
    SetupError,
    Use,
)

calls: list[str] = []


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    calls.clear()


def settings() -> dict[str, int]:
    calls.append("settings")
    return {"limit": 10}


def database(settings: Annotated[dict[str, int], Use(settings)]) -> Iterator[str]:
    calls.append("open database")
    try:
        yield "database"
    except ValueError:
        calls.append("roll back")
    finally:
        calls.append("close database")


def transaction(database: Annotated[str, Use(database)]) -> Iterator[str]:
    calls.append("open transaction")
    try:
        yield f"transaction of {database}"
    finally:
        calls.append("close transaction")


def user(token: Header[str]) -> str:
    calls.append("user")
    return f"user of {token}"


def show(
    transaction: Annotated[str, Use(transaction)],
    database: Annotated[str, Use(database)],
    settings: Annotated[dict[str, int], Use(settings)],
    page: int = 1,
) -> Any:
    calls.append("view")
    return transaction, settings["limit"], page


TOKEN = {"token": "t"}


def test_each_dependency_is_called_once_and_generators_close_in_reverse() -> None:
    answer = ask(show, "page=2")

    assert answer == ("transaction of database", 10, 2)
    assert calls == [
        *("settings", "open database", "open transaction", "view"),
        *("close transaction", "close database"),
    ]


def test_nothing_is_called_for_a_request_that_is_refused() -> None:
    assert refusal(show, "page=x").status == 422
    assert calls == []


def failing(database: Annotated[str, Use(database)]) -> Any:
    raise ValueError("of the view")


def test_an_error_of_the_view_is_thrown_into_generators_and_goes_on() -> None:
    with pytest.raises(ValueError, match="of the view"):
        ask(failing)

    assert calls == ["settings", "open database", "roll back", "close database"]


def wrong() -> int:
    return int("no number")


def uses_wrong(number: Annotated[int, Use(wrong)], page: int = 1) -> Any:
    return number


def test_a_value_error_of_a_dependency_is_no_fault_of_the_request() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        ask(uses_wrong, "page=2")

    assert caught.value.__context__ is None


def replacing() -> Iterator[int]:
    try:
        yield 1
    except ValueError as error:
        raise KeyError("instead") from error


def failing_replaced(
    a: Annotated[int, Use(replacing)], b: Annotated[str, Use(transaction)]
) -> Any:
    raise ValueError("of the view")


def test_a_generator_may_raise_something_else_and_the_others_still_close() -> None:
    with pytest.raises(KeyError, match="instead"):
        ask(failing_replaced)

    assert calls[-2:] == ["roll back", "close database"]


def no_yield() -> Iterator[int]:
    yield from ()


def two_yields() -> Iterator[int]:
    yield 1
    yield 2


async def no_async_yield() -> AsyncIterator[int]:
    nothing: tuple[int, ...] = ()
    for number in nothing:
        yield number


async def two_async_yields() -> AsyncIterator[int]:
    yield 1
    yield 2


def uses_none(a: Annotated[int, Use(no_yield)]) -> Any: ...


def uses_two(a: Annotated[int, Use(two_yields)]) -> Any: ...


async def async_none(a: Annotated[int, Use(no_async_yield)]) -> Any: ...


async def async_two(a: Annotated[int, Use(two_async_yields)]) -> Any: ...


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (uses_none, "no_yield yields nothing"),
        (uses_two, "two_yields yields twice"),
        (async_none, "no_async_yield yields nothing"),
        (async_two, "two_async_yields yields twice"),
    ],
)
def test_a_generator_that_does_not_yield_once_is_told(view: Any, text: str) -> None:
    async def call() -> None:
        result = ask(view)
        if asyncio.iscoroutine(result):
            await result

    with pytest.raises(DependencyError, match=text):
        asyncio.run(call())


async def connection() -> AsyncIterator[str]:
    calls.append("open connection")
    try:
        yield "connection"
    except ValueError:
        calls.append("roll back")
    finally:
        await asyncio.sleep(0)
        calls.append("close connection")


async def cursor(connection: Annotated[str, Use(connection)]) -> str:
    await asyncio.sleep(0)
    return f"cursor of {connection}"


async def waiting(
    database: Annotated[str, Use(database)],
    cursor: Annotated[str, Use(cursor)],
    page: int = 1,
) -> dict[str, int]:
    calls.append(f"view, {cursor}")
    if page == 0:
        raise ValueError("of the view")
    return {"page": page}


def test_async_dependencies_are_awaited_and_closed_in_the_same_order() -> None:
    answer = asyncio.run(ask(waiting, "page=2"))

    assert answer[0] == b'{"page":2}'
    assert calls == [
        *("settings", "open database", "open connection"),
        "view, cursor of connection",
        *("close connection", "close database"),
    ]


def test_an_error_of_an_async_view_is_thrown_into_all_of_them() -> None:
    with pytest.raises(ValueError, match="of the view"):
        asyncio.run(ask(waiting, "page=0"))

    assert calls[-4:] == [
        *("roll back", "close connection", "roll back", "close database"),
    ]


async def replacing_async() -> AsyncIterator[int]:
    try:
        yield 1
    except ValueError as error:
        raise KeyError("instead") from error


async def failing_async(
    b: Annotated[str, Use(connection)], a: Annotated[int, Use(replacing_async)]
) -> Any:
    raise ValueError("of the view")


def test_an_async_generator_may_raise_something_else() -> None:
    with pytest.raises(KeyError, match="instead"):
        asyncio.run(ask(failing_async))

    assert calls == ["open connection", "close connection"]


def request() -> EnvironRequest:
    return EnvironRequest({"QUERY_STRING": "page=2"})


def test_a_host_may_close_later() -> None:
    closing = Closing()
    binder = Binder(closing=lambda request: closing)

    binder.bind(show).call(request(), {})
    assert calls[-1] == "view"
    closing.close()

    assert calls[-2:] == ["close transaction", "close database"]


def test_an_error_that_a_host_closes_with_is_not_raised_again() -> None:
    closing = Closing()
    Binder(closing=lambda request: closing).bind(show).call(request(), {})

    closing.close(ValueError("of the host"))

    assert "roll back" in calls


def test_an_override_stands_for_the_function_in_all_views() -> None:
    binder = Binder()
    bound = binder.bind(show)

    with binder.overriding({database: lambda: "fake"}):
        overridden = bound.call(request(), {})

    assert overridden == ("transaction of fake", 10, 2)
    assert bound.call(request(), {}) == ("transaction of database", 10, 2)


def test_a_view_bound_while_something_is_overridden_is_free_of_it_later() -> None:
    binder = Binder()
    binder.bind(show)

    with binder.overriding({database: lambda: "fake"}):
        bound = binder.bind(show)
        assert bound.call(request(), {})[0] == "transaction of fake"

    assert bound.call(request(), {})[0] == "transaction of database"


def test_overrides_may_be_nested_and_have_dependencies() -> None:
    def other(page: Query[int]) -> str:
        return f"page {page}"

    binder = Binder()
    bound = binder.bind(show)

    with (
        binder.overriding({database: other}),
        binder.overriding({settings: lambda: {"limit": 1}}),
    ):
        assert bound.call(request(), {}) == ("transaction of page 2", 1, 2)


class Pool:
    """What a host opens once."""


class Other(Pool):
    pass


POOL = Pool()


def pool() -> Iterator[Pool]:
    raise AssertionError("the host has called it")
    yield


def opened() -> Pool:
    return POOL


def shared(*kinds: tuple[Any, type]) -> Binder:
    binder = Binder()
    binder.share({pool: opened, user: opened}, dict(kinds))
    return binder


def named(pool: Pool, page: Query[int]) -> tuple[Pool, int]:
    return pool, page


def marked(one: Annotated[Pool, Use(pool)], page: Query[int]) -> tuple[Pool, int]:
    return one, page


@pytest.mark.parametrize("view", [named, marked])
def test_what_a_host_has_opened_is_given_by_its_class_or_by_name(view: Any) -> None:
    binder = shared((pool, Pool))

    bound = binder.bind(view)

    assert bound.call(request(), {}) == (POOL, 2)
    assert bound.plan.places == {"query"}


@pytest.mark.parametrize("view", [named, marked])
def test_what_a_host_has_opened_can_be_overridden(view: Any) -> None:
    binder = shared((pool, Pool))
    bound = binder.bind(view)

    with binder.overriding({pool: lambda: "fake"}):
        assert bound.call(request(), {}) == ("fake", 2)
    assert bound.call(request(), {}) == (POOL, 2)


def test_a_host_gives_what_is_open_to_calls_outside_of_requests() -> None:
    binder = shared((pool, Pool))

    assert binder.call(named, page=3) == (POOL, 3)


def test_a_signature_says_that_it_is_read_by_what_is_open() -> None:
    def view(pool: Pool) -> str: ...

    assert shared((pool, Pool)).reads(view)
    assert not shared((pool, Pool)).reads(view, path=["pool"])
    assert not shared((pool, Pool)).reads(view, marked=True)
    assert not Binder().reads(view)


def test_two_that_give_the_same_have_to_be_named() -> None:
    binder = shared((pool, Pool), (user, Pool))

    with pytest.raises(
        SetupError,
        match=re.escape(
            "named(pool): pool and user give a Pool each. Say which: Annotated[Pool,"
            " Use(pool)]."
        ),
    ):
        binder.bind(named)
    assert binder.bind(marked).call(request(), {}) == (POOL, 2)


def test_a_class_is_given_itself_and_no_subclass() -> None:
    def view(pool: Other) -> str: ...

    with pytest.raises(SetupError, match=re.escape("view(pool)")):
        shared((pool, Pool)).bind(view)


def test_what_is_open_is_what_it_says() -> None:
    def view(one: Annotated[str, Use(pool)]) -> str:
        return one

    with pytest.raises(SetupError, match=r"wants str, but opened gives Pool"):
        shared((pool, Pool)).bind(view)


def test_rules_for_what_is_open_are_refused() -> None:
    def view(pool: Annotated[Pool, "a rule"]) -> str: ...

    with pytest.raises(SetupError, match=re.escape("view(pool)")):
        shared((pool, Pool)).bind(view)


def test_views_that_do_not_use_it_stay_as_they_are() -> None:
    binder = Binder()
    binder.bind(show)
    other = binder.bind(uses_wrong)
    before = other.call

    with binder.overriding({database: lambda: "fake"}):
        assert other.call is before


@dataclass
class Counter:
    count: int = 0

    def __call__(self) -> int:
        self.count += 1
        return self.count


COUNTER = Counter()


def uses_object(
    a: Annotated[int, Use(COUNTER)], b: Annotated[int, Use(COUNTER)]
) -> Any:
    return a, b


def test_an_object_that_is_called_need_not_be_hashable() -> None:
    assert ask(uses_object) == (1, 1)


def test_an_override_that_no_view_uses_is_an_error() -> None:
    binder = Binder()
    binder.bind(show)

    with (
        pytest.raises(SetupError, match="No view uses user, so it cannot"),
        binder.overriding({user: lambda: "fake"}),
    ):
        pass


def test_overrides_end_if_one_cannot_be_read() -> None:
    def bad(page) -> str: ...  # type: ignore[no-untyped-def]  # a mistake

    binder = Binder()
    bound = binder.bind(show)

    with (
        pytest.raises(SetupError, match="no annotation"),
        binder.overriding({database: bad}),
    ):
        pass

    assert bound.call(request(), {})[0] == "transaction of database"


def report(
    user: Annotated[str, Use(user)],
    database: Annotated[str, Use(database)],
    month: Path[int] = 1,
) -> str:
    return f"{user}, {database}, {month}"


def test_a_function_is_called_with_its_dependencies_outside_of_requests() -> None:
    assert Binder().call(report, token="t") == "user of t, database, 1"
    assert calls[-1] == "close database"


def test_what_a_dependency_gives_may_be_given() -> None:
    assert Binder().call(report, user="Ada", month=3) == "Ada, database, 3"


def test_a_function_without_a_need_is_just_called() -> None:
    assert Binder().call(settings) == {"limit": 10}


def test_an_async_function_outside_of_requests_is_awaited() -> None:
    assert asyncio.run(Binder().call(waiting, page=3)) == {"page": 3}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, r"user\(token\) must be given: call\(report, token=...\)"),
        ({"token": "t", "tokens": 1}, "take no 'tokens'. They take 'token', 'month'"),
    ],
)
def test_what_is_missing_or_wanted_by_nobody_outside_of_requests_is_told(
    given: dict[str, Any], text: str
) -> None:
    with pytest.raises(TypeError, match=text):
        Binder().call(report, **given)


def gives_text() -> int:
    text: Any = "text"
    return text  # type: ignore[no-any-return]  # a mistake


def uses_text(a: Annotated[int, Use(gives_text)]) -> Any:
    return a


def test_a_dependency_of_another_type_is_told_where_results_are_checked() -> None:
    assert ask(uses_text) == "text"
    with pytest.raises(
        DependencyError,
        match=r"gives_text\(\) gave str, which is not the <class 'int'>",
    ):
        ask(uses_text, binder=Binder(check=True))


def anything() -> Any:
    return 3


def uses_anything(a: Annotated[int, Use(anything)]) -> Any:
    return a


def test_a_dependency_that_promises_nothing_is_not_checked() -> None:
    assert ask(uses_anything, binder=Binder(check=True)) == 3


def test_dependencies_that_keep_their_word_pass_the_check() -> None:
    answer = ask(show, "page=2", binder=Binder(check=True))

    assert answer == ("transaction of database", 10, 2)


def test_nothing_of_a_request_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    refusal(show, "page=hunter2")

    assert caplog.records == []


def test_a_body_is_read_for_a_dependency() -> None:
    def order(order: Body[list[int]]) -> int:
        return sum(order)

    def view(total: int) -> Any:
        return total

    view.__annotations__["total"] = Annotated[int, Use(order)]

    assert ask(view, body=b"[1, 2]") == 3
