"""What is current: the proxies that Flask documents under `flask.globals`."""

from __future__ import annotations

from typing import Any

from tantalus_context import proxy

from ._answers._proxies import app_ctx, g, request, request_ctx, session
from ._app import App
from ._ground._current import NO_APP
from .ctx import _cv_app as _cv_app

__all__ = ["app_ctx", "current_app", "g", "request", "request_ctx", "session"]


class _RequestVar:
    """The context variable of `RequestContext` as older code reads it."""

    def get(self, *default: Any) -> Any:
        """Return the current request context, else `default`.

        Raises:
            LookupError: There is no request and no default was given.
        """
        context = _cv_app.get(None)
        found = None if context is None else context.request_context
        if found is not None:
            return found
        if default:
            return default[0]
        raise LookupError(self)


_cv_request = _RequestVar()

#: The app at work: the one that handles the request, or whose context was pushed.
current_app: App = proxy(_cv_app, "app", unbound_message=NO_APP)
