"""The life of a request on the event loop: `_request._dispatch`, with `await`.

Step by step what that module and its neighbours do, in the same order, under the same
names. What is decided is decided by the same functions (`_request._decisions`); what
users wrote is awaited where it belongs: see `_hops`. It is for apps in which nothing is
replaced of what is told here (`Lives.may_be_on_loop`); those of others live in workers.

    respond
    ├─ ctx.begin, open_session     the context is there; the URL is matched already
    ├─ full_dispatch_request       pages of other sites are refused
    │  ├─ preprocess_request       url_value_preprocessors, before_request
    │  ├─ dispatch_request         the view
    │  ├─ handle_user_exception    errors of these two, given to the user's handlers
    │  └─ finalize_request
    │     ├─ app.make_response
    │     └─ process_response      after_this_request, after_request, session saved
    ├─ handle_exception            any other error: 500
    ├─ prepared, made_by_wsgi      status and headers
    └─ ctx.end                     teardown
"""

from __future__ import annotations

import sys
from typing import Any

from werkzeug.exceptions import HTTPException, InternalServerError

from .._live._running import opens_something
from .._request import _dispatch
from .._request._begin import begin_serving
from .._request._cross_site import judge_origin
from .._request._decisions import (
    READING,
    handler_for,
    hooks_of,
    http_handler_for,
    is_http_error,
    is_kept_from_hooks,
    is_processed,
    is_propagated,
    view_of,
)
from .._request._for_browsers import tell_browsers, tell_who_may_read
from .._request._saving import WITHOUT_COOKIES, keep_private
from .._request.app import log_failed_finish
from .._state._app import AppState
from .._state._hosts import stand_in
from ..signals import (
    appcontext_pushed,
    got_request_exception,
    request_finished,
    request_started,
)
from ..wrappers import Response
from ._answers import PLAIN, Ready, made_by_wsgi, prepared, runs_application
from ._context import LoopContext
from ._gone import while_there
from ._hops import (
    awaited,
    called,
    called_once,
    first_answer,
    in_worker,
    passed_through,
    rows,
)
from ._observed import observed_dispatch, observed_handling
from ._sessions import open_session, saved
from ._signals import send


async def respond(ctx: LoopContext) -> Ready:
    """Answer a request: `run_request`. Its context is over then, unless it is held."""
    app = ctx.app
    error: BaseException | None = None
    try:
        try:
            ctx.begin()
            if appcontext_pushed.receivers and ctx._host is None:
                await send(ctx, appcontext_pushed)
            if ctx.has_cookies or not app.steps.opens_lazily:
                await open_session(ctx)
            told, dispatch = app.steps.told, full_dispatch_request
            if told is None:
                response = await dispatch(app, ctx)
            else:
                response = await observed_dispatch(told, dispatch, app, ctx)
        except Exception as raised:
            error = raised
            told, handle = app.steps.told, handle_exception
            if told is None:
                response = await handle(app, ctx, raised)
            else:
                response = await observed_handling(told, handle, app, ctx, raised)
        except BaseException as raised:
            error = raised
            raise
        return prepared(ctx, response) or await made_by_wsgi(ctx, response)
    finally:
        if isinstance(error, GeneratorExit):
            ctx.pop(error)  # nothing is awaited any more
        elif ctx.is_entered and not ctx.ends_at_once(error):
            await ctx.end(error)
        # A traceback refers to this frame, and this frame to the error.
        del error


async def full_dispatch_request(app: AppState, ctx: LoopContext) -> Response:
    """Run hooks and view, hand errors to the handlers, and finish the response."""
    if not app._got_first_request:
        await begin(app, ctx)
    try:
        if request_started.receivers:
            await send(ctx, request_started)
        answer, rule = None, ctx.request.url_rule
        if ctx.request.method not in READING or (rule is not None and rule.websocket):
            answer = judge_origin(app, ctx)
        has_hooks = app.before_request_funcs or app.url_value_preprocessors
        if answer is None and has_hooks:
            answer = await preprocess_request(app, ctx)
        if answer is None:
            answer = await dispatch_request(app, ctx)
        elif ctx.request.routing_exception is not None:
            stand_in(ctx)
    except Exception as error:
        if ctx.request.routing_exception is not None:
            stand_in(ctx)
        answer = await handle_user_exception(app, ctx, error)
        if error is ctx.request.routing_exception:
            # Its frames lead to the request, and so back to it.
            error.__traceback__ = None
    try:
        return await finalize_request(app, ctx, answer)
    finally:
        del answer  # an error may be its own answer, and lead to this frame


async def begin(app: AppState, ctx: LoopContext) -> None:
    """End the set-up of an app; where it opens something, that may wait."""
    if opens_something(app):
        await in_worker(ctx, begin_serving, app)
    else:
        begin_serving(app)


async def preprocess_request(app: AppState, ctx: LoopContext) -> Any:
    """Run URL value preprocessors and `before_request` hooks, app first."""
    request, stays = ctx.request, ctx.face.lives.stays
    if request.routing_exception is not None and is_kept_from_hooks(app, request):
        return None
    preprocessors = hooks_of(app, ctx, app.url_value_preprocessors)
    hooks = hooks_of(app, ctx, app.before_request_funcs)
    if not any(map(stays, [*preprocessors, *hooks])):
        return await in_worker(ctx, _dispatch.preprocess_request, app, ctx)
    for preprocess in preprocessors:
        await called(ctx, preprocess, request.endpoint, request.view_args)
    for stays_here, row in rows(ctx, hooks):
        answer = (
            await awaited(row())
            if stays_here
            else await in_worker(ctx, first_answer, row)
        )
        if answer is not None:
            return answer
    return None


async def dispatch_request(app: AppState, ctx: LoopContext) -> Any:
    """Call the view that matched, or raise what matching failed with."""
    request = ctx.request
    view: Any = view_of(app, request)
    if view is None:
        return app.steps.make_default_options_response(app, ctx)
    view = app.synchronous.instead.get(id(view), view)
    if getattr(request.url_rule, "cancel_on_disconnect", False):
        return await while_there(ctx, view(**request.view_args))  # type: ignore[arg-type]  # set with the rule
    answer = view(**request.view_args)  # type: ignore[arg-type]  # the same
    return await answer if hasattr(answer, "__await__") else answer


async def finalize_request(
    app: AppState, ctx: LoopContext, rv: Any, from_error_handler: bool = False
) -> Response:
    """Make a response of what a view, hook or handler returned, and run the hooks."""
    make_response = app.steps.make_response
    response: Response
    if type(rv) not in PLAIN and runs_application(rv):
        response = await in_worker(ctx, make_response, app, rv)
    else:
        response = make_response(app, rv)
    try:
        processed = is_processed(app, ctx, ctx.has_cookies)
        if processed:
            response = await process_response(app, ctx, response)
        if processed or type(rv) not in WITHOUT_COOKIES:
            keep_private(app, response)
        if app.has_cors or app.config["CORS"]:
            tell_who_may_read(app, ctx.request, response)
        own, usual = app.config["SECURITY_HEADERS"], app.steps.usual_headers
        if own is True and usual is not None:
            usual.add_to(response.headers, ctx.request.scheme == "https")
        elif own:
            tell_browsers(own, ctx.request, response)
        if request_finished.receivers:
            await send(ctx, request_finished, response=response)
            keep_private(app, response)  # a receiver may have set a cookie
    except Exception:
        if not from_error_handler:
            raise
        log_failed_finish(app)
    return response


async def process_response(
    app: AppState, ctx: LoopContext, response: Response
) -> Response:
    """Run `after_this_request` and `after_request` hooks, then save the session."""
    if ctx._after_request_functions is not None:
        for function in ctx._after_request_functions:
            response = await called_once(ctx, function, response)
    if app.after_request_funcs:
        hooks = reversed(hooks_of(app, ctx, app.after_request_funcs))
        for stays_here, row in rows(ctx, hooks):
            response = (
                await awaited(row(response))
                if stays_here
                else await in_worker(ctx, passed_through, row, response)
            )
    if ctx._opened is None and not ctx.has_cookies:
        return response
    error = await saved(ctx, response)
    if error is None:
        return response
    # Once more for the answer to that; a session that is lost is not saved again.
    answer = await handle_user_exception(app, ctx, error)
    return await process_response(app, ctx, app.make_response(answer))


async def handle_user_exception(app: AppState, ctx: LoopContext, e: Exception) -> Any:
    """Give an error of a view or hook to its handler; return the handler's answer."""
    if is_http_error(app, e):
        return await handle_http_exception(app, ctx, e)  # type: ignore[arg-type]  # it is one
    handler = handler_for(app, ctx, e)
    if handler is not None:
        return await called(ctx, handler, e)
    try:
        raise e
    finally:
        del e  # its traceback leads to this frame


async def handle_http_exception(
    app: AppState, ctx: LoopContext, e: HTTPException
) -> Any:
    """Give an HTTP error to its handler; without one, the error is the answer."""
    handler = http_handler_for(app, ctx, e) if app.error_handler_spec else None
    return e if handler is None else await called(ctx, handler, e)


async def handle_exception(app: AppState, ctx: LoopContext, e: Exception) -> Response:
    """Log an unhandled error and answer with the 500 handler or the default page."""
    exc_info = sys.exc_info()
    if got_request_exception.receivers:
        await send(ctx, got_request_exception, exception=e)
    if is_propagated(app):
        raise e
    app.steps.log_exception(app, ctx, exc_info)
    answer: Any = InternalServerError(original_exception=e)
    handler = handler_for(app, ctx, answer)
    if handler is not None:
        answer = await called(ctx, handler, answer)
    return await finalize_request(app, ctx, answer, from_error_handler=True)
