"""Decorators that register a function by name, written with or without parentheses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from ._errors import UnnamedFunction

# Filters, tests and globals take and return whatever the templates give them.
F = TypeVar("F", bound=Callable[..., Any])


@overload
def registration(add: Callable[[F, str | None], object], name: F) -> F: ...


@overload
def registration(
    add: Callable[[F, str | None], object], name: str | None = None
) -> Callable[[F], F]: ...


def registration(
    add: Callable[[F, str | None], object], name: F | str | None = None
) -> F | Callable[[F], F]:
    """Return what a decorator returns that calls `add(function, name)`.

    Args:
        name: What the decorator was given: the function itself when it was written
            without parentheses, else the name wanted, or none for the function's own.
    """
    if name is not None and not isinstance(name, str):
        add(name, None)
        return name

    def decorate(function: F) -> F:
        add(function, name)
        return function

    return decorate


def function_name(function: Callable[..., object], name: str | None = None) -> str:
    """Return `name`, or the name `function` was defined by.

    Raises:
        UnnamedFunction: It is not callable, or has no name, as a `partial` has none.
    """
    own = name or getattr(function, "__name__", None)
    if not callable(function) or own is None:
        raise UnnamedFunction(function)
    return own
