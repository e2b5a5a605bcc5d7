"""Which function answers for an error."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from tantalus_http import (
    class_and_code,
    error_handlers,
    find_error_handler,
    handler_in,
)


class Locked(Forbidden):
    pass


class Base(Exception):
    pass


class Derived(Base):
    pass


def registry(*names: str, scope: str | None = None, into: Any = None) -> Any:
    """Return handlers that are the names of what they are for."""
    made: Any = error_handlers() if into is None else into
    known = {
        kind.__name__: kind for kind in (Exception, HTTPException, Forbidden, Base)
    }
    for name in names:
        kind, code = class_and_code(known.get(name) or int(name))
        made[scope][code][kind] = name if scope is None else f"{scope} {name}"
    return made


@pytest.mark.parametrize(
    ("error", "names", "expected"),
    [
        (Forbidden(), ["Exception", "HTTPException", "403"], "403"),
        (Forbidden(), ["Exception", "HTTPException"], "HTTPException"),
        (Forbidden(), ["Exception"], "Exception"),
        (Forbidden(), ["Base", "404"], None),
        (Locked(), ["403"], "403"),
        (Derived(), ["Exception", "Base"], "Base"),
        (Derived(), ["Exception", "HTTPException"], "Exception"),
        (Derived(), [], None),
    ],
    ids=repr,
)
def test_a_code_goes_before_a_class_and_near_classes_before_far_ones(
    error: Exception, names: list[str], expected: str | None
) -> None:
    found: Any = find_error_handler(registry(*names), error)

    assert found == expected


def test_the_innermost_part_goes_first_but_a_code_before_that() -> None:
    handlers = registry("Exception", "404")
    registry("Exception", scope="shop", into=handlers)
    registry("404", scope="shop.cart", into=handlers)
    scopes = (None, "shop", "shop.cart")

    found: list[Any] = [
        find_error_handler(handlers, error, scopes[:size])
        for error in (NotFound(), Derived())
        for size in (1, 2, 3)
    ]

    assert found == [
        *("404", "404", "shop.cart 404"),
        *("Exception", "shop Exception", "shop Exception"),
    ]


def test_only_classes_that_are_asked_for_are_looked_up() -> None:
    handlers = registry("Exception", "HTTPException")

    found: list[Any] = [
        handler_in(handlers, (None,), None, [kind])
        for kind in (NotFound, HTTPException)
    ]

    assert found == [None, "HTTPException"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (404, (NotFound, 404)),
        (Locked, (Locked, 403)),
        (HTTPException, (HTTPException, None)),
        (Base, (Base, None)),
    ],
    ids=repr,
)
def test_a_code_stands_for_its_class_and_a_class_for_its_code(
    kind: Any, expected: Any
) -> None:
    assert class_and_code(kind) == expected


@pytest.mark.parametrize(
    ("kind", "error", "text"),
    [
        (999, ValueError, "'999' is not a recognized HTTP error code"),
        (Forbidden(), TypeError, "is an instance, not a class"),
        (int, ValueError, "'int' is not a subclass of Exception"),
    ],
    ids=["code", "instance", "class"],
)
def test_a_handler_for_nonsense_is_refused(
    kind: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        class_and_code(kind)
