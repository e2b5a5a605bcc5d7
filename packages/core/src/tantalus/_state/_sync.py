"""Calling views and hooks that may be coroutine functions, from a WSGI worker."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Protocol

Function = Callable[..., Any]


class MakesSynchronous(Protocol):
    """What `SynchronousCalls` asks of an app."""

    def ensure_sync(self, func: Function, /) -> Function:
        """Return a function that may be called without awaiting."""
        ...


class SynchronousCalls(dict[Function, Function]):
    """Views and hooks by what to call instead of them, found out once for each.

    The app's `ensure_sync` is asked, so an override of it counts.
    """

    def __init__(self, app: MakesSynchronous) -> None:
        # The app holds this dict: a reference back would be a cycle.
        self._app: MakesSynchronous = weakref.proxy(app)

    def __missing__(self, function: Function) -> Function:
        call = self[function] = self._app.ensure_sync(function)
        return call


def async_to_sync(function: Function) -> Function:
    """Return a function that runs a coroutine function to its end.

    Raises:
        RuntimeError: The library that does it is not installed.
    """
    try:
        # Optional: an app without async views does not need it.
        from asgiref.sync import async_to_sync as convert  # noqa: PLC0415 - see above
    except ImportError:
        raise RuntimeError(
            "Async views and hooks need the 'async' extra: pip install"
            " 'tantalus[async]'."
        ) from None
    return convert(function)
