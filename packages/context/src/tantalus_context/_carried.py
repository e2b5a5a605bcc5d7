"""Values of context variables taken to where a piece of work goes on, and back.

A token is valid only in the `contextvars.Context` in which it was made, and no thread
can work in one in which another thread is. So what a piece of work has done in another
thread is done in a second one, and values go there and back: copied, and unset where
they are unset on the side that they come from.
"""

from __future__ import annotations

from contextlib import suppress
from contextvars import Context as Variables
from contextvars import ContextVar, Token, copy_context
from typing import Any, TypeAlias

# Any: variables of every kind, known only to who declared them.
Tokens: TypeAlias = dict[ContextVar[Any], Token[Any]]


def take_over(source: Variables, tokens: Tokens | None = None) -> None:
    """Give the variables here the values that they have in `source`.

    Args:
        tokens: What earlier calls in this place have set that was not set before; such
            a variable is unset again if it is no longer set in `source`.
    """
    for variable, value in source.items():
        # `source` stands for "not set": nobody has it for a value.
        if variable.get(source) is value:
            continue
        token = variable.set(value)
        if tokens is not None and token.old_value is Token.MISSING:
            tokens[variable] = token
    if tokens:
        for variable in [variable for variable in tokens if variable not in source]:
            variable.reset(tokens.pop(variable))


class Passage:
    """The way of one call to another thread, where it has a copy of the variables."""

    __slots__ = ("variables",)

    def __init__(self) -> None:
        self.variables = copy_context()

    def arrive(self) -> None:
        """Make the variables ready, in the thread that makes the call."""

    def end(self) -> None:
        """Leave the variables; called in them, when the call is over."""

    def give_up(self) -> None:
        """Turn back before the call has begun."""

    def come_back(self) -> None:
        """Set what the call has set, where it was asked for."""
        take_over(self.variables)


# Its tokens tell whether a place is the one in which they were made.
_home: ContextVar[None] = ContextVar("tantalus_context.home")


class Side:
    """Variables that several calls elsewhere share; `OtherSide` tells of it.

    Between two calls they hold nothing but what the calls have set, so that they keep
    nothing alive that is current here.
    """

    __slots__ = ("_here", "_is_busy", "_token", "_variables")

    def __init__(self) -> None:
        self._token = _home.set(None)
        self._variables = Variables()
        self._is_busy = False
        self._here: Tokens = {}

    def depart(self) -> Passage:
        """Return the way of the next call."""
        if self._is_busy or not self._is_home():
            return Passage()
        return _SharedPassage(self)

    def _is_home(self) -> bool:
        try:
            _home.reset(self._token)
        except ValueError:  # it was made in other variables
            return False
        self._token = _home.set(None)
        return True


class _SharedPassage(Passage):
    """The way of a call that shares its variables with others."""

    __slots__ = ("_after", "_before", "_side", "_tokens")

    def __init__(self, side: Side) -> None:
        side._is_busy = True
        self._before = self._after = copy_context()
        self._side = side
        self._tokens: Tokens = {}
        self.variables = side._variables

    def arrive(self) -> None:
        self.variables.run(take_over, self._before, self._tokens)

    def end(self) -> None:
        self._after = copy_context()
        with suppress(ValueError):  # a coroutine that is collected ends elsewhere
            for variable, token in self._tokens.items():
                variable.reset(token)
        self._side._is_busy = False

    def give_up(self) -> None:
        self._side._is_busy = False

    def come_back(self) -> None:
        take_over(self._after, self._side._here)
