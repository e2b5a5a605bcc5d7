"""The end of a request on the loop: `_request._teardown`, awaited.

Where no teardown function stays on the loop, a worker runs all of them in one hop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from blinker import Signal

from tantalus_context import raise_together

from .._request._decisions import hooks_of
from .._state._app import AppState
from ..ctx import RequestContext
from ..signals import appcontext_tearing_down, request_tearing_down
from ..wrappers import Request
from ._hops import awaited, errors_of, in_worker, rows
from ._signals import send


def tears_down(app: AppState) -> bool:
    """Tell whether there is anything to call when a request ends."""
    return bool(
        app.teardown_request_funcs
        or app.teardown_appcontext_funcs
        or request_tearing_down.receivers
        or appcontext_tearing_down.receivers
    )


async def leave(ctx: Any, error: BaseException | None) -> None:
    """Do what `RequestContext.leaving()` does, and await it.

    Args:
        ctx: A `LoopContext`.
    """
    app, stays = ctx.app, ctx.face.lives.stays
    of_request = hooks_of(app, ctx, app.teardown_request_funcs)
    of_app = app.teardown_appcontext_funcs if ctx._host is None else []
    if not any(map(stays, [*of_request, *of_app])):
        await in_worker(ctx, RequestContext.leaving, ctx, error)
        return
    parts = [
        partial(tear_down, ctx, of_request, request_tearing_down, error, "request"),
        partial(_let_go, ctx.request),
    ]
    if ctx._host is None:
        parts.append(
            partial(tear_down, ctx, of_app, appcontext_tearing_down, error, "app")
        )
    errors: list[BaseException] = []
    for part in parts:
        try:
            await part()
        except BaseException as raised:
            errors.append(raised)
    if errors:
        raise_together(errors, "Errors during context teardown")


async def _let_go(request: Request) -> None:
    try:
        request.close()
    finally:
        if getattr(request, "has_environ", True):
            request.environ["werkzeug.request"] = None  # a cycle


async def tear_down(
    ctx: Any,
    functions: Sequence[Callable[..., Any]],
    signal: Signal | None,
    error: BaseException | None,
    subject: str,
) -> None:
    """Call each teardown function with `error`, then send the signal.

    Args:
        functions: The last comes first.
        signal: None where there is none.
        subject: What ends, for the text of a group of errors.

    Raises:
        BaseException: What one of them raised; several as a group, after all have run.
    """
    errors: list[BaseException] = []
    for stays, row in rows(ctx, reversed(functions)):
        try:
            if stays:
                await awaited(row(error))
            else:
                errors += await in_worker(ctx, errors_of, row, error)
        except BaseException as raised:
            errors.append(raised)
    if signal is not None and signal.receivers:
        try:
            await send(ctx, signal, exc=error)
        except BaseException as raised:
            errors.append(raised)
    if errors:
        raise_together(errors, "Errors during %s teardown", subject)
