"""A stand-in for what is current, or for an attribute of it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, overload

from werkzeug.local import LocalProxy as AnyProxy

T = TypeVar("T")

# Any: the type of an attribute is known to the caller, who annotates the proxy.
Attribute: TypeAlias = Any

# What a proxy has itself; Werkzeug decides what of it stands for something else.
_OWN = frozenset(dir(AnyProxy))
# How objects are marked as coroutine functions, by `inspect` and `asyncio`.
_MARKERS = ("_is_coroutine", "_is_coroutine_mark", "_is_coroutine_marker")


def _unbound(name: str, error: RuntimeError) -> Exception:
    """Return what to raise for attribute `name` where nothing is current."""
    if (name[:2] == name[-2:] == "__") or name in _MARKERS:
        return AttributeError(f"{name!r} is not there. {error}", name=name)
    return error


def _reader(var: ContextVar[Any], unbound_message: str) -> Callable[[], Any]:
    """Return a function that gives the value of `var`, or says that there is none."""

    def current() -> Any:
        value = var.get(None)
        if value is None:
            raise RuntimeError(unbound_message)
        return value

    return current


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
        AttributeError: Instead, for what tools ask of any object that they find in a
            module (`inspect`, `doctest`, `unittest.mock`): they want no current value.
    """
    get = var.get
    select = _itself if attribute is None else attrgetter(attribute)
    current = _reader(var, unbound_message)

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
            try:
                target = select(get(None) or current())
            except RuntimeError as error:
                raise _unbound(name, error) from None
            return getattr(target, name)

        # Python asks here when the other method has raised an AttributeError.
        __getattr__ = __getattribute__

        def __setattr__(self, name: str, value: Attribute) -> None:
            setattr(select(get(None) or current()), name, value)

        def __getitem__(self, key: Any) -> Attribute:
            return select(get(None) or current())[key]

        def __setitem__(self, key: Any, value: Attribute) -> None:
            select(get(None) or current())[key] = value

        def __contains__(self, key: Any) -> bool:
            return key in read()

    return LocalProxy(read, unbound_message=unbound_message)
