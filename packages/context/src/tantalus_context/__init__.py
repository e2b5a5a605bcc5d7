"""Context locals that are torn down once, wherever their work ends.

A `Context` is a unit of work that can be current: pushed and popped, with teardown
that always runs. `proxy()` gives access to the current one, `Namespace` stores what
belongs to it, `carry()` takes today's context variables to another thread or task,
`hold()` keeps a context open while a stream is consumed, `linger()` shows one whose
work is over; `run_steps()` runs a stream in given context variables, and `inside()` a
coroutine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._context import Context
from ._errors import (
    ContextError,
    LeavingError,
    LifespanError,
    NotPushedError,
    PopOrderError,
    WorkersBusyError,
)
from ._namespace import Namespace
from ._proxy import proxy
from ._teardown import raise_together

if TYPE_CHECKING:  # loaded when they are first used: most requests need neither
    from ._active import active_contexts
    from ._carry import carry
    from ._elsewhere import run_elsewhere
    from ._hold import hold
    from ._lifespan import Lifespan
    from ._linger import linger
    from ._other_side import OtherSide
    from ._own_loop import own_loop
    from ._steps import inside, run_steps
    from ._streams import iterate_elsewhere
    from ._workers import Workers

__all__ = [
    "Context",
    "ContextError",
    "LeavingError",
    "Lifespan",
    "LifespanError",
    "Namespace",
    "NotPushedError",
    "OtherSide",
    "PopOrderError",
    "Workers",
    "WorkersBusyError",
    "active_contexts",
    "carry",
    "hold",
    "inside",
    "iterate_elsewhere",
    "linger",
    "own_loop",
    "proxy",
    "raise_together",
    "run_elsewhere",
    "run_steps",
]

# Where each name comes from that is loaded when it is first used.
_LATER = {
    "Lifespan": "_lifespan",
    "OtherSide": "_other_side",
    "Workers": "_workers",
    "active_contexts": "_active",
    "carry": "_carry",
    "hold": "_hold",
    "inside": "_steps",
    "iterate_elsewhere": "_streams",
    "linger": "_linger",
    "own_loop": "_own_loop",
    "run_elsewhere": "_elsewhere",
    "run_steps": "_steps",
}


def __getattr__(name: str) -> object:
    """Import one of the names in `_LATER` when it is first used (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
