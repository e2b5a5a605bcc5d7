"""The handler for a URL that no rule has, by the prefix that it lies under."""

from __future__ import annotations

from werkzeug.exceptions import HTTPException

from .._state._app import AppState
from .._state._handlers import ErrorHandler, handler_in
from ..ctx import RequestContext


def find_handler_by_prefix(
    app: AppState, ctx: RequestContext, error: HTTPException
) -> ErrorHandler | None:
    """Return the handler for an error of a URL that no rule has (404, 405).

    A blueprint that answers is the request's from then on: relative endpoints, context
    processors and `after_request` hooks are its own. Only its handlers for this code or
    for classes of HTTP errors are asked: no function of its own has failed.
    """
    http_errors = [c for c in type(error).__mro__ if issubclass(c, HTTPException)]
    spec, adapter = app.error_handler_spec, ctx.url_adapter
    owners = (
        [] if adapter is None else list(app.prefixes.owners(spec, app.url_map, adapter))
    )
    for key in (error.code, None):
        for name, scopes in owners:
            handler = handler_in(spec, scopes, key, http_errors)
            if handler is not None:
                ctx.request._owner = name
                return handler
        handler = handler_in(spec, (None,), key, type(error).__mro__)
        if handler is not None:
            return handler
    return None
