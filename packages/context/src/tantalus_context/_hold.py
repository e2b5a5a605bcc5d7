"""A context kept open while a stream is consumed.

A hold counts as one more use of the context, so that its teardown waits. The stream's
steps run in variables of their own, in which the context is current; the thread or task
that consumes the stream never sees it. Hence nothing is left behind on a worker if the
stream is dropped half-way: the hold ends, at the latest, when it is collected.

Those variables are a copy of today's, unless the context does its work in some of its
own: then the stream and the teardown run in these, where tokens of that work are valid.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Generator,
    Iterable,
)
from contextvars import Context as Variables
from contextvars import copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar, overload

from ._context import Context, arelease, keep, release
from ._steps import AsyncSteps, Sent, Steps, inside, relay
from ._variables import run_or_stay

P = ParamSpec("P")
T = TypeVar("T")


@overload
def hold(stream: Iterable[T], context: Context) -> Generator[T, Sent, Sent]: ...
@overload
def hold(stream: AsyncIterable[T], context: Context) -> AsyncGenerator[T, Sent]: ...
def hold(
    stream: Iterable[T] | AsyncIterable[T], context: Context
) -> Generator[T, Sent, Sent] | AsyncGenerator[T, Sent]:
    """Return `stream`, with `context` current in it and kept open until it ends.

    The hold begins now and ends once, in whatever thread: when the stream is exhausted,
    raises, is closed, or is dropped and collected. The teardown of `context`, if no
    other use of it is left, is given the error of the stream; `GeneratorExit` if the
    stream began and did not end. What it raises while being collected goes to
    `sys.unraisablehook`.

    The steps of the stream run in `context.variables`, or else in a copy of the context
    variables of now.

    Raises:
        ContextError: `context` is not entered, or is being torn down.
        TypeError: `stream` cannot be iterated.
    """
    if isinstance(stream, Iterable):  # perhaps for both kinds of consumers
        return _HeldStream(stream, _lease(context))
    if isinstance(stream, AsyncIterable):
        return _AsyncHeldStream(stream, _lease(context))
    raise TypeError(
        f"Cannot hold {context!r} for {stream!r}: it is not iterable."
        " Call a generator function and pass what it returns."
    )


class _Lease:
    """One hold of a context, and the variables in which it is current for the stream.

    These are copied for the stream alone, so that nobody else ever runs there.
    """

    __slots__ = ("_is_open", "began", "context", "variables")

    def __init__(self, context: Context) -> None:
        self.began = False
        keep(context)
        self._is_open = True
        self.context = context
        self.variables = self._find_variables()

    @property
    def is_over(self) -> bool:
        return not hasattr(self, "_is_open")

    def run(self, callable: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `callable` returns where the context is current."""
        return self.variables.run(callable, *args, **kwargs)

    def end(self, error: BaseException | None) -> None:
        """End the hold; further calls do nothing."""
        try:
            del self._is_open  # one atomic step: who does it ends the hold
        except AttributeError:
            return
        self._release(error)

    async def aend(self, error: BaseException | None) -> None:
        """Do so, and await the teardown if it is the last use of the context."""
        try:
            del self._is_open
        except AttributeError:
            return
        await self._arelease(error)

    def abandonment(self) -> BaseException | None:
        """Return what ends a stream that is dropped: an error only if it has begun."""
        return GeneratorExit() if self.began else None

    def __del__(self) -> None:
        self.end(self.abandonment())

    def _find_variables(self) -> Variables:
        variables = copy_context()
        if variables.get(self.context.var) is not self.context:
            variables.run(self.context.var.set, self.context)
        return variables

    def _release(self, error: BaseException | None) -> None:
        self.variables.run(release, self.context, error)

    async def _arelease(self, error: BaseException | None) -> None:
        await inside(self.variables, arelease, self.context, error)


class _LeaseAtHome(_Lease):
    """The same for a context that does its work in variables of its own.

    A stream may be consumed while that work goes on, in the midst of these variables.
    """

    __slots__ = ()

    def run(self, callable: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        context = self.context
        if context.var.get(None) is context and not context.lingers:
            return callable(*args, **kwargs)
        step = partial(callable, *args, **kwargs)
        return run_or_stay(self.variables, _while_current, context, step)

    def _find_variables(self) -> Variables:
        variables = self.context.variables
        assert variables is not None
        return variables

    def _release(self, error: BaseException | None) -> None:
        release(self.context, error)

    async def _arelease(self, error: BaseException | None) -> None:
        await arelease(self.context, error)


def _lease(context: Context) -> _Lease:
    return _Lease(context) if context.variables is None else _LeaseAtHome(context)


def _while_current(context: Context, step: Callable[[], T]) -> T:
    """Call `step` with `context` current, whatever was so before."""
    token = context.var.set(context)
    try:
        return step()
    finally:
        context.var.reset(token)


class _HeldStream(Steps[T]):
    """A stream with the lease that lasts as long."""

    __slots__ = ("__weakref__", "_lease")

    def __init__(self, stream: Iterable[T], lease: _Lease) -> None:
        super().__init__(lease.run(iter, stream), lease)
        self._lease = lease

    def __next__(self) -> T:
        """Return the next item, and end the hold if there is none."""
        # What `send(None)` does in one frame instead of five: a page has hundreds.
        lease = self._lease
        if lease.is_over:
            raise StopIteration
        lease.began = True
        try:
            return self._variables.run(next, self._source)
        except StopIteration:
            self._end(None)
            raise
        except BaseException as error:
            self._end(error)
            raise

    def send(self, value: Sent) -> T:
        """Resume the stream with `value`, and end the hold if it ends."""
        if self._lease.is_over:
            raise StopIteration
        return self._step(super().send, value)

    def throw(self, *error: Any) -> T:
        """Raise `error` where the stream stands, and end the hold if it ends."""
        return self._step(super().throw, *error)

    def close(self) -> None:
        """Close the stream and end the hold."""
        if not self._lease.is_over:
            self._end(self._lease.abandonment())

    def __del__(self) -> None:
        # Not set if the stream was not iterable: the lease then ends by itself.
        if hasattr(self, "_lease"):
            self.close()

    def _step(self, resume: Callable[..., T], *arguments: Any) -> T:
        self._lease.began = True
        try:
            return resume(*arguments)
        except StopIteration:
            self._end(None)
            raise
        except BaseException as error:
            self._end(error)
            raise

    def _end(self, error: BaseException | None) -> None:
        try:
            super().close()
        except BaseException as raised:
            self._lease.end(raised)
            raise
        self._lease.end(error)


class _AsyncHeldSteps(AsyncSteps[T]):
    """The same for an asynchronous stream."""

    __slots__ = ("_lease",)

    def __init__(self, stream: AsyncIterable[T], lease: _Lease) -> None:
        super().__init__(lease.run(aiter, stream), lease)
        self._lease = lease

    async def asend(self, value: Sent) -> T:
        return await self._step(super().asend, value)

    async def athrow(self, *error: Any) -> T:
        return await self._step(super().athrow, *error)

    async def aclose(self) -> None:
        if not self._lease.is_over:
            await self._end(self._lease.abandonment())

    async def _step(self, resume: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        self._lease.began = True
        try:
            return await resume(*arguments)
        except StopAsyncIteration:
            await self._end(None)
            raise
        except BaseException as error:
            await self._end(error)
            raise

    async def _end(self, error: BaseException | None) -> None:
        try:
            await super().aclose()
        except BaseException as raised:
            await self._lease.aend(raised)
            raise
        await self._lease.aend(error)


class _AsyncHeldStream(AsyncGenerator[T, Sent]):
    """What the consumer gets: closing it ends the hold even if it never began.

    The relay in between is a native generator, which the event loop knows and closes
    if it is dropped half-way. Without a loop the lease still ends by itself.
    """

    __slots__ = ("__weakref__", "_relay", "_steps")

    def __init__(self, stream: AsyncIterable[T], lease: _Lease) -> None:
        self._steps = _AsyncHeldSteps(stream, lease)
        self._relay = relay(self._steps)

    async def asend(self, value: Sent) -> T:
        """Resume the stream with `value`, and end the hold if it ends."""
        return await self._relay.asend(value)

    async def athrow(self, *error: Any) -> T:
        """Raise `error` where the stream stands, and end the hold if it ends."""
        return await self._relay.athrow(*error)

    async def aclose(self) -> None:
        """Close the stream and end the hold."""
        await self._relay.aclose()
        await self._steps.aclose()
