"""What is made once, for all views that want the same.

A program has many views and few kinds of parameters; `page: int = 1` is read the same
in each. So its reader is made once, and so is the function of views with the same
parameters, which differ in what they call. What was refused is not remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, get_args, get_origin

from ._shape import members, peel, remembered
from ._signature import identity

Made = TypeVar("Made")


class Itself:
    """Stands for an object in a key: is equal to what stands for the same one.

    It keeps the object, whose place in memory is so no other's.
    """

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        """Tell whether both stand for one object."""
        return isinstance(other, Itself) and self.value is other.value

    def __hash__(self) -> int:
        """Return a number that is the object's own."""
        return id(self.value)


def key_of(hint: Any) -> object:
    """Return what is equal for types that are read in the same way.

    `A | B` equals `B | A`, and is not: the first that fits is what a value becomes.
    """
    if type(hint) is type:
        return hint
    if identity(hint) is not hint:
        return Itself(hint)
    return (hint, in_order(hint)) if has_choice(hint) else hint


def in_order(hint: Any) -> object:
    """Return what a type is made of, which is equal in the same order alone."""
    parts = hint if isinstance(hint, list) else get_args(hint)
    made = tuple(map(in_order, parts))
    return made if made or isinstance(hint, list) else hint


@remembered
def has_choice(hint: object) -> bool:
    """Tell whether a type lists values or types, which are equal in any order."""
    base, _ = peel(hint)
    if get_origin(base) is Literal or len(members(base)) > 1:
        return True
    return any(map(has_choice, get_args(base)))


class Once:
    """Keeps what was made, by keys."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[object, Any] = {}

    def get(self, key: object) -> Any:
        """Return what was made for a key; None if nothing was."""
        return self._made.get(key)

    def put(self, key: object, made: object) -> None:
        """Keep what was made for a key."""
        self._made[key] = made

    def of(self, key: object, make: Callable[[], Made]) -> Made:
        """Return what was made for a key, or make it."""
        made: Made | None = self._made.get(key)
        if made is None:
            made = self._made[key] = make()
        return made
