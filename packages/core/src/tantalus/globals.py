"""The proxies that user code imports: what is current, wherever it is asked.

One context variable holds the current context; each proxy reads one attribute of it.
Our own code is handed the context as an argument and never reads these.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tantalus_context import Namespace, proxy
from tantalus_sessions import SessionMixin

if TYPE_CHECKING:  # the proxies stand for these classes, which import this module
    from ._app import App
    from .ctx import AppContext, RequestContext
    from .wrappers import Request

__all__ = ["app_ctx", "current_app", "g", "request", "request_ctx", "session"]

NO_APP = """\
Working outside of application context.

The code that ran needs to know the current application. Call it while a request \
is handled, in a command, or inside 'with app.app_context():'; for jobs and threads \
decorate the function with '@app.in_context'.\
"""

NO_REQUEST = """\
Working outside of request context.

The code that ran needs the current HTTP request, and there is none. Call it from a \
view, or in a test inside 'with app.test_request_context():'.\
"""

_cv_app: ContextVar[AppContext] = ContextVar("tantalus.context")


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

#: What is current, for our own code: a request's context is one, too.
current_ctx: AppContext = proxy(_cv_app, unbound_message=NO_APP)
#: The app context that is current; while a request is handled, the request's.
app_ctx: AppContext = proxy(_cv_app, "app_context", unbound_message=NO_APP)
#: The app at work: the one that handles the request, or whose context was pushed.
current_app: App = proxy(_cv_app, "app", unbound_message=NO_APP)
#: Storage for this request, or for this app context outside of one; empty at first.
g: Namespace = proxy(_cv_app, "g", unbound_message=NO_APP)
#: The context of the request being handled.
request_ctx: RequestContext = proxy(
    _cv_app, "current_request_context", unbound_message=NO_REQUEST
)
#: The request being handled.
request: Request = proxy(_cv_app, "request", unbound_message=NO_REQUEST)
#: The session of the request being handled, a dict that the browser brings again.
session: SessionMixin = proxy(_cv_app, "session", unbound_message=NO_REQUEST)
