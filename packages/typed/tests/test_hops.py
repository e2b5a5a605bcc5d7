"""Plain dependencies of async views, called elsewhere: in a row, in one hop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest

from tantalus_typed import Binder, EnvironRequest, Use

EVENTS: list[str] = []


def here(name: str) -> None:
    where = "loop" if threading.current_thread() is threading.main_thread() else "hop"
    EVENTS.append(f"{name} {where}")


def settings() -> int:
    here("settings")
    return 1


def connection(settings: Annotated[int, Use(settings)]) -> Iterator[int]:
    here("open connection")
    try:
        yield settings + 1
    except ValueError:
        here("error")
        raise
    finally:
        here("close connection")


async def pool(connection: Annotated[int, Use(connection)]) -> AsyncIterator[int]:
    here("open pool")
    yield connection + 1
    here("close pool")


def user(pool: Annotated[int, Use(pool)]) -> Iterator[str]:
    here("open user")
    yield f"user {pool}"
    here("close user")


async def greet(user: Annotated[str, Use(user)]) -> str:
    here("view")
    return user


async def fails(user: Annotated[str, Use(user)]) -> str:
    raise ValueError


@pytest.fixture(autouse=True)
def no_events() -> None:
    EVENTS.clear()


async def hop(request: object, call: Callable[[], Any]) -> Any:
    EVENTS.append("to")
    return await asyncio.to_thread(call)


def ask(binder: Binder, view: Callable[..., Any]) -> Any:
    return asyncio.run(binder.bind(view).call(EnvironRequest({}), {}))


def test_a_row_of_plain_dependencies_is_one_hop() -> None:
    assert ask(Binder(hop=hop), greet) == "user 3"
    assert [
        *("to", "settings hop", "open connection hop"),
        "open pool loop",
        *("to", "open user hop"),
        "view loop",
        *("to", "close user hop"),
        "close pool loop",
        *("to", "close connection hop"),
    ] == EVENTS


def test_an_error_goes_through_all_of_them() -> None:
    with pytest.raises(ValueError, match=r"^$"):
        ask(Binder(hop=hop), fails)

    assert EVENTS[-2:] == ["error hop", "close connection hop"]


def test_what_never_waits_stays() -> None:
    binder = Binder(hop=hop, stays=lambda function: function is user)

    ask(binder, greet)

    assert EVENTS[2:5] == [
        "open connection hop",
        "open pool loop",
        "open user loop",
    ]


def test_plain_views_and_calls_outside_have_no_hops() -> None:
    def plain(settings: Annotated[int, Use(settings)]) -> int:
        return settings

    binder = Binder(hop=hop)

    assert binder.bind(plain).call(EnvironRequest({}), {})[0] == b"1"
    assert asyncio.run(binder.call(greet)) == "user 3"
    assert "to" not in EVENTS


def test_a_check_of_a_result_is_made_in_the_hop() -> None:
    binder = Binder(hop=hop, check=True)

    assert ask(binder, greet) == "user 3"
