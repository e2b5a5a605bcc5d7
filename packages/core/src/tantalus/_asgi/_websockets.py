"""The life of a WebSocket: a request whose answer is the handshake's, and what follows.

converse
├─ match, ctx.begin, open_session
├─ refuse_websocket            pages of other sites, by their `Origin`
├─ preprocess_request          url_value_preprocessors, before_request
├─ before_websocket
├─ the view
│  └─ accept                   the headers: after_websocket, after_this_request,
│                              after_request, the session
├─ handle_user_exception       before it is accepted: the answer denies it, by way of
│                              the same hooks
├─ teardown_websocket          when the view has ended
└─ ctx.end                     teardown_request, teardown_appcontext
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from wsgiref.types import WSGIEnvironment

import tantalus_http as http

from .._ground._current import current_websocket
from .._live._websockets import WebSocketView
from .._request._cross_site import refuse_websocket
from .._request._decisions import (
    hooks_of,
    is_kept_from_hooks,
    is_processed,
    view_of,
)
from .._state._app import AppState
from ..wrappers import Response
from ._context import LoopContext
from ._hops import called, in_worker
from ._sessions import open_session
from ._teardown import tear_down
from ._walk import (
    begin,
    finalize_request,
    handle_exception,
    handle_user_exception,
    preprocess_request,
    process_response,
)

_SWITCHING, _FAILED, _GOING = 101, 1011, 1000
# What tells of the page that has started it; programs send none of these.
_OF_BROWSERS = frozenset({b"origin", b"sec-fetch-site"})


async def converse(
    ctx: LoopContext, websocket: http.WebSocket, headers: Mapping[bytes, bytes]
) -> None:
    """Run the view of a WebSocket, from its handshake to its end.

    Args:
        headers: Of the scope.
    """
    app = ctx.app
    error: BaseException | None = None
    ctx.begin()
    try:
        try:
            await _call_view(app, ctx, websocket, headers)
            if websocket.close_code is None:
                await websocket.close(_GOING)
        except http.WebSocketClosed:
            pass
        except Exception as raised:
            error = raised
            await _answer_error(app, ctx, websocket, raised)
        except BaseException as raised:
            error = raised
            raise
        _tell_of_lost_session(app, ctx)
    finally:
        try:
            if app.teardown_websocket_funcs:
                await _tear_down(app, ctx, error)
        finally:
            if not ctx.ends_at_once(error):
                await ctx.end(error)
            # A traceback refers to this frame, and this frame to the error.
            del error


async def _call_view(
    app: AppState,
    ctx: LoopContext,
    websocket: http.WebSocket,
    headers: Mapping[bytes, bytes],
) -> None:
    request = ctx.request
    if not app._got_first_request:
        await begin(app, ctx)
    ctx.match(headers, is_socket=True)
    if app.after_websocket_funcs:
        hooks = hooks_of(app, ctx, app.after_websocket_funcs)
        ctx._after_request_functions = [*reversed(hooks)]
    if ctx.has_cookies or not app.steps.opens_lazily:
        await open_session(ctx)
    if request.url_rule is not None and not _OF_BROWSERS.isdisjoint(headers):
        refuse_websocket(app, websocket.scope, request.url_rule)
    if (
        app.before_request_funcs
        or app.url_value_preprocessors
        or app.before_websocket_funcs
    ):
        answer = await _preprocess(app, ctx)
        if answer is not None:
            await _deny(ctx, websocket, await finalize_request(app, ctx, answer))
            return
    view = view_of(app, request)
    if not isinstance(view, WebSocketView):
        # Of an extension, for WSGI: it would have to be given the socket.
        raise RuntimeError(f"The view {view!r} was not registered by @app.websocket.")
    values: dict[str, Any] = dict(request.view_args or {})
    if view.takes_websocket:
        values["websocket"] = websocket
    config = app.config
    websocket.limit(
        view.limit("max_size", config["WEBSOCKET_MAX_SIZE"]),
        view.limit("max_rate", config["WEBSOCKET_MAX_RATE"]),
    )
    token = current_websocket.set(websocket)
    try:
        await view.view(**values)
    finally:
        current_websocket.reset(token)


async def _preprocess(app: AppState, ctx: LoopContext) -> Any:
    """Run the hooks of requests, then those of WebSockets alone; return a refusal."""
    if is_kept_from_hooks(app, ctx.request):
        return None
    answer = await preprocess_request(app, ctx)
    for hook in hooks_of(app, ctx, app.before_websocket_funcs):
        if answer is not None:
            break
        answer = await called(ctx, hook)
    return answer


async def _tear_down(
    app: AppState, ctx: LoopContext, error: BaseException | None
) -> None:
    functions = hooks_of(app, ctx, app.teardown_websocket_funcs)
    await tear_down(ctx, functions, None, error, "WebSocket")


def made_websocket(
    ctx: LoopContext, scope: http.ASGIScope, receive: Any, send: Any
) -> http.WebSocket:
    """Return the WebSocket of a scope, whose handshake the app answers."""
    accepting = partial(_accepting, ctx)
    websocket = http.WebSocket(scope, receive, send, accepting=accepting)
    websocket.dumps, websocket.loads = ctx.app.json.dumps, ctx.app.json.loads
    return websocket


async def _accepting(ctx: LoopContext) -> list[tuple[str, str]]:
    """Return the headers of a handshake: those of hooks, and the session's cookie."""
    app = ctx.app
    if not is_processed(app, ctx, ctx.has_cookies):
        return []
    made = app.response_class(status=_SWITCHING)
    response = await process_response(app, ctx, made)
    session = ctx._opened
    if session is not None:
        session.modified = False  # it is saved
    headers: list[tuple[str, str]] = response.headers.to_wsgi_list()
    return headers


async def _answer_error(
    app: AppState, ctx: LoopContext, websocket: http.WebSocket, error: Exception
) -> None:
    """Answer for an error: with a denial, or the end of what is open."""
    if not websocket.is_asked:
        app.steps.log_exception(app, ctx, (type(error), error, error.__traceback__))
        await websocket.close(_FAILED)
        return
    try:
        answer = await handle_user_exception(app, ctx, error)
        response = await finalize_request(app, ctx, answer)
    except Exception as raised:
        response = await handle_exception(app, ctx, raised)
    await _deny(ctx, websocket, response)


async def _deny(
    ctx: LoopContext, websocket: http.WebSocket, response: Response
) -> None:
    made = await in_worker(ctx, _whole, response, ctx.request.environ)
    await websocket.deny(*made)


def _whole(
    response: Response, environ: WSGIEnvironment
) -> tuple[int, list[tuple[str, str]], bytes]:
    parts, status, headers = response.get_wsgi_response(environ)
    try:
        return int(status[:3]), headers, b"".join(parts)
    finally:
        response.close()


def _tell_of_lost_session(app: AppState, ctx: LoopContext) -> None:
    session = ctx._opened
    if session is not None and session.modified:
        app.logger.warning(
            "The session was changed in the WebSocket %s after it was accepted: that is"
            " not saved. Change it before accept(), or in a request.",
            ctx.request.path,
        )
