"""Generators and coroutines driven step by step inside given context variables.

Between two steps the variables of the caller are in force, untouched. Each step is one
`contextvars.Context.run()`, called `variables.run()` here, because in this package a
context is something else.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
)
from contextvars import Context as Variables
from types import coroutine
from typing import Any, ParamSpec, TypeAlias, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Any: what a generator is sent, and what it returns, is between it and its consumer.
Sent: TypeAlias = Any


class Steps(Generator[T, Sent, Sent]):
    """An iterator whose steps run in `variables`.

    What the source cannot do (`send`, `throw`, `close`) is done as by a generator that
    makes nothing special of it.
    """

    __slots__ = ("_source", "_variables")

    def __init__(self, source: Iterator[T], variables: Variables) -> None:
        self._source = source
        self._variables = variables

    def send(self, value: Sent) -> T:
        """Resume the source with `value`."""
        send: Callable[[Sent], T] | None = getattr(self._source, "send", None)
        if value is None or send is None:
            return self._variables.run(next, self._source)
        return self._variables.run(send, value)

    def throw(self, *error: Any) -> T:
        """Raise `error` where the source stands."""
        throw: Callable[..., T] = getattr(self._source, "throw", super().throw)
        return self._variables.run(throw, *error)

    def close(self) -> None:
        """Close the source."""
        close = getattr(self._source, "close", None)
        if close is not None:
            self._variables.run(close)


class AsyncSteps(AsyncGenerator[T, Sent]):
    """The same for an asynchronous iterator."""

    __slots__ = ("_source", "_variables")

    def __init__(self, source: AsyncIterator[T], variables: Variables) -> None:
        self._source = source
        self._variables = variables

    async def asend(self, value: Sent) -> T:
        """Resume the source with `value`."""
        send = getattr(self._source, "asend", None)
        if value is None or send is None:
            return await inside(self._variables, self._source.__anext__)
        return await inside(self._variables, send, value)

    async def athrow(self, *error: Any) -> T:
        """Raise `error` where the source stands."""
        throw = getattr(self._source, "athrow", super().athrow)
        return await inside(self._variables, throw, *error)

    async def aclose(self) -> None:
        """Close the source."""
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await inside(self._variables, close)


async def relay(steps: AsyncGenerator[T, Sent]) -> AsyncGenerator[T, Sent]:
    """Yield from `steps`: what `yield from` is among synchronous generators.

    A native generator, so that an event loop closes it when it is dropped: the
    `GeneratorExit` of that is thrown into `steps` like any other error.
    """
    try:
        item = await anext(steps)
        while True:
            try:
                sent = yield item
            except BaseException as error:
                item = await steps.athrow(error)
            else:
                item = await steps.asend(sent)
    except StopAsyncIteration:
        return


@coroutine
def inside(
    variables: Variables,
    function: Callable[P, Awaitable[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Generator[Any, Any, T]:
    """Await `function(*args, **kwargs)` with every step of it run in `variables`."""
    steps = _start(function, *args, **kwargs)
    resume: Callable[[Any], Any] = steps.send
    argument: Any = None
    while True:
        try:
            signal = variables.run(resume, argument)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # PEP 479 carries it so
        try:
            argument = yield signal
            resume = steps.send
        except BaseException as error:
            argument = error
            resume = steps.throw


async def _start(
    function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    return await function(*args, **kwargs)
