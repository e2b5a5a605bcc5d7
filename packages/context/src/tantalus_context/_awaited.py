"""The teardown of a context, awaited.

It is that of `Context.pop()`, in the same order, with an `await` where a function asks
for one. It takes the way of a context that is used several times: counted, then left.
"""

from __future__ import annotations

from contextvars import Context as Variables
from typing import Protocol

from ._steps import inside
from ._teardown import LEFT, Awaited, Teardown, raise_together
from ._uses import AnyToken, AnyVar, Uses, restore
from ._variables import HereOrIn


class Leaving(Protocol):
    """A context whose last use has ended."""

    variables: Variables | None
    is_entered: bool
    _awaits: bool
    _callbacks: list[Teardown] | None
    _leaving_token: AnyToken
    _var: AnyVar

    async def aleaving(self, error: BaseException | None) -> None:
        """Do what is to be done after the callbacks."""
        ...


async def leave_awaiting(context: Leaving, uses: Uses) -> None:
    """Await the teardown after the last use of `context`, where it does its work."""
    if context.variables is None:
        await _leave(context, uses)
    else:
        await inside(HereOrIn(context.variables), _leave, context, uses)


async def _leave(context: Leaving, uses: Uses) -> None:
    var, error = context._var, uses.error
    stayed = context.variables is not None and var.get(None) is context
    context._leaving_token = uses.first if stayed else var.set(context)
    try:
        errors = await _run_all(context, error)
        try:
            await context.aleaving(error)
        except BaseException as raised:
            errors.append(raised)
        errors += await _run_all(context, error)
        if errors:
            raise_together(errors, LEFT, len(errors), context)
    finally:
        restore(var, context._leaving_token)
        del context._leaving_token
        context.is_entered = context._awaits = False


async def _run_all(
    context: Leaving, error: BaseException | None
) -> list[BaseException]:
    """Do what `run_all()` does, and await those that are coroutine functions."""
    errors: list[BaseException] = []
    while context._callbacks:
        callback = context._callbacks.pop()
        try:
            if isinstance(callback, Awaited):
                await callback.function(error)
            else:
                callback(error)
        except BaseException as raised:
            errors.append(raised)
    return errors
