"""Bodies against what each library says of them alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import pytest
from asking import BODY, environ_of
from hypothesis import given
from hypothesis import strategies as st
from shop import ORDERS, Cat, Dog, Node, Order, Page, Point, Ruled
from strategies import json_values

from tantalus_typed import Binder, Bound, EnvironRequest, Invalid, NotJSON, Problem

KINDS = [*ORDERS, Cat | Dog, Node, Page[Point], Ruled, list[Point], dict[str, Ruled]]


@cache
def bound(number: int) -> Bound:
    def view(value: Any) -> Any:
        return value

    view.__annotations__ = {"value": BODY[KINDS[number]], "return": Any}
    return Binder().bind(view)


def read(number: int, raw: bytes) -> Any:
    """Return what the type of that number makes of a body."""
    return bound(number).call(EnvironRequest(environ_of(body=raw)), {})


def problems_of(number: int, raw: bytes) -> Sequence[Problem] | None:
    """Return what is wrong with a body; None if it is a value."""
    try:
        read(number, raw)
    except (Invalid, NotJSON) as error:
        return error.problems
    return None


orders = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text("ab") | json_values,
        "items": st.lists(
            st.fixed_dictionaries(
                {}, optional={"sku": st.text("ab") | json_values, "count": json_values}
            ),
            max_size=3,
        )
        | json_values,
    },
)


NUMBERS = pytest.mark.parametrize("number", range(len(KINDS)))


@NUMBERS
@given(body=json_values | orders)
def test_any_json_is_a_value_or_explained(number: int, body: object) -> None:
    raw = json.dumps(body).encode()

    problems = problems_of(number, raw)

    assert problems is None or (
        problems and all(leads_into(one.pointer, json.loads(raw)) for one in problems)
    )


@NUMBERS
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_a_value_or_explained(number: int, raw: bytes) -> None:
    problems = problems_of(number, raw)

    assert problems is None or problems


@given(orders)
def test_what_msgspec_takes_is_taken_and_nothing_else(body: object) -> None:
    raw = json.dumps(body).encode()
    try:
        expected: Order | None = msgspec.json.decode(raw, type=Order)
    except msgspec.DecodeError:
        expected = None

    taken = None if problems_of(0, raw) else read(0, raw)

    assert KINDS[0] is Order
    assert taken == expected


def leads_into(pointer: str | None, value: Any) -> bool:
    """Tell whether a pointer is one; its last step may be what is missing."""
    assert pointer is not None
    assert pointer.startswith("#")
    steps = pointer.split("/")[1:]
    for step in steps[:-1]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return True
