"""The end of a context: all teardown functions run, even if one raises."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from .._state._app import AppState
from ..ctx import AppContext, RequestContext
from ..signals import appcontext_tearing_down, request_tearing_down

_sentinel: Any = object()


def do_teardown_request(
    app: AppState, ctx: RequestContext, exc: BaseException | None = _sentinel
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
    app: AppState, ctx: AppContext, exc: BaseException | None = _sentinel
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
    app: AppState, functions: Sequence[Callable[..., Any]], exc: BaseException | None
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
