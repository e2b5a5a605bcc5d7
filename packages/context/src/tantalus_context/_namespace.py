"""Storage for whatever belongs to one context."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

# Any: users store what they like under names of their own.
Value: TypeAlias = Any

_ABSENT = object()


class Namespace:
    """An object with free attributes and a few methods of a dict.

    `name in namespace` tells whether an attribute is set; iteration gives the names in
    the order in which they were first set.
    """

    def get(self, name: str, default: Value = None) -> Value:
        """Return the attribute `name`, or `default` if it is not set."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Value = _ABSENT) -> Value:
        """Remove the attribute `name` and return its value.

        Args:
            default: Returned if the attribute is not set.

        Raises:
            KeyError: It is not set and there is no default.
        """
        if default is _ABSENT:
            return self.__dict__.pop(name)
        return self.__dict__.pop(name, default)

    def setdefault(self, name: str, default: Value = None) -> Value:
        """Return the attribute `name`, set to `default` first if it is not set."""
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __getattr__(self, name: str) -> Value:
        # Called only for names that are not set.
        raise AttributeError(
            f"{name!r} is not set on this {type(self).__name__}."
            f" Set it first, or read it with get({name!r}).",
            name=name,
            obj=self,
        )

    if TYPE_CHECKING:
        # Any attribute may be set and deleted, which Python does by itself. A method
        # for either would make setting take twice as long.

        def __setattr__(self, name: str, value: Value) -> None: ...

        def __delattr__(self, name: str) -> None: ...

    def __repr__(self) -> str:
        # Names only: values may be large, or secret.
        return f"<{type(self).__name__}: {', '.join(self.__dict__) or 'empty'}>"
