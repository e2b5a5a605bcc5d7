from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tantalus_templating import UnnamedFunction, function_name, registration

Table = dict[str, Callable[..., Any]]


@pytest.fixture
def table() -> Table:
    return {}


@pytest.fixture
def register(table: Table) -> Callable[..., Any]:
    """A decorator of a host, as it is written with `registration`."""

    def add(function: Callable[..., Any], name: str | None) -> None:
        table[function_name(function, name)] = function

    return lambda name=None: registration(add, name)


def shout(text: str) -> str:
    return text.upper()


@pytest.mark.parametrize(
    ("arguments", "name"), [((), "shout"), (("loud",), "loud"), ((None,), "shout")]
)
def test_a_decorator_with_parentheses_takes_a_name(
    table: Table, register: Any, arguments: tuple[str | None, ...], name: str
) -> None:
    decorated = register(*arguments)(shout)

    assert decorated is shout
    assert table == {name: shout}


def test_a_decorator_without_parentheses_uses_the_name_of_the_function(
    table: Table, register: Any
) -> None:
    decorated = register(shout)

    assert decorated is shout
    assert table == {"shout": shout}


def test_a_function_without_a_name_can_be_given_one(
    table: Table, register: Any
) -> None:
    nameless = partial(shout)

    register("loud")(nameless)

    assert table == {"loud": nameless}


@pytest.mark.parametrize("wrong", [partial(shout), 7, object()])
def test_what_has_no_name_or_is_no_function_is_refused(
    register: Any, wrong: object
) -> None:
    with pytest.raises(UnnamedFunction, match="cannot be registered for templates"):
        register(wrong)


def test_something_named_that_is_no_function_is_refused(register: Any) -> None:
    with pytest.raises(UnnamedFunction, match=r"^7 cannot be registered"):
        register("seven")(7)
