"""Attributes of an object that stand for settings in its config."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, Self, TypeVar, overload

T = TypeVar("T")


class HasConfig(Protocol):
    """What `ConfigAttribute` sits on: an object with its settings in `config`."""

    @property
    def config(self) -> dict[str, Any]:
        """The settings by name; read and written."""
        ...


class ConfigAttribute(Generic[T]):
    """An attribute that reads and writes the config key `name` of its object.

    Args:
        get_converter: Applied to the stored value at each read.
    """

    def __init__(
        self, name: str, get_converter: Callable[[Any], T] | None = None
    ) -> None:
        self.__name__ = name
        self.get_converter = get_converter

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Self: ...

    @overload
    def __get__(self, obj: HasConfig, owner: Any = None) -> T: ...

    def __get__(self, obj: HasConfig | None, owner: Any = None) -> T | Self:
        if obj is None:
            return self
        value = obj.config[self.__name__]
        if self.get_converter is None:
            # The type parameter states what the key holds.
            return value  # type: ignore[no-any-return]
        try:
            return self.get_converter(value)
        except (TypeError, ValueError) as err:
            err.add_note(f"The config key {self.__name__!r} is {value!r}.")
            raise

    def __set__(self, obj: HasConfig, value: Any) -> None:
        obj.config[self.__name__] = value
