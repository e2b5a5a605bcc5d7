"""WSGI or ASGI: which of the two an application speaks."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from inspect import iscoroutinefunction
from typing import Any, Literal, TypeAlias

from ._errors import ProtocolUnknown

# The values of a scope and of a message are of many types, which ASGI describes.
Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApplication: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
# What is called as one protocol or the other has no type of its own.
Application: TypeAlias = Callable[..., Any]
ProtocolName: TypeAlias = Literal["wsgi", "asgi", "both"]
KNOWN: dict[str, ProtocolName] = {"wsgi": "wsgi", "asgi": "asgi"}


def protocol_of(
    application: Application, where: str, given: str | None = None
) -> ProtocolName:
    """Return which protocol an application speaks, by how it can be called.

    What can be called as both, as a decorator makes of anything, speaks WSGI: of what
    speaks ASGI nearly all is seen to be a coroutine function.

    Args:
        where: How messages call its place.
        given: What the programmer says, and what is true then.

    Raises:
        TypeError: It cannot be called.
        ProtocolUnknown: It can be called as neither, or `given` is neither.
    """
    if not callable(application):
        raise TypeError(
            f"{application!r}, {where}, cannot be called. Pass a WSGI or an ASGI"
            " application."
        )
    if given is not None:
        if given not in KNOWN:
            raise ProtocolUnknown(application, where, f"{given!r} is neither")
        return KNOWN[given]
    if is_coroutine(application):
        return "asgi"
    wsgi, asgi = takes(application, 2), takes(application, 3)
    if wsgi and asgi and hasattr(application, "asgi_app"):
        return "both"
    if not wsgi and not asgi:
        problem = "it takes neither two arguments nor three"
        raise ProtocolUnknown(application, where, problem)
    return "wsgi" if wsgi else "asgi"


def is_coroutine(function: Application) -> bool:
    """Return whether calling it makes a coroutine, as far as can be seen."""
    return iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__)


def takes(function: Application, arguments: int, *names: str) -> bool:
    """Return whether it can be called with so many arguments and these by name.

    A decorator may take others than what it says to have wrapped.
    """
    return any(fits(function, follow, arguments, names) for follow in (True, False))


def fits(
    function: Application, follow: bool, arguments: int, names: Iterable[str]
) -> bool:
    """Return whether a call fits the signature, or there is none to be seen."""
    try:
        signature = inspect.signature(function, follow_wrapped=follow)
    except (TypeError, ValueError):
        return True  # written in C, and tells nothing
    try:
        signature.bind(*range(arguments), **dict.fromkeys(names))
    except TypeError:
        return False
    return True
