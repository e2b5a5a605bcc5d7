"""Contexts that are entered and not left yet: a tool of development."""

from __future__ import annotations

from ._context import Context
from ._place import recorded
from ._uses import AnyVar


def active_contexts(var: AnyVar | None = None) -> list[Context]:
    """Return the contexts entered now, in any thread, in the order of their pushes.

    Only contexts pushed while `Context.record_pushes` was true are known.

    Args:
        var: Consider only contexts of this variable.
    """
    contexts = (reference() for reference in recorded.valuerefs())
    return [
        context
        for context in contexts
        if context is not None
        and context.is_entered
        and (var is None or context.var is var)
    ]
