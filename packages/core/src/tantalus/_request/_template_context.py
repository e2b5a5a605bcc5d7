"""What the context processors of app and blueprints give to a template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._state._app import AppState
from ..ctx import AppContext


def update_template_context(
    app: AppState, ctx: AppContext, context: dict[str, Any]
) -> None:
    """Add what the context processors give; what the view passed in comes first.

    An error, also that of values which are no mapping, gets a note with the processor.
    """
    request_context = ctx.request_context
    scopes = (None,) if request_context is None else request_context.scopes()
    given = context.copy()
    try:
        for scope in scopes:
            for processor in app.template_context_processors.get(scope, ()):
                context.update(app.synchronous.of(processor)())
    except Exception as error:
        error.add_note(
            f"From the context processor {_place(processor)}. It has to return a"
            " mapping of names to values."
        )
        raise
    context.update(given)


def _place(function: Callable[..., object]) -> str:
    code = getattr(function, "__code__", None)
    if code is None:
        return repr(function)
    return f"{function.__qualname__} ({code.co_filename}:{code.co_firstlineno})"
