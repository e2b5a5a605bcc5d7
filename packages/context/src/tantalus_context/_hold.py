"""A context kept open while a stream is consumed.

A hold counts as one more use of the context, so that its teardown waits. The stream's
steps run in variables of their own, in which the context is current; the thread or task
that consumes the stream never sees it. Hence nothing is left behind on a worker if the
stream is dropped half-way: the hold ends, at the latest, when it is collected.
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
from contextvars import copy_context
from typing import Any, TypeVar, overload

from ._context import Context, keep, release
from ._steps import AsyncSteps, Sent, Steps, relay

T = TypeVar("T")


@overload
def hold(stream: AsyncIterable[T], context: Context) -> AsyncGenerator[T, Sent]: ...
@overload
def hold(stream: Iterable[T], context: Context) -> Generator[T, Sent, Sent]: ...
def hold(
    stream: Iterable[T] | AsyncIterable[T], context: Context
) -> Generator[T, Sent, Sent] | AsyncGenerator[T, Sent]:
    """Return `stream`, with `context` current in it and kept open until it ends.

    The hold begins now and ends once, in whatever thread: when the stream is exhausted,
    raises, is closed, or is dropped and collected. The teardown of `context`, if no
    other use of it is left, is given the error of the stream; `GeneratorExit` if the
    stream began and did not end. What it raises while being collected goes to
    `sys.unraisablehook`.

    Raises:
        ContextError: `context` is not entered, or is being torn down.
        TypeError: `stream` cannot be iterated.
    """
    if isinstance(stream, AsyncIterable):
        return _AsyncHeldStream(stream, _Lease(context))
    if isinstance(stream, Iterable):
        return _HeldStream(stream, _Lease(context))
    raise TypeError(
        f"Cannot hold {context!r} for {stream!r}: it is not iterable."
        " Call a generator function and pass what it returns."
    )


class _Lease:
    """One hold of a context, with the variables in which it is current."""

    __slots__ = ("_context", "began", "variables")

    def __init__(self, context: Context) -> None:
        self.began = False
        keep(context)
        self._context = context
        self.variables = copy_context()
        if self.variables.get(context.var) is not context:
            self.variables.run(context.var.set, context)

    @property
    def is_over(self) -> bool:
        return not hasattr(self, "_context")

    def end(self, error: BaseException | None) -> None:
        """End the hold; further calls do nothing."""
        try:
            context = self._context
            del self._context  # one atomic step: who does it ends the hold
        except AttributeError:
            return
        self.variables.run(release, context, error)

    def abandonment(self) -> BaseException | None:
        """Return what ends a stream that is dropped: an error only if it has begun."""
        return GeneratorExit() if self.began else None

    def __del__(self) -> None:
        self.end(self.abandonment())


class _HeldStream(Steps[T]):
    """A stream with the lease that lasts as long."""

    __slots__ = ("__weakref__", "_lease")

    def __init__(self, stream: Iterable[T], lease: _Lease) -> None:
        super().__init__(lease.variables.run(iter, stream), lease.variables)
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
        super().__init__(lease.variables.run(aiter, stream), lease.variables)
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
            self._lease.end(raised)
            raise
        self._lease.end(error)


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
