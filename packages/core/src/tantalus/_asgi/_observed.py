"""A request on the loop, observed: see `_live._observers`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .._live._observers import TOKENS, Told
from .._state._app import AppState
from ..wrappers import Response
from ._context import LoopContext

Dispatch = Callable[[AppState, LoopContext], Awaitable[Response]]
Handle = Callable[[AppState, LoopContext, Exception], Awaitable[Response]]


def observed_dispatch(app: AppState, dispatch: Dispatch) -> Dispatch:
    """Return the step that answers a request, observed if somebody does."""
    told: Told | None = app.steps.told
    if told is None:
        return dispatch

    async def observed(app: AppState, ctx: LoopContext) -> Response:
        tokens = told.start(app, ctx)
        try:
            response = await dispatch(app, ctx)
        except BaseException:
            vars(ctx)[TOKENS] = tokens
            raise
        told.finish(app, ctx, tokens, response, None)
        return response

    return observed


def observed_handling(app: AppState, handle: Handle) -> Handle:
    """Return the step that answers for an error, observed if somebody does."""
    told: Told | None = app.steps.told
    if told is None:
        return handle

    async def observed(app: AppState, ctx: LoopContext, e: Exception) -> Response:
        tokens: Any = vars(ctx).get(TOKENS)
        if tokens is None:
            tokens = told.start(app, ctx)
        try:
            response = await handle(app, ctx, e)
        except BaseException as error:
            told.finish(app, ctx, tokens, None, error)
            raise
        told.finish(app, ctx, tokens, response, e)
        return response

    return observed
