"""Calling views and hooks that may be coroutine functions, from a WSGI worker."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

import tantalus_context as contexts

from .._ground._current import current

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
        #: What was put in the place of functions, as it is to be awaited.
        self.instead: dict[int, Function] = {}

    def learn(self, function: Function) -> Function:
        """Return what to call instead of `function`, and remember it.

        The app's `ensure_sync` is asked, so an override of it counts.
        """
        call = self._app.ensure_sync(function)
        if len(self._functions) < MOST_REMEMBERED:
            self._functions.append(function)
            self[id(function)] = call
        return call

    def put(self, function: Function, call: Function) -> None:
        """Have `call` called, or awaited, instead of `function` from now on."""
        self._functions.append(function)
        self.instead[id(function)] = call
        self[id(function)] = self._app.ensure_sync(call)

    def of(self, function: Function) -> Function:
        """Return what to call instead of `function`."""
        return self.get(id(function)) or self.learn(function)


def async_to_sync(function: Function) -> Function:
    """Return a function that runs a coroutine function to its end.

    It runs on the loop of the server where this thread is a worker of one, else on the
    one of this process. What a context has run so shares its context variables: a hook
    may set one that a later hook resets.
    """

    @wraps(function)
    def run_to_end(*args: Any, **kwargs: Any) -> Any:
        context: Any = current.get(None)
        if context is None:
            return contexts.run_elsewhere(function, *args, **kwargs)
        return context.other_side_of(function).run(function, *args, **kwargs)

    return run_to_end
