"""A stand-in for what is current, or for an attribute of it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar, overload

from werkzeug.local import LocalProxy

T = TypeVar("T")

# Any: the type of an attribute is known to the caller, who annotates the proxy.
Attribute: TypeAlias = Any


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
    return LocalProxy(
        _reader(var, unbound_message), attribute, unbound_message=unbound_message
    )


def _reader(var: ContextVar[T], unbound_message: str) -> Callable[[], T]:
    get = var.get

    def read() -> T:
        value = get(None)
        if value is None:
            raise RuntimeError(unbound_message)
        return value

    return read
