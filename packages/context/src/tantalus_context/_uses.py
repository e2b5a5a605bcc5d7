"""The bookkeeping of a context: what its pushes replaced, and who still uses it."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Any, TypeAlias

# Any: each family of contexts has its own type, known only where it is declared.
AnyVar: TypeAlias = ContextVar[Any]
AnyToken: TypeAlias = Token[Any]


class Uses:
    """The uses of a context that is pushed several times or held.

    Attributes:
        first: The token of the first push. Where the context stays current after its
            last pop, that of the push that keeps it so.
    """

    __slots__ = ("error", "first", "holds", "tokens")

    def __init__(self, first: AnyToken) -> None:
        self.first = first
        self.tokens = [first]
        self.holds = 0
        self.error: BaseException | None = None

    def unbind(self, var: AnyVar) -> AnyToken:
        """Drop the newest push made in this thread or task; restore what was before.

        If all were made elsewhere, drop the newest of all.

        Returns:
            The token of that push.
        """
        for token in reversed(self.tokens):
            try:
                var.reset(token)
            except ValueError:  # of another thread or task
                continue
            self.tokens.remove(token)
            return token
        restore(var, self.tokens[-1])
        return self.tokens.pop()

    def replace(self, old: AnyToken, new: AnyToken) -> None:
        """Let the push that gave `old` be the one that gave `new`."""
        self.tokens[self.tokens.index(old)] = new
        if self.first is old:
            self.first = new

    def are_over(self, error: BaseException | None) -> bool:
        """Tell whether no use is left, after one that ended with `error`."""
        if self.tokens:
            return False
        # Only held streams can follow: the first error is that of the work itself.
        if self.error is None:
            self.error = error
        return not self.holds


def restore(var: AnyVar, token: AnyToken) -> None:
    """Make current again what was so before the push that gave `token`."""
    try:
        var.reset(token)
    except ValueError:  # made in another thread or task
        set_again(var, token)


def set_again(var: AnyVar, token: AnyToken) -> None:
    """Do so where `token` is of another thread or task."""
    var.set(None if token.old_value is Token.MISSING else token.old_value)
