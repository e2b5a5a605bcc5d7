"""Errors of hooks and views: given to their handlers, or logged and a 500."""

from __future__ import annotations

import sys
from typing import Any

from werkzeug.exceptions import HTTPException, InternalServerError

from .._state._app import AppState
from ..ctx import RequestContext
from ..signals import got_request_exception
from ..wrappers import Response
from ._decisions import handler_for, http_handler_for, is_http_error, is_propagated


def handle_user_exception(app: AppState, ctx: RequestContext, e: Exception) -> Any:
    """Give an error of a view or hook to its handler; return the handler's answer.

    Raises:
        Exception: `e` itself, if no handler is registered for it.
    """
    if is_http_error(app, e):
        return app.steps.handle_http_exception(app, ctx, e)
    handler = handler_for(app, ctx, e)
    if handler is not None:
        return app.synchronous.of(handler)(e)
    try:
        raise e
    finally:
        del e  # its traceback leads to this frame


def handle_http_exception(app: AppState, ctx: RequestContext, e: HTTPException) -> Any:
    """Give an HTTP error to its handler; without one, the error is the answer."""
    handler = http_handler_for(app, ctx, e) if app.error_handler_spec else None
    return e if handler is None else app.synchronous.of(handler)(e)


def handle_exception(app: AppState, ctx: RequestContext, e: Exception) -> Response:
    """Log an unhandled error and answer with the 500 handler or the default page.

    Raises:
        Exception: `e` itself if `PROPAGATE_EXCEPTIONS` is set, or by default while
            testing or debugging.
    """
    exc_info = sys.exc_info()
    if got_request_exception.receivers:
        got_request_exception.send(app, _async_wrapper=app.ensure_sync, exception=e)
    if is_propagated(app):
        raise e
    app.steps.log_exception(app, ctx, exc_info)
    answer: Any = InternalServerError(original_exception=e)
    handler = handler_for(app, ctx, answer)
    if handler is not None:
        answer = app.synchronous.of(handler)(answer)
    response: Response = app.steps.finalize_request(
        app, ctx, answer, from_error_handler=True
    )
    return response
