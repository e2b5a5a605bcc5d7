"""Callbacks of which every one runs, whatever the others raise."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import NoReturn, TypeAlias

#: The text about several errors: how many, of which context.
LEFT = "%d errors when %r was left."

Teardown: TypeAlias = Callable[[BaseException | None], object]


def check_callback(callback: Teardown) -> None:
    """Refuse what a teardown cannot run to its end.

    Raises:
        TypeError: `callback` is a coroutine function, or cannot be called.
    """
    if not callable(callback):
        raise TypeError(
            f"Cannot register {callback!r} for teardown: it cannot be called. Pass the"
            " function itself, not what a call of it returns."
        )
    if iscoroutinefunction(callback) or iscoroutinefunction(type(callback).__call__):
        raise TypeError(
            f"Cannot register {callback!r} for teardown: it is a coroutine function,"
            " which nobody would await there. Register a plain function, and await what"
            " is asynchronous before the context is left."
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
        raise BaseExceptionGroup(text % values if values else text, errors)
    finally:
        # Each traceback refers to the frame that holds the list: it would be a cycle.
        errors.clear()
