"""A request on the loop, observed: see `_live._observers`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .._live._observers import Told
from .._state._app import AppState
from ..wrappers import Response
from ._context import LoopContext

Dispatch = Callable[[AppState, LoopContext], Awaitable[Response]]
Handle = Callable[[AppState, LoopContext, Exception], Awaitable[Response]]


async def observed_dispatch(
    told: Told, dispatch: Dispatch, app: AppState, ctx: LoopContext
) -> Response:
    """Take the step that answers a request, and tell of it."""
    told.start(ctx)
    response = await dispatch(app, ctx)
    told.finish(ctx, response, None)
    return response


async def observed_handling(
    told: Told, handle: Handle, app: AppState, ctx: LoopContext, e: Exception
) -> Response:
    """Take the step that answers for an error, and tell of it."""
    told.start_late(ctx)
    try:
        response = await handle(app, ctx, e)
    except BaseException as error:
        told.finish(ctx, None, error)
        raise
    told.finish(ctx, response, e)
    return response
