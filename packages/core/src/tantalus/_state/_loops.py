"""Contexts of an app where an event loop runs: entered there, and left there."""
# ruff: noqa: PLC0415 - asyncio takes its time: most apps do without

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import cache, partial, wraps
from inspect import iscoroutinefunction
from typing import Any, ParamSpec, TypeVar

import tantalus_context as contexts

from ..signals import (
    appcontext_popped,
    appcontext_tearing_down,
    request_tearing_down,
)
from ._app import AppState

P = ParamSpec("P")
T = TypeVar("T")


_UNSET: Any = object()


class AwaitedContext(contexts.Context):
    """What is awaited of the context of an app: its end."""

    __slots__ = ("_other_side", "known")
    #: Whether what may be awaited is awaited, on the loop of the server.
    is_on_loop = False
    #: What is known of the URL of a request without an environ.
    known: tuple[tuple[str, str | None], str, bool] | None
    _other_side: contexts.OtherSide
    app: AppState
    _host: Any

    def other_side_of(self, function: Callable[..., Any]) -> contexts.OtherSide:
        """Return what the coroutine functions of this context share: `async_to_sync`.

        Args:
            function: One of them, which is to be run to its end.
        """
        try:
            return self._other_side
        except AttributeError:
            self._other_side = contexts.OtherSide()
            return self._other_side

    async def apop(self, exc: BaseException | None = _UNSET) -> None:
        """Do what `pop()` does, and await the teardown."""
        error = sys.exc_info()[1] if exc is _UNSET else exc
        was_entered = self.is_entered
        try:
            await super().apop(error)
        finally:
            if was_entered and appcontext_popped.receivers and self._host is None:
                await appcontext_popped.send_async(self.app, _sync_wrapper=awaitable)

    async def aleaving(self, error: BaseException | None) -> None:
        """Run the teardown functions; in a worker, if they have to be awaited.

        There, `ensure_sync` makes them synchronous without keeping the loop waiting.
        """
        if has_awaited_teardown(self.app):
            await in_worker(partial(self.leaving, error))
        else:
            self.leaving(error)


def is_awaited_here(function: Callable[..., Any]) -> bool:
    """Tell whether this is a coroutine function, where an event loop runs."""
    if not iscoroutinefunction(function):
        return False
    from asyncio import _get_running_loop

    return _get_running_loop() is not None


async def awaited_in(
    context: contexts.Context,
    function: Callable[P, Awaitable[T]],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Await a call in a context of its own."""
    async with context:
        return await function(*args, **kwargs)


def has_awaited_teardown(app: AppState) -> bool:
    """Tell whether a coroutine function has to be run when a context ends."""
    if appcontext_tearing_down.receivers or request_tearing_down.receivers:
        return True  # perhaps
    of_requests = app.teardown_request_funcs.values()
    return any(
        iscoroutinefunction(function)
        for functions in (app.teardown_appcontext_funcs, *of_requests)
        for function in functions
    )


async def in_worker(call: Callable[[], T]) -> T:
    """Make a call in a thread that serves the loop of here, whatever is cancelled."""
    from asyncio import get_running_loop, shield

    return await shield(_workers().run(get_running_loop(), call))


@cache
def _workers() -> contexts.Workers:
    # What ends has to end, however many wait.
    return contexts.Workers(queue_limit=1_000_000)


def awaitable(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return a coroutine function that calls `function`, for signals."""

    @wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)

    return call
