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
        # Not put into `__dict__`, which is made when somebody asks for it.
        setattr(instance, self._name, value)
        return value
