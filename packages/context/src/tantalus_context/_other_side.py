"""What one piece of work has done elsewhere, in variables that its calls share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import ParamSpec, TypeVar

from ._carried import Side
from ._elsewhere import run_in_passage

P = ParamSpec("P")
T = TypeVar("T")


class OtherSide(Side):
    """Context variables of what one piece of work has done elsewhere, call after call.

    A call alone has a copy of the variables, which is gone with it, and with it goes
    what a token of `ContextVar.set()` is good for. Calls of one `OtherSide` share their
    variables: one may set a variable, a later one may reset it. Values go both ways as
    they do for a call alone. Tokens do not: those made here are of no use there.

    It belongs to the `contextvars.Context` in which it was made. A call from another,
    such as that of a carried function, or one during a call that nobody waits for any
    more, is a call alone.
    """

    __slots__ = ()

    def run(
        self, function: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do what `run_elsewhere()` does, in the shared variables."""
        return run_in_passage(self.depart(), partial(function, *args, **kwargs))
