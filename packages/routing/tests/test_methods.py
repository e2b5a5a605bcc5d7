"""Which methods a route answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tantalus_routing import route_methods


@pytest.mark.parametrize(
    ("said", "given", "automatic", "expected"),
    [
        ({}, None, None, ({"GET", "OPTIONS"}, True)),
        ({}, ["put"], None, ({"PUT", "OPTIONS"}, True)),
        ({}, [], None, ({"OPTIONS"}, True)),
        ({}, ["OPTIONS"], None, ({"OPTIONS"}, False)),
        ({}, None, False, ({"GET"}, False)),
        ({"methods": ["POST"]}, None, None, ({"POST", "OPTIONS"}, True)),
        ({"methods": ["POST"]}, ["PUT"], None, ({"PUT", "OPTIONS"}, True)),
        ({"methods": None}, None, None, ({"GET", "OPTIONS"}, True)),
        ({"required_methods": ["LOCK"]}, None, False, ({"GET", "LOCK"}, False)),
        ({"provide_automatic_options": False}, None, None, ({"GET"}, False)),
        ({"provide_automatic_options": False}, None, True, ({"GET", "OPTIONS"}, True)),
    ],
    ids=repr,
)
def test_what_is_given_goes_before_what_the_view_says(
    said: dict[str, Any],
    given: list[str] | None,
    automatic: bool | None,
    expected: tuple[set[str], bool],
) -> None:
    assert route_methods("/", SimpleNamespace(**said), given, automatic) == expected


def test_options_may_be_left_alone_by_default() -> None:
    answered = route_methods("/", None, None, automatic_by_default=False)

    assert answered == ({"GET"}, False)


@pytest.mark.parametrize("said", [None, "POST"], ids=["given", "of the view"])
def test_one_text_is_refused_as_its_letters_would_be_methods(said: str | None) -> None:
    view = SimpleNamespace(methods=said)

    with pytest.raises(TypeError, match=r"Rule '/x': methods='POST' is one text"):
        route_methods("/x", view, None if said else "POST")
