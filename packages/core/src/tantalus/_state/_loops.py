"""Contexts of an app where an event loop runs: entered there, and left there."""
# ruff: noqa: PLC0415 - asyncio takes its time: most apps do without

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import cache, wraps
from inspect import iscoroutinefunction
from typing import Any, ParamSpec, TypeVar

import tantalus_context as contexts

from ..signals import appcontext_tearing_down, request_tearing_down
from ._app import AppState

P = ParamSpec("P")
T = TypeVar("T")


def is_loop_here() -> bool:
    """Tell whether an event loop runs in this thread."""
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


async def leave(app: AppState, leaving: Callable[[], None]) -> None:
    """Run the teardown of a context; in a worker if it has to be awaited.

    There, `ensure_sync` makes it synchronous without keeping the loop waiting.
    """
    if has_awaited_teardown(app):
        await in_worker(leaving)
    else:
        leaving()


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
