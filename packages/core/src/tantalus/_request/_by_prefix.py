"""The handler for a URL that no rule has, by the prefix that it lies under.

A blueprint owns what lies under its URL prefix, on its subdomain or, with host
matching, on the hosts that its rules name; with a subdomain and no prefix it owns the
subdomain. Without either it owns nothing. Of all blueprints that own a URL, the nearest
answers that has a handler for this HTTP error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import HTTPException

from tantalus_http import handler_in
from tantalus_routing import enclosing_groups

from .._state._app import AppState
from ..ctx import RequestContext


def find_handler_by_prefix(
    app: AppState, ctx: RequestContext, error: HTTPException
) -> Callable[[Any], Any] | None:
    """Return the handler for an error of a URL that no rule has (404, 405).

    A blueprint that answers is the request's from then on: relative endpoints, context
    processors and `after_request` hooks are its own. Only its handlers for this code or
    for classes of HTTP errors are asked: no function of its own has failed.
    """
    http_errors = [c for c in type(error).__mro__ if issubclass(c, HTTPException)]
    spec, adapter = app.error_handler_spec, ctx.url_adapter

    def has_handlers(name: str) -> bool:
        return not spec.keys().isdisjoint(enclosing_groups(name))

    owners = [] if adapter is None else [*app.prefixes.owners(adapter, has_handlers)]
    for key in (error.code, None):
        for name in owners:
            handler = handler_in(spec, enclosing_groups(name), key, http_errors)
            if handler is not None:
                ctx.request._owner = name
                return handler
        handler = handler_in(spec, (None,), key, type(error).__mro__)
        if handler is not None:
            return handler
    return None
