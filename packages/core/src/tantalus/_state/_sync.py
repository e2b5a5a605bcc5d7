"""Calling views and hooks that may be coroutine functions, from a WSGI worker."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Protocol

Function = Callable[..., Any]

# More come only from programs that make some anew for each request.
MOST_REMEMBERED = 10_000


class MakesSynchronous(Protocol):
    """What `SynchronousCalls` asks of an app."""

    def ensure_sync(self, func: Function, /) -> Function:
        """Return a function that may be called without awaiting."""
        ...


class SynchronousCalls(dict[int, Function]):
    """What to call instead of views and hooks, found out once for each.

    The keys are the identities of the functions, for a callable object need not have a
    hash, and equals may do different things: a wrapper that checks permissions is equal
    to what it wraps, with some libraries. What is called most is asked for in one step:
    `calls.get(id(hook)) or calls.learn(hook)`.
    """

    def __init__(self, app: MakesSynchronous) -> None:
        # The app holds this dict: a reference back would be a cycle.
        self._app: MakesSynchronous = weakref.proxy(app)
        # Kept alive, so that their identities are given to no others.
        self._functions: list[Function] = []

    def learn(self, function: Function) -> Function:
        """Return what to call instead of `function`, and remember it.

        The app's `ensure_sync` is asked, so an override of it counts.
        """
        call = self._app.ensure_sync(function)
        if len(self._functions) < MOST_REMEMBERED:
            self._functions.append(function)
            self[id(function)] = call
        return call

    def of(self, function: Function) -> Function:
        """Return what to call instead of `function`."""
        return self.get(id(function)) or self.learn(function)


def async_to_sync(function: Function) -> Function:
    """Return a function that runs a coroutine function to its end.

    Raises:
        RuntimeError: The library that does it is not installed.
    """
    try:
        # Optional, and asyncio takes its time: most apps need neither.
        from ._awaiting import running_to_end  # noqa: PLC0415 - see above
    except ImportError:
        raise RuntimeError(
            "Async views and hooks need the 'async' extra: pip install"
            " 'tantalus[async]'."
        ) from None
    return running_to_end(function)
