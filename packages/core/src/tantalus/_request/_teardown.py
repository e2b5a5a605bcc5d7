"""The end of a context: all teardown functions run, even if one raises."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from blinker import Signal

from tantalus_context import raise_together

from .._state._app import AppState
from ..ctx import AppContext, RequestContext
from ..signals import appcontext_tearing_down, request_tearing_down
from ._decisions import hooks_of

_sentinel: Any = object()


def do_teardown_request(
    app: AppState, ctx: RequestContext, exc: BaseException | None = _sentinel
) -> None:
    """Run all `teardown_request` functions, those of the innermost blueprint first.

    Args:
        exc: What they are told; by default the error being handled.

    Raises:
        BaseException: What one of them raised; several as a group, after all have run.
    """
    if exc is _sentinel:
        exc = sys.exc_info()[1]
    functions = hooks_of(app, ctx, app.teardown_request_funcs)
    tear_down(app, functions, request_tearing_down, exc, "request")


def do_teardown_appcontext(
    app: AppState, ctx: AppContext, exc: BaseException | None = _sentinel
) -> None:
    """Run all `teardown_appcontext` functions, the last registered first.

    Args:
        exc: What they are told; by default the error being handled.

    Raises:
        BaseException: What one of them raised; several as a group, after all have run.
    """
    if exc is _sentinel:
        exc = sys.exc_info()[1]
    functions = app.teardown_appcontext_funcs
    tear_down(app, functions, appcontext_tearing_down, exc, "app")


def tear_down(
    app: AppState,
    functions: Sequence[Callable[..., Any]],
    signal: Signal,
    error: BaseException | None,
    subject: str,
) -> None:
    """Call each teardown function with `error`, then send the signal.

    Args:
        functions: The last comes first.
        subject: What ends, for the text of a group of errors.

    Raises:
        BaseException: What one of them raised; several as a group, after all have run.
    """
    calls = app.synchronous
    errors: list[BaseException] = []
    for function in reversed(functions):
        try:
            (calls.get(id(function)) or calls.learn(function))(error)
        except BaseException as raised:
            errors.append(raised)
    if signal.receivers:
        try:
            signal.send(app, _async_wrapper=app.ensure_sync, exc=error)
        except BaseException as raised:
            errors.append(raised)
    if errors:
        raise_together(errors, "Errors during %s teardown", subject)
