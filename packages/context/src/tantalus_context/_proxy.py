"""A stand-in for what is current, or for an attribute of it."""

from __future__ import annotations

from contextvars import ContextVar
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, overload

from werkzeug.local import LocalProxy as AnyProxy

T = TypeVar("T")

# Any: the type of an attribute is known to the caller, who annotates the proxy.
Attribute: TypeAlias = Any

# What a proxy has itself; Werkzeug decides what of it stands for something else.
_OWN = frozenset(dir(AnyProxy))


def _itself(value: T) -> T:
    return value


@overload
def proxy(var: ContextVar[T], *, unbound_message: str) -> T: ...
@overload
def proxy(
    var: ContextVar[Any], attribute: str, *, unbound_message: str
) -> Attribute: ...
def proxy(
    var: ContextVar[Any], attribute: str | None = None, *, unbound_message: str
) -> Attribute:
    """Return an object that behaves like the current value of `var`.

    It is a werkzeug `LocalProxy`, typed as what it stands for: `_get_current_object()`
    gives the object itself, `bool(proxy)` is false where nothing is current.

    Args:
        attribute: Stand for this attribute of the value instead.
        unbound_message: Text of the error raised where nothing is current.

    Raises:
        RuntimeError: On every use of the proxy where `var` is not set, or `None`.
    """
    get = var.get
    select = _itself if attribute is None else attrgetter(attribute)

    def current() -> Attribute:
        value = get(None)
        if value is None:
            raise RuntimeError(unbound_message)
        return value

    def read() -> Attribute:
        return select(get(None) or current())

    class LocalProxy(AnyProxy[Any]):
        """Does what views do most in one step instead of five.

        An attribute that is missing is looked up twice: Python calls `__getattr__`.
        """

        __slots__ = ()

        # The methods do as `read()` does without calling it, for they are used most.

        def __getattribute__(self, name: str) -> Attribute:
            if name in _OWN:
                return object.__getattribute__(self, name)
            return getattr(select(get(None) or current()), name)

        def __setattr__(self, name: str, value: Attribute) -> None:
            setattr(select(get(None) or current()), name, value)

        def __getitem__(self, key: Any) -> Attribute:
            return select(get(None) or current())[key]

        def __setitem__(self, key: Any, value: Attribute) -> None:
            select(get(None) or current())[key] = value

        def __contains__(self, key: Any) -> bool:
            return key in read()

    return LocalProxy(read, unbound_message=unbound_message)
