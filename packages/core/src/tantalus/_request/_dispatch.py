"""The life of a request, step by step.

`wsgi_app` is what a server calls; it and the functions below it are the whole path:

    wsgi_app, run_request
    ├─ ctx.push                    the session is opened if due, the URL is matched
    ├─ full_dispatch_request       pages of other sites are refused
    │  ├─ preprocess_request       url_value_preprocessors, before_request
    │  ├─ dispatch_request         the view
    │  ├─ handle_user_exception    errors of these two, given to the user's handlers
    │  └─ finalize_request
    │     ├─ app.make_response
    │     └─ process_response      after_this_request, after_request, session saved
    ├─ handle_exception            any other error: 500
    ├─ response(environ, ...)
    └─ ctx.pop                     do_teardown_request, do_teardown_appcontext

What is decided on this way, without calling anything of the user's, stands in
`_decisions`. Each function is a step that a subclass of the app may override (see
`_steps`). What is called of each request is first read from `steps` and then called:
CPython 3.11 makes both fast, but not `steps.function(...)` in one.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import Context as Variables
from contextvars import copy_context
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.datastructures import HeaderSet

import tantalus_context as contexts
from tantalus_http import ReadyBody

from .._ground._current import current
from .._state._app import AppState
from .._state._hosts import stand_in
from .._state._matching import allowed_methods
from ..ctx import RequestContext
from ..signals import request_finished, request_started
from ..wrappers import Request, Response
from ._begin import begin_serving
from ._bodies import continued_body
from ._cross_site import judge_origin
from ._decisions import READING, hooks_of, is_kept_from_hooks, is_processed, view_of
from ._for_browsers import tell_browsers, tell_who_may_read
from ._saving import WITHOUT_COOKIES, keep_private, save_session
from .app import log_failed_finish


def wsgi_app(
    app: AppState, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer a request (PEP 3333). Middleware wraps this, not the app.

    Each request has context variables of its own, a copy of the server's: what hooks
    and view set there is seen by the body and by the teardown, and by nobody else; but
    for an error that goes on to the server, which takes along what was set.
    """
    variables = copy_context()
    try:
        body = variables.run(run_request, app, environ, start_response, variables)
    except Exception:
        # Middleware may know the error by what was noted there, and not tell it twice.
        for variable, value in variables.items():
            if variable is not current and variable.get(variables) is not value:
                variable.set(value)
        raise
    kind = type(body)
    if kind is list:
        return body
    if kind is ReadyBody:
        body.variables = variables  # type: ignore[attr-defined]  # it has
        return body
    return continued_body(body, variables, environ)


def run_request(
    app: AppState,
    environ: WSGIEnvironment,
    start_response: StartResponse,
    variables: Variables,
) -> Iterable[bytes]:
    """Answer a request in `variables`, which are its own."""
    steps = app.steps
    make_context = steps.make_context
    ctx = make_context(app, environ)
    ctx.variables = variables
    error: BaseException | None = None
    try:
        try:
            ctx.push()
            dispatch = steps.full_dispatch_request
            response = dispatch(app, ctx)
        except Exception as raised:
            error = raised
            response = steps.handle_exception(app, ctx, raised)
        except BaseException as raised:
            error = raised
            raise
        body: Iterable[bytes] = response(environ, start_response)
        return body
    finally:
        if "werkzeug.debug.preserve_context" in environ:
            environ["werkzeug.debug.preserve_context"](contexts.linger(ctx, ctx._host))
        if error is not None and app.should_ignore_error(error):
            error = None
        if ctx.is_entered:
            ctx.pop(error)
        # A traceback refers to this frame, and this frame to the error.
        del error


def full_dispatch_request(app: AppState, ctx: RequestContext) -> Response:
    """Run hooks and view, hand errors to the handlers, and finish the response."""
    if not app._got_first_request:
        begin_serving(app)
    steps = app.steps
    try:
        if request_started.receivers:
            request_started.send(app, _async_wrapper=app.ensure_sync)
        answer, rule = None, ctx.request.url_rule
        if ctx.request.method not in READING or (rule is not None and rule.websocket):
            answer = judge_origin(app, ctx)
        has_hooks = app.before_request_funcs or app.url_value_preprocessors
        if answer is None and (has_hooks or steps.preprocesses_always):
            preprocess = steps.preprocess_request
            answer = preprocess(app, ctx)
        if answer is None:
            dispatch = steps.dispatch_request
            answer = dispatch(app, ctx)
        elif ctx.request.routing_exception is not None:
            stand_in(ctx)
    except Exception as error:
        if ctx.request.routing_exception is not None:
            stand_in(ctx)
        answer = steps.handle_user_exception(app, ctx, error)
        if error is ctx.request.routing_exception:
            # Its frames lead to the request, and so back to it.
            error.__traceback__ = None
    try:
        finalize = steps.finalize_request
        response: Response = finalize(app, ctx, answer)
        return response
    finally:
        del answer  # an error may be its own answer, and lead to this frame


def preprocess_request(app: AppState, ctx: RequestContext) -> Any:
    """Run URL value preprocessors and `before_request` hooks, app first.

    With `STRICT_HOSTS` they never see a request whose host is refused.

    Returns:
        What a hook returned instead of None: the answer, and the view is not called.
    """
    request = ctx.request
    if request.routing_exception is not None and is_kept_from_hooks(app, request):
        return None
    if app.url_value_preprocessors:
        for preprocess in hooks_of(app, ctx, app.url_value_preprocessors):
            preprocess(request.endpoint, request.view_args)
    calls = app.synchronous
    for hook in hooks_of(app, ctx, app.before_request_funcs):
        answer = (calls.get(id(hook)) or calls.learn(hook))()
        if answer is not None:
            return answer
    return None


def dispatch_request(app: AppState, ctx: RequestContext) -> Any:
    """Call the view that matched, or raise what matching failed with."""
    request, calls = ctx.request, app.synchronous
    view = view_of(app, request)
    if view is None:
        return app.steps.make_default_options_response(app, ctx)
    call = calls.get(id(view)) or calls.learn(view)
    return call(**request.view_args)  # type: ignore[arg-type]  # set with the rule


def make_default_options_response(app: AppState, ctx: RequestContext) -> Response:
    """Answer an OPTIONS request with the methods that this URL allows."""
    response = app.response_class()
    methods = allowed_methods(ctx)
    if methods:
        response.headers["Allow"] = HeaderSet(sorted(methods)).to_header()
    return response


def finalize_request(
    app: AppState, ctx: RequestContext, rv: Any, from_error_handler: bool = False
) -> Response:
    """Make a response of what a view, hook or handler returned, and run the hooks.

    Args:
        from_error_handler: The answer to an unhandled error must not be lost to an
            error of a hook, which is logged then.
    """
    steps = app.steps
    make_response = steps.make_response
    response: Response = make_response(app, rv)
    try:
        request = ctx.request
        # A class of somebody's own may have cookies that the client did not send.
        has_cookies = "HTTP_COOKIE" in request.environ or type(request) is not Request
        processed = is_processed(app, ctx, has_cookies)
        if processed:
            process = steps.process_response
            response = process(app, ctx, response)
        if processed or type(rv) not in WITHOUT_COOKIES:
            keep_private(app, response)
        if app.has_cors or app.config["CORS"]:
            tell_who_may_read(app, request, response)
        own, usual = app.config["SECURITY_HEADERS"], steps.usual_headers
        if own is True and usual is not None:
            usual.add_to(response.headers, request.scheme == "https")
        elif own:
            tell_browsers(own, request, response)
        if request_finished.receivers:
            request_finished.send(
                app, _async_wrapper=app.ensure_sync, response=response
            )
            keep_private(app, response)  # a receiver may have set a cookie
    except Exception:
        if not from_error_handler:
            raise
        log_failed_finish(app)
    return response


def process_response(
    app: AppState, ctx: RequestContext, response: Response
) -> Response:
    """Run `after_this_request` and `after_request` hooks, then save the session.

    Hooks of the innermost blueprint come first, those of the app last, and of each
    the one registered last comes first. If the session cannot be saved, the answer that
    tells so goes through the hooks in its turn.
    """
    if ctx._after_request_functions is not None:
        for function in ctx._after_request_functions:
            response = app.ensure_sync(function)(response)
    if app.after_request_funcs:
        calls = app.synchronous
        for hook in reversed(hooks_of(app, ctx, app.after_request_funcs)):
            response = (calls.get(id(hook)) or calls.learn(hook))(response)
    if ctx._opened is None:
        request = ctx.request
        if type(request) is Request and "HTTP_COOKIE" not in request.environ:
            return response
    error = save_session(app, ctx, response)
    if error is None:
        return response
    # Once more for the answer to that; a session that is lost is not saved again.
    answer = app.steps.handle_user_exception(app, ctx, error)
    return process_response(app, ctx, app.make_response(answer))
