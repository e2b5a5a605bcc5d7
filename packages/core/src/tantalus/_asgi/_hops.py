"""Calls of one request in the workers beside the loop, and its functions in order.

A hop is a call in a worker that the loop awaits. Those of one request share their
context variables (`OtherSide`), and give back what they have set.
"""

from __future__ import annotations

from asyncio import CancelledError, Future
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Protocol, TypeVar

from tantalus_context import OtherSide

from ._lives import Lives, stays_on_loop

T = TypeVar("T")
Function = Callable[..., Any]


class HasWorkers(Protocol):
    """What has the workers of an app, and knows where its functions run."""

    @property
    def lives(self) -> Lives:
        """Where the functions of the app run."""
        ...

    async def begin(
        self, call: Callable[[], T], side: OtherSide | None = None
    ) -> Future[T]:
        """Return the future of a call that a worker makes."""
        ...


class Hops(Protocol):
    """The context of a request on the loop."""

    side: OtherSide | None

    @property
    def face(self) -> HasWorkers:
        """What has the workers."""
        ...


async def in_worker(
    ctx: Hops, function: Callable[..., T], *args: Any, **kwargs: Any
) -> T:
    """Call a function in a worker, with the context variables of here.

    Who is cancelled meanwhile waits for its end nevertheless: a thread cannot be
    stopped, and no teardown may run beside it.
    """
    if ctx.side is None:
        ctx.side = OtherSide()
    made = await ctx.face.begin(partial(function, *args, **kwargs), ctx.side)
    await ended(made)
    return await made


async def ended(made: Future[Any]) -> None:
    """Wait until a call has ended; then raise that this was cancelled, if it was."""
    cancelled: CancelledError | None = None
    while not made.done():
        over = made.get_loop().create_future()
        made.add_done_callback(partial(_settle, over))
        try:
            await over
        except CancelledError as error:
            cancelled = error
    if cancelled is not None:
        try:
            raise cancelled from made.exception()
        finally:
            del cancelled  # its traceback leads to this frame


def _settle(over: Future[None], made: Future[Any]) -> None:
    if not over.done():
        over.set_result(None)


async def called(ctx: Hops, function: Function, *args: Any, **kwargs: Any) -> Any:
    """Call a function of the user's where it belongs."""
    if ctx.face.lives.stays(function):
        return await awaited(function(*args, **kwargs))
    return await in_worker(ctx, function, *args, **kwargs)


async def called_once(ctx: Hops, function: Function, *args: Any) -> Any:
    """Do so for one that is made for this request: there is nothing to remember."""
    if stays_on_loop(function):
        return await awaited(function(*args))
    return await in_worker(ctx, function, *args)


async def awaited(value: Any) -> Any:
    """Return a value, awaited if it can be."""
    return await value if hasattr(value, "__await__") else value


def rows(ctx: Hops, functions: Iterable[Function]) -> Iterator[tuple[bool, Any]]:
    """Yield functions in order: one that stays on the loop, or a row of others.

    Yields:
        `(True, function)` or `(False, functions)`.
    """
    stays = ctx.face.lives.stays
    row: list[Function] = []
    for function in functions:
        if not stays(function):
            row.append(function)
            continue
        if row:
            yield False, row
            row = []
        yield True, function
    if row:
        yield False, row


# What a worker does with a row.


def first_answer(hooks: Iterable[Function]) -> Any:
    """Call hooks until one answers; return that answer, else None."""
    for hook in hooks:
        answer = hook()
        if answer is not None:
            return answer
    return None


def passed_through(hooks: Iterable[Function], response: Any) -> Any:
    """Return what becomes of a response that each hook is given in turn."""
    for hook in hooks:
        response = hook(response)
    return response


def errors_of(
    functions: Iterable[Function], error: BaseException | None
) -> list[BaseException]:
    """Call all functions with the error of a request; return what they raise."""
    errors: list[BaseException] = []
    for function in functions:
        try:
            function(error)
        except BaseException as raised:
            errors.append(raised)
    return errors
