"""Context locals that are torn down once, wherever their work ends.

A `Context` is a unit of work that can be current: pushed and popped, with teardown
that always runs. `proxy()` gives access to the current one, `Namespace` stores what
belongs to it, `carry()` takes today's context variables to another thread or task,
and `hold()` keeps a context open while a stream is consumed.
"""

from __future__ import annotations

from ._carry import carry
from ._context import Context, active_contexts
from ._errors import ContextError, LeavingError, NotPushedError, PopOrderError
from ._hold import hold
from ._namespace import Namespace
from ._proxy import proxy

__all__ = [
    "Context",
    "ContextError",
    "LeavingError",
    "Namespace",
    "NotPushedError",
    "PopOrderError",
    "active_contexts",
    "carry",
    "hold",
    "proxy",
]
