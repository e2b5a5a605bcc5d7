"""Work that is done when the client has its answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from .._state._app import AppState
from ..ctx import AppContext, after_this_request, current_context

P = ParamSpec("P")
R = TypeVar("R")


def after_response(
    function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
) -> Callable[P, R]:
    """Call a function once the last byte of this request's answer was sent.

    As a decorator, or with the arguments for the call: the request is over by then. It
    is called in an app context of its own, after those that were registered before; an
    error is logged. It may be lost with the process and keeps a worker busy: what takes
    seconds, or must not be lost, belongs into a queue.

    Raises:
        RuntimeError: No request is being handled.
    """
    app = current_context().app
    call = partial(_call, app, partial(function, *args, **kwargs))

    def attach(response: Any) -> Any:
        response.call_on_close(call)
        return response

    after_this_request(attach)
    return function


def _call(app: AppState, function: partial[Any]) -> None:
    try:
        with AppContext(app):
            app.ensure_sync(function.func)(*function.args, **function.keywords)
    except Exception:
        app.logger.exception("%r failed after the response", function.func)
