"""What is decided of a request: no function of the user's is called here.

Two walks take these decisions: `_dispatch` and its neighbours, which call the functions
that users wrote, and `_asgi._walk`, which awaits them. Side by side they are to be
compared by eye.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from werkzeug.exceptions import BadRequestKeyError, HTTPException, NotFound
from werkzeug.routing import RequestRedirect, RoutingException, WebsocketMismatch

from tantalus_http import find_error_handler

from .._live._websockets import upgrade_required, websocket_at
from .._state._app import AppState
from .._state._hosts import is_refused
from ..ctx import RequestContext
from ..wrappers import Request
from ._by_prefix import find_handler_by_prefix

Function = Callable[..., Any]

#: The methods of requests that change nothing, and have no form whose data a redirect
#: would drop.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: The methods of requests that change nothing, and ask for no permission to.
READING = frozenset({"GET", "HEAD"})
# What a URL that no rule has is answered with: not found, or not by this method.
_UNKNOWN_URL = frozenset({404, 405})


def hooks_of(
    app: AppState, ctx: RequestContext, registry: dict[Any, list[Any]]
) -> Sequence[Function]:
    """Return the functions of a registry that a request has, those of the app first."""
    if not app.blueprints:
        return registry.get(None, ())
    return [hook for scope in ctx.scopes() for hook in registry.get(scope, ())]


def is_kept_from_hooks(app: AppState, request: Request) -> bool:
    """Tell whether no hook sees a request that matched nothing: its host is refused."""
    return app.config["STRICT_HOSTS"] and is_refused(request)


def view_of(app: AppState, request: Request) -> Function | None:
    """Return the view that matched; None if OPTIONS is answered without it.

    Raises:
        HTTPException: What matching failed with.
    """
    if request.routing_exception is not None:
        app.raise_routing_exception(request)
    rule: Any = request.url_rule
    if request.method == "OPTIONS" and getattr(
        rule, "provide_automatic_options", False
    ):
        return None
    return app.view_functions[rule.endpoint]


def raise_routing_exception(app: AppState, request: Any) -> NoReturn:
    """Raise why nothing matched; explain a redirect that would lose form data.

    A plain request to a WebSocket is told what the URL speaks.
    """
    error = request.routing_exception
    if (
        isinstance(error, RequestRedirect)
        and app.debug
        and error.code not in {307, 308}
        and request.method not in SAFE
    ):
        # Only in development: production never loads it.
        from ..debughelpers import FormDataRoutingRedirect  # noqa: PLC0415 - see above

        raise FormDataRoutingRedirect(request)
    if isinstance(error, WebsocketMismatch) and websocket_at(app, request) is not None:
        # It takes the place of the other, for all that looks for it.
        error = request.routing_exception = upgrade_required(app, request)
    if app.debug and type(error) is NotFound and app.config["EXPLAIN_UNKNOWN_URLS"]:
        from ..debughelpers import explain_unknown_url  # noqa: PLC0415 - as above

        explain_unknown_url(app, request, error)
    raise error


def is_processed(app: AppState, ctx: RequestContext, has_cookies: bool) -> object:
    """Tell whether an answer has hooks to go through, or a session to be saved."""
    return (
        ctx._opened is not None
        or app.after_request_funcs
        or ctx._after_request_functions is not None
        or has_cookies
        or app.steps.processes_always
    )


def is_http_error(app: AppState, error: Exception) -> bool:
    """Tell whether an error is an answer by itself; it is told how much it may show."""
    if isinstance(error, BadRequestKeyError) and (
        app.debug or app.config["TRAP_BAD_REQUEST_ERRORS"]
    ):
        error.show_exception = True
    return isinstance(error, HTTPException) and not app.trap_http_exception(error)


def handler_for(app: AppState, ctx: RequestContext, error: Exception) -> Any:
    """Return the handler for an error of any class, None without one."""
    return find_error_handler(app.error_handler_spec, error, ctx.scopes())


def http_handler_for(app: AppState, ctx: RequestContext, error: HTTPException) -> Any:
    """Return the handler for an HTTP error, None if it is the answer by itself."""
    if error.code is None or isinstance(error, RoutingException):
        return None
    unknown = error is ctx.request.routing_exception and error.code in _UNKNOWN_URL
    if unknown and app.config["BLUEPRINT_ERRORS_BY_PREFIX"]:
        return find_handler_by_prefix(app, ctx, error)
    return handler_for(app, ctx, error)


def is_propagated(app: AppState) -> bool:
    """Tell whether an error that no handler took is raised to the server."""
    propagate = app.config["PROPAGATE_EXCEPTIONS"]
    if propagate is None:
        return app.testing or app.debug
    return bool(propagate)
