"""Bodies against what each library says of them alone."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from asking import BODY, ask
from hypothesis import given
from hypothesis import strategies as st
from shop import ORDERS, Cat, Dog, Node, Order, Page, Point, Ruled
from strategies import json_values

from tantalus_typed import Invalid, NotJSON

KINDS = [*ORDERS, Cat | Dog, Node, Page[Point], Ruled, list[Point], dict[str, Ruled]]


def taking(kind: Any) -> Any:
    def view(value: Any) -> Any:
        return value

    view.__annotations__ = {"value": BODY[kind], "return": Any}
    return view


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


@pytest.mark.parametrize("kind", KINDS)
@given(body=json_values | orders)
def test_any_json_is_a_value_or_explained(kind: Any, body: object) -> None:
    raw = json.dumps(body).encode()

    try:
        ask(taking(kind), body=raw)
    except (Invalid, NotJSON) as error:
        assert error.problems
        for problem in error.problems:
            assert leads_into(problem.pointer, json.loads(raw))


@pytest.mark.parametrize("kind", [*ORDERS, Node])
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_a_value_or_explained(kind: Any, raw: bytes) -> None:
    try:
        ask(taking(kind), body=raw)
    except (Invalid, NotJSON) as error:
        assert error.problems


@given(orders)
def test_what_msgspec_takes_is_taken(body: object) -> None:
    raw = json.dumps(body).encode()

    try:
        expected = msgspec.json.decode(raw, type=Order)
    except msgspec.DecodeError:
        with pytest.raises((Invalid, NotJSON)):
            ask(taking(Order), body=raw)
    else:
        assert ask(taking(Order), body=raw) == expected


def leads_into(pointer: str | None, value: Any) -> bool:
    """Tell whether a pointer is one; its last step may be what is missing."""
    assert pointer is not None
    assert pointer.startswith("#")
    steps = pointer.split("/")[1:]
    for step in steps[:-1]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return True
