"""The proxies that user code imports: what is current, wherever it is asked.

Each reads one attribute of the current context. Our own code is handed the context as
an argument and never reads these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tantalus_context import Namespace, proxy
from tantalus_sessions import SessionMixin

from .._ground._current import NO_APP, NO_REQUEST, NO_WEBSOCKET, current_websocket
from ..ctx import AppContext, RequestContext, _cv_app
from ..wrappers import Request

if TYPE_CHECKING:  # loaded with the first one
    from tantalus_http import WebSocket

#: The app context that is current; while a request is handled, the request's.
app_ctx: AppContext = proxy(_cv_app, "app_context", unbound_message=NO_APP)
#: Storage for this request, or for this app context outside of one; empty at first.
g: Namespace = proxy(_cv_app, "g", unbound_message=NO_APP)
#: The context of the request being handled.
request_ctx: RequestContext = proxy(
    _cv_app, "current_request_context", unbound_message=NO_REQUEST
)
#: The request being handled.
request: Request = proxy(_cv_app, "request", unbound_message=NO_REQUEST)
#: The WebSocket that is being handled.
websocket: WebSocket = proxy(current_websocket, unbound_message=NO_WEBSOCKET)
#: The session of the request being handled, a dict that the browser brings again.
session: SessionMixin = proxy(_cv_app, "session", unbound_message=NO_REQUEST)
