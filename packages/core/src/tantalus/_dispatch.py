"""The life of a request, step by step.

`wsgi_app` is what a server calls; it and the functions below it are the whole path:

    wsgi_app
    ├─ ctx.push                    the session is opened if due, the URL is matched
    ├─ full_dispatch_request
    │  ├─ preprocess_request       url_value_preprocessors, before_request
    │  ├─ dispatch_request         the view
    │  ├─ handle_user_exception    errors of these two, given to the user's handlers
    │  └─ finalize_request
    │     ├─ app.make_response
    │     └─ process_response      after_this_request, after_request, session saved
    ├─ handle_exception            any other error: 500
    ├─ response(environ, ...)
    └─ ctx.pop                     do_teardown_request, do_teardown_appcontext

Each function is a step that a subclass of the app may override (see `_steps`). What is
called of each request is first read from `steps` and then called: CPython 3.11 makes
both fast, but not `steps.function(...)` in one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.datastructures import HeaderSet
from werkzeug.exceptions import BadRequestKeyError, HTTPException, InternalServerError
from werkzeug.routing import RequestRedirect, RoutingException

from tantalus_sessions import SessionStoreError

from ._blueprint_names import APP_ONLY
from ._error_handlers import find_error_handler, scopes_of_failure
from ._matching import allowed_methods
from ._on_demand import form_data_redirect
from ._setup import begin_serving
from .signals import (
    appcontext_tearing_down,
    got_request_exception,
    request_finished,
    request_started,
    request_tearing_down,
)
from .wrappers import Request, Response

if TYPE_CHECKING:  # the app class is made of these steps
    from ._app import App
    from .ctx import AppContext, RequestContext

ExcInfo = (
    tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
)

_sentinel: Any = object()
# The methods of a form whose data a redirect would drop.
_KEEP_NO_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


def wsgi_app(
    app: App, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer a request (PEP 3333). Middleware wraps this, not the app."""
    steps = app.steps
    make_context = steps.make_context
    ctx = make_context(app, environ)
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
            environ["werkzeug.debug.preserve_context"](ctx)
        if error is not None and app.should_ignore_error(error):
            error = None
        if ctx.is_entered:
            ctx.pop(error)
        # A traceback refers to this frame, and this frame to the error.
        del error


def full_dispatch_request(app: App, ctx: RequestContext) -> Response:
    """Run hooks and view, hand errors to the handlers, and finish the response."""
    if not app._got_first_request:
        begin_serving(app)
    steps = app.steps
    try:
        if request_started.receivers:
            request_started.send(app, _async_wrapper=app.ensure_sync)
        answer = None
        if (
            app.before_request_funcs
            or app.url_value_preprocessors
            or steps.preprocesses_always
        ):
            preprocess = steps.preprocess_request
            answer = preprocess(app, ctx)
        if answer is None:
            dispatch = steps.dispatch_request
            answer = dispatch(app, ctx)
    except Exception as error:
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


def preprocess_request(app: App, ctx: RequestContext) -> Any:
    """Run URL value preprocessors and `before_request` hooks, app first.

    Returns:
        What a hook returned instead of None: the answer, and the view is not called.
    """
    synchronous = app.synchronous
    scopes = ctx.scopes() if app.blueprints else APP_ONLY
    if app.url_value_preprocessors:
        request = ctx.request
        for scope in scopes:
            for preprocess in app.url_value_preprocessors.get(scope, ()):
                preprocess(request.endpoint, request.view_args)
    registered = app.before_request_funcs
    for scope in scopes:
        for hook in registered.get(scope, ()):
            answer = synchronous[hook]()
            if answer is not None:
                return answer
    return None


def dispatch_request(app: App, ctx: RequestContext) -> Any:
    """Call the view that matched, or raise what matching failed with."""
    request = ctx.request
    if request.routing_exception is not None:
        app.raise_routing_exception(request)
    rule: Any = request.url_rule
    if request.method == "OPTIONS" and getattr(
        rule, "provide_automatic_options", False
    ):
        return app.steps.make_default_options_response(app, ctx)
    view = app.view_functions[rule.endpoint]
    return app.synchronous[view](**request.view_args)  # type: ignore[arg-type]  # set with the rule


def raise_routing_exception(app: App, request: Any) -> NoReturn:
    """Raise why nothing matched; explain a redirect that would lose form data."""
    error = request.routing_exception
    if (
        isinstance(error, RequestRedirect)
        and app.debug
        and error.code not in {307, 308}
        and request.method not in _KEEP_NO_BODY
    ):
        raise form_data_redirect(request)
    raise error


def make_default_options_response(app: App, ctx: RequestContext) -> Response:
    """Answer an OPTIONS request with the methods that this URL allows."""
    response = app.response_class()
    methods = allowed_methods(ctx)
    if methods:
        response.headers["Allow"] = HeaderSet(sorted(methods)).to_header()
    return response


def finalize_request(
    app: App, ctx: RequestContext, rv: Any, from_error_handler: bool = False
) -> Response:
    """Make a response of what a view, hook or handler returned, and run the hooks.

    Args:
        from_error_handler: The answer to an unhandled error must not be lost to an
            error of a hook, which is logged then.
    """
    steps = app.steps
    make_response = steps.make_response
    response = make_response(app, rv)
    try:
        if (
            ctx._opened is not None
            or app.after_request_funcs
            or ctx._after_request_functions is not None
            or "HTTP_COOKIE" in ctx.request.environ
            or type(ctx.request) is not Request  # which may have cookies of its own
            or steps.processes_always
        ):
            process = steps.process_response
            response = process(app, ctx, response)
        if request_finished.receivers:
            request_finished.send(
                app, _async_wrapper=app.ensure_sync, response=response
            )
    except Exception:
        if not from_error_handler:
            raise
        app.logger.exception(
            "Request finalizing failed with an error while handling an error"
        )
    return response


def process_response(app: App, ctx: RequestContext, response: Response) -> Response:
    """Run `after_this_request` and `after_request` hooks, then save the session.

    Hooks of the innermost blueprint come first, those of the app last, and of each
    the one registered last comes first.
    """
    if ctx._after_request_functions is not None:
        for function in ctx._after_request_functions:
            response = app.ensure_sync(function)(response)
    if app.after_request_funcs:
        registered, synchronous = app.after_request_funcs, app.synchronous
        scopes = ctx.scopes() if app.blueprints else APP_ONLY
        for scope in reversed(scopes):
            for hook in reversed(registered.get(scope, ())):
                response = synchronous[hook](response)
    if ctx._opened is None:
        request = ctx.request
        if (
            type(request) is Request and "HTTP_COOKIE" not in request.environ
        ) or not app.session_interface.refresh_due(app, request):
            return response
    return _save_session(app, ctx, response)


def _save_session(app: App, ctx: RequestContext, response: Response) -> Response:
    interface = app.session_interface
    try:
        session = ctx._opened
        if session is None:
            session = ctx.open_session()
        if not interface.is_null_session(session):
            interface.save_session(app, session, response)
    except SessionStoreError as error:
        return app.make_response(app.steps.handle_user_exception(app, ctx, error))
    return response


def handle_user_exception(app: App, ctx: RequestContext, e: Exception) -> Any:
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
    handler = find_error_handler(app, e, ctx.scopes())
    if handler is not None:
        return app.synchronous[handler](e)
    try:
        raise e
    finally:
        del e  # its traceback leads to this frame


def handle_http_exception(app: App, ctx: RequestContext, e: HTTPException) -> Any:
    """Give an HTTP error to its handler; without one, the error is the answer."""
    if e.code is None or isinstance(e, RoutingException) or not app.error_handler_spec:
        return e
    handler = find_error_handler(app, e, scopes_of_failure(app, ctx, e))
    return e if handler is None else app.synchronous[handler](e)


def handle_exception(app: App, ctx: RequestContext, e: Exception) -> Response:
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
    handler = find_error_handler(app, answer, ctx.scopes())
    if handler is not None:
        answer = app.synchronous[handler](answer)
    response: Response = app.steps.finalize_request(
        app, ctx, answer, from_error_handler=True
    )
    return response


def log_exception(app: App, ctx: RequestContext, exc_info: ExcInfo) -> None:
    """Log the error that ended a request."""
    request = ctx.request
    app.logger.error(
        f"Exception on {request.path} [{request.method}]", exc_info=exc_info
    )


def do_teardown_request(
    app: App, ctx: RequestContext, exc: BaseException | None = _sentinel
) -> None:
    """Run all `teardown_request` functions, those of the innermost blueprint first.

    Args:
        exc: What they are told; by default the error being handled.
    """
    if exc is _sentinel:
        exc = sys.exc_info()[1]
    registered = app.teardown_request_funcs
    functions = registered.get(None, ())
    if app.blueprints:
        functions = [f for scope in ctx.scopes() for f in registered.get(scope, ())]
    run_all(app, functions, exc)
    if request_tearing_down.receivers:
        request_tearing_down.send(app, _async_wrapper=app.ensure_sync, exc=exc)


def do_teardown_appcontext(
    app: App, ctx: AppContext, exc: BaseException | None = _sentinel
) -> None:
    """Run all `teardown_appcontext` functions, the last registered first.

    Args:
        exc: What they are told; by default the error being handled.
    """
    if exc is _sentinel:
        exc = sys.exc_info()[1]
    run_all(app, app.teardown_appcontext_funcs, exc)
    if appcontext_tearing_down.receivers:
        appcontext_tearing_down.send(app, _async_wrapper=app.ensure_sync, exc=exc)


def run_all(
    app: App, functions: Sequence[Callable[..., Any]], exc: BaseException | None
) -> None:
    """Call each teardown function with `exc`, then raise the first error of any.

    Any further error is logged.

    Args:
        functions: The last comes first.
    """
    first: Exception | None = None
    synchronous = app.synchronous
    for function in reversed(functions):
        try:
            synchronous[function](exc)
        except Exception as error:
            if first is None:
                first = error
            else:
                app.logger.exception("A teardown function failed after another one")
    if first is not None:
        raise first


def update_template_context(app: App, ctx: AppContext, context: dict[str, Any]) -> None:
    """Add what the context processors give; what the view passed in comes first.

    An error, also that of values which are no mapping, gets a note with the processor.
    """
    request_context = ctx.request_context
    scopes = (None,) if request_context is None else request_context.scopes()
    given = context.copy()
    try:
        for scope in scopes:
            for processor in app.template_context_processors.get(scope, ()):
                context.update(app.synchronous[processor]())
    except Exception as error:
        error.add_note(
            f"From the context processor {_place(processor)}. It has to return a"
            " mapping of names to values."
        )
        raise
    context.update(given)


def _place(function: Callable[..., object]) -> str:
    code = getattr(function, "__code__", None)
    if code is None:
        return repr(function)
    return f"{function.__qualname__} ({code.co_filename}:{code.co_firstlineno})"
