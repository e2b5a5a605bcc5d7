"""Generators and coroutines driven step by step inside given context variables.

Between two steps the variables of the caller are in force, untouched. Each step is one
`contextvars.Context.run()`, called `variables.run()` here, because in this package a
context is something else. What runs it may do so in a way of its own (`Runs`).
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from contextvars import Context as Variables
from types import CoroutineType, coroutine
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from ._variables import run_or_stay

P = ParamSpec("P")
T = TypeVar("T")

# Any: what a generator is sent, and what it returns, is between it and its consumer.
Sent: TypeAlias = Any


class Runs(Protocol):
    """Context variables to run something in, such as a `contextvars.Context`."""

    def run(self, callable: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `callable` returns when it is called there."""
        ...


class Steps(Generator[T, Sent, Sent]):
    """An iterator whose steps run in `variables`.

    What the source cannot do (`send`, `throw`, `close`) is done as by a generator that
    makes nothing special of it.
    """

    __slots__ = ("_source", "_variables")

    def __init__(self, source: Iterator[T], variables: Runs) -> None:
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


@overload
def run_steps(
    stream: Iterable[T], variables: Variables
) -> Generator[T, Sent, Sent]: ...
@overload
def run_steps(
    stream: AsyncIterable[T], variables: Variables
) -> AsyncGenerator[T, Sent]: ...
def run_steps(
    stream: Iterable[T] | AsyncIterable[T], variables: Variables
) -> Generator[T, Sent, Sent] | AsyncGenerator[T, Sent]:
    """Return `stream` with each of its steps run in `variables`, and its `close()` too.

    For the body of a response whose beginning ran there: it goes on with what was set,
    and the thread or task that consumes it is left as it is. A stream of both kinds is
    taken for a synchronous one.

    Raises:
        TypeError: `stream` cannot be iterated.
    """
    if isinstance(stream, Iterable):
        return _StepsOf(stream, variables)
    return _AsyncStepsOf(stream, variables)


class _StepsOf(Steps[T]):
    """The steps of an iterable, which is closed itself instead of its iterator."""

    __slots__ = ("_stream",)

    def __init__(self, stream: Iterable[T], variables: Variables) -> None:
        super().__init__(variables.run(iter, stream), variables)
        self._stream = stream

    def __next__(self) -> T:
        # What `send(None)` does, in one frame instead of three.
        return self._variables.run(next, self._source)

    def close(self) -> None:
        """Close the stream, if it can be closed."""
        close = getattr(self._stream, "close", None)
        if close is not None:
            self._variables.run(close)


class AsyncSteps(AsyncGenerator[T, Sent]):
    """The same for an asynchronous iterator."""

    __slots__ = ("_source", "_variables")

    def __init__(self, source: AsyncIterator[T], variables: Runs) -> None:
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


class _AsyncStepsOf(AsyncSteps[T]):
    """The steps of an asynchronous iterable, which is closed itself."""

    __slots__ = ("_stream",)

    def __init__(self, stream: AsyncIterable[T], variables: Variables) -> None:
        # Perhaps by who works there.
        super().__init__(run_or_stay(variables, aiter, stream), variables)
        self._stream = stream

    async def aclose(self) -> None:
        """Close the stream, if it can be closed."""
        close = getattr(self._stream, "aclose", None)
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
    variables: Runs,
    function: Callable[P, Awaitable[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Generator[Any, Any, T]:
    """Await `function(*args, **kwargs)` with every step of it run in `variables`.

    Between two steps the variables of the task are as they were, and nothing that was
    set there is left in them.
    """
    # Whatever it does when it is called, it does there, too.
    awaitable: Any = variables.run(function, *args, **kwargs)
    if type(awaitable) is CoroutineType:
        steps = awaitable
    else:
        steps = variables.run(_steps_of, awaitable)
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


def _steps_of(awaitable: Awaitable[Any]) -> Any:
    """Return what can be sent values and errors while an object is awaited."""
    steps = awaitable.__await__()
    can_resume = hasattr(steps, "send") and hasattr(steps, "throw")
    return steps if can_resume else _awaiting(awaitable)


async def _awaiting(awaitable: Awaitable[T]) -> T:
    return await awaitable
