"""Today's context variables, taken to where a function runs."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import Context as Variables
from contextvars import copy_context
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, TypeVar

from ._steps import AsyncSteps, Steps, inside, relay
from ._teardown import place_of

P = ParamSpec("P")
R = TypeVar("R")

# Any: what kind of function it is gets known when `carry()` looks at it.
AnyFunction: TypeAlias = Callable[..., Any]


def carry(function: Callable[P, R]) -> Callable[P, R]:
    """Return `function` bound to the context variables as they are now.

    Wherever it is called (another thread, an executor, a task), it sees what is
    current here. Each call has a copy of its own: calls may run at the same time and
    change nothing for each other or for the caller. The steps of coroutines and of
    generators, of both kinds, run in that copy too.

    A context that is current is seen, not kept: it is torn down when its work ends
    here, be the call over or not. Push it in the function to keep it.

    Raises:
        TypeError: `function` is none, but perhaps what one has returned.
    """
    if not callable(function):
        raise TypeError(
            f"Cannot carry {place_of(function)}: it cannot be called. Pass the"
            " function itself, not what a call of it returns."
        )
    variables = copy_context()
    for is_kind, bind in _BINDERS:
        # An object may be called as a function, by a method of its class.
        if is_kind(function) or is_kind(type(function).__call__):
            return wraps(function)(bind(function, variables))
    return wraps(function)(_bind_plain(function, variables))


def _bind_plain(function: AnyFunction, variables: Variables) -> AnyFunction:
    def carried(*args: Any, **kwargs: Any) -> Any:
        return variables.copy().run(function, *args, **kwargs)

    return carried


def _bind_coroutine(function: AnyFunction, variables: Variables) -> AnyFunction:
    async def carried(*args: Any, **kwargs: Any) -> Any:
        return await inside(variables.copy(), function, *args, **kwargs)

    return carried


def _bind_generator(function: AnyFunction, variables: Variables) -> AnyFunction:
    def carried(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        return (yield from Steps(function(*args, **kwargs), variables.copy()))

    return carried


def _bind_async_generator(function: AnyFunction, variables: Variables) -> AnyFunction:
    def carried(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        return relay(AsyncSteps(function(*args, **kwargs), variables.copy()))

    return carried


_BINDERS = (
    (inspect.iscoroutinefunction, _bind_coroutine),
    (inspect.isgeneratorfunction, _bind_generator),
    (inspect.isasyncgenfunction, _bind_async_generator),
)
