"""Calls in context variables that may be at work already."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context as Variables
from types import TracebackType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def run_or_stay(
    variables: Variables,
    function: Callable[P, T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Call a function of Python in `variables`; here, if these are at work already.

    Nobody but `variables.run()` knows whether they are, and it tells by refusing.
    """
    try:
        return variables.run(function, *args, **kwargs)
    except RuntimeError as error:
        # Not kept in a variable: it leads to this frame.
        if not _has_one_frame(error.__traceback__):
            raise  # an error of `function`, not the refusal of `run`
    return function(*args, **kwargs)


def _has_one_frame(traceback: TracebackType | None) -> bool:
    return traceback is not None and traceback.tb_next is None


class HereOrIn:
    """Context variables to run steps in; here, if they are at work already."""

    __slots__ = ("_variables",)

    def __init__(self, variables: Variables) -> None:
        self._variables = variables

    def run(self, callable: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `callable` returns there."""
        return run_or_stay(self._variables, callable, *args, **kwargs)
