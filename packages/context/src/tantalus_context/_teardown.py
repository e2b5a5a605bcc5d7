"""Callbacks of which every one runs, whatever the others raise."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any, NoReturn, TypeAlias

#: The text about several errors: how many, of which context.
LEFT = "%d errors when %r was left."

Teardown: TypeAlias = Callable[[BaseException | None], object]


class Awaited:
    """A coroutine function that is registered for an awaited teardown."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[BaseException | None], Any]) -> None:
        self.function = function

    def __call__(self, error: BaseException | None) -> object:
        """Be called by a teardown that awaits nothing.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError(
            f"Cannot await {place_of(self.function)}: the last use of its context"
            " ended without an 'async with' or 'await context.apop()', or in a stream"
            " that was dropped. Close streams, and leave the context last where it was"
            " entered."
        )


def to_be_called(callback: Teardown, awaits: bool) -> Teardown:
    """Return what a teardown is to call for `callback`.

    Args:
        awaits: Whether the teardown awaits coroutine functions.

    Raises:
        TypeError: `callback` cannot be called, or it is a coroutine function, which
            nobody would await.
    """
    if not callable(callback):
        raise TypeError(
            f"Cannot register {place_of(callback)} for teardown: it cannot be called."
            " Pass the function itself, not what a call of it returns."
        )
    if not iscoroutinefunction(callback) and not iscoroutinefunction(
        type(callback).__call__
    ):
        return callback
    if awaits:
        return Awaited(callback)
    raise TypeError(
        f"Cannot register {place_of(callback)} for teardown: it is a coroutine"
        " function, which nobody would await there. Register a plain function, and"
        " await what is asynchronous before the context is left; or enter the context"
        " with 'async with', and register it within."
    )


def run_all(
    callbacks: list[Teardown], error: BaseException | None
) -> list[BaseException]:
    """Call `callbacks`, newest first, until none is left; return what they raised.

    A callback may append further ones to the list, which are called too.
    """
    errors: list[BaseException] = []
    while callbacks:
        try:
            callbacks.pop()(error)
        except BaseException as raised:
            errors.append(raised)
    return errors


def raise_together(errors: list[BaseException], text: str, *values: object) -> NoReturn:
    """Raise the only error as itself, several as a group; empties the list.

    For work that is all done, whatever fails on the way.

    Args:
        text: That of the group, a format for `values` as in logging.
    """
    try:
        if len(errors) == 1:
            raise errors[0]
        raise BaseExceptionGroup(text % values if values else text, tuple(errors))
    finally:
        # Each traceback refers to the frame that holds the list: it would be a cycle.
        errors.clear()


def place_of(function: object) -> str:
    """Return how messages call a function: by where it is written."""
    code = getattr(function, "__code__", None)
    if code is None:
        text = repr(function)
        kind = type(function).__qualname__
        return f"an object of {kind}" if " at 0x" in text else text
    name = getattr(function, "__qualname__", code.co_name)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})"
