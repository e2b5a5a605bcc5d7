"""Defaults of dataclasses, which msgspec leaves to the class where it makes one.

Nobody who reads an attribute notices, but `vars()` and msgspec's own encoder do: what
was read without a field would be answered without it, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache
from typing import Any, get_origin

import msgspec

from ._shape import fields_of, is_attrs, is_pydantic, is_structured, kernel, parts_of

Value = Any  # whatever was read
_MANY = (list, tuple, set, frozenset)


def completing(hint: Any) -> Callable[[Value], None] | None:
    """Return what completes a value of a type in place; None if all of them are."""
    for _, base, _ in parts_of(hint):
        kind = get_origin(kernel(base)) or kernel(base)
        if isinstance(kind, type) and _defaults_of(kind):
            return complete
    return None


def complete(value: Value) -> None:
    """Give dataclasses in a value their defaults: `O(size)`."""
    if isinstance(value, _MANY):
        for one in value:
            complete(one)
    elif isinstance(value, dict):
        for one in value.values():
            complete(one)
    else:
        kind: Any = type(value)
        defaults, inner = _record(kind)
        if defaults:
            own = value.__dict__
            for name, default in defaults:
                own.setdefault(name, default)
        for name in inner:
            complete(getattr(value, name))


@lru_cache(maxsize=4096)
def _record(kind: Any) -> tuple[tuple[tuple[str, Any], ...], tuple[str, ...]]:
    """Return the defaults of a class, and its fields that may hold others."""
    is_record = (
        dataclasses.is_dataclass(kind)
        or is_attrs(kind)
        or issubclass(kind, msgspec.Struct)
    )
    if not is_record or is_pydantic(kind):
        return (), ()
    inner = tuple(one.name for one in fields_of(kind) if is_structured(one.hint))
    return _defaults_of(kind), inner


@lru_cache(maxsize=4096)
def _defaults_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a dataclass that have a value in the class."""
    if not dataclasses.is_dataclass(kind) or is_pydantic(kind):
        return ()
    return tuple(
        (field.name, field.default)
        for field in dataclasses.fields(kind)
        if field.init
        and field.default is not dataclasses.MISSING
        and getattr(kind, field.name, dataclasses.MISSING) is field.default
    )
