"""Errors of hooks and views: given to their handlers, or logged and a 500."""

from __future__ import annotations

import sys
from typing import Any

from werkzeug.exceptions import BadRequestKeyError, HTTPException, InternalServerError
from werkzeug.routing import RoutingException

from tantalus_http import find_error_handler

from .._state._app import AppState
from ..ctx import RequestContext
from ..signals import got_request_exception
from ..wrappers import Response
from ._by_prefix import find_handler_by_prefix

# What a URL that no rule has is answered with: not found, or not by this method.
_UNKNOWN_URL = frozenset({404, 405})


def handle_user_exception(app: AppState, ctx: RequestContext, e: Exception) -> Any:
    """Give an error of a view or hook to its handler; return the handler's answer.

    Raises:
        Exception: `e` itself, if no handler is registered for it.
    """
    if isinstance(e, BadRequestKeyError) and (
        app.debug or app.config["TRAP_BAD_REQUEST_ERRORS"]
    ):
        e.show_exception = True
    if isinstance(e, HTTPException) and not app.trap_http_exception(e):
        return app.steps.handle_http_exception(app, ctx, e)
    handler = find_error_handler(app.error_handler_spec, e, ctx.scopes())
    if handler is not None:
        return app.synchronous.of(handler)(e)
    try:
        raise e
    finally:
        del e  # its traceback leads to this frame


def handle_http_exception(app: AppState, ctx: RequestContext, e: HTTPException) -> Any:
    """Give an HTTP error to its handler; without one, the error is the answer."""
    if e.code is None or isinstance(e, RoutingException) or not app.error_handler_spec:
        return e
    unknown = e is ctx.request.routing_exception and e.code in _UNKNOWN_URL
    if unknown and app.config["BLUEPRINT_ERRORS_BY_PREFIX"]:
        handler = find_handler_by_prefix(app, ctx, e)
    else:
        handler = find_error_handler(app.error_handler_spec, e, ctx.scopes())
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
    propagate = app.config["PROPAGATE_EXCEPTIONS"]
    if propagate is None:
        propagate = app.testing or app.debug
    if propagate:
        raise e
    app.steps.log_exception(app, ctx, exc_info)
    answer: Any = InternalServerError(original_exception=e)
    handler = find_error_handler(app.error_handler_spec, answer, ctx.scopes())
    if handler is not None:
        answer = app.synchronous.of(handler)(answer)
    response: Response = app.steps.finalize_request(
        app, ctx, answer, from_error_handler=True
    )
    return response
