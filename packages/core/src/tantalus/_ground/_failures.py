"""Errors of things that are all done, whatever fails on the way."""

from __future__ import annotations

from typing import NoReturn


def raise_all(errors: list[BaseException], subject: str) -> NoReturn:
    """Raise the only error as itself, several as a group; empties the list.

    Args:
        subject: What was torn down, for the text of the group.
    """
    try:
        if len(errors) == 1:
            raise errors[0]
        raise BaseExceptionGroup(f"Errors during {subject} teardown", errors)
    finally:
        # Each traceback refers to the frame that holds the list: it would be a cycle.
        errors.clear()
