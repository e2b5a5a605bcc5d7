"""Values of context variables taken from one place of work to another.

A token is valid only in the `contextvars.Context` in which it was made, and no thread
can work in one in which another thread is. So a piece of work that goes on in another
thread does so in a second one, and the values go there and back: copied, and unset
where they are unset on the other side.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from contextvars import Context as Variables
from contextvars import ContextVar, Token
from typing import Any, TypeAlias

# Any: variables of every kind, known only to who declared them.
Tokens: TypeAlias = MutableMapping[ContextVar[Any], Token[Any]]


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
