"""Callbacks of which every one runs, whatever the others raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeAlias

Teardown: TypeAlias = Callable[[BaseException | None], object]


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


def raise_together(errors: list[BaseException], subject: object) -> NoReturn:
    """Raise the only error as itself, several as a group; empties the list."""
    try:
        if len(errors) == 1:
            raise errors[0]
        text = f"{len(errors)} errors when {subject!r} was left."
        raise BaseExceptionGroup(text, errors)
    finally:
        # Each traceback refers to the frame that holds the list: it would be a cycle.
        errors.clear()
