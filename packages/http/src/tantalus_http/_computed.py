"""Attributes that cost nothing until somebody reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class computed(Generic[T]):  # noqa: N801 - reads as the decorator it is
    """An attribute computed when first read, then kept; it may be assigned to.

    Unlike `functools.cached_property` it takes no lock: a request belongs to one
    thread.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__
        # Classes where an instance may be given the value as an attribute.
        self._settable: set[type] = set()

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object, owner: type) -> T | Self:
        if instance is None:
            return self
        compute = self._compute
        value = compute(instance)
        if owner in self._settable or self._is_settable(owner):
            # The dict of attributes is not made for it.
            setattr(instance, self._name, value)
        else:
            instance.__dict__[self._name] = value
        return value

    def _is_settable(self, owner: type) -> bool:
        """Tell whether nothing that a subclass has is in the way of setting it."""
        set_attribute: object = owner.__setattr__
        if (
            getattr(owner, self._name) is not self
            or set_attribute is not object.__setattr__
        ):
            return False
        self._settable.add(owner)
        return True
