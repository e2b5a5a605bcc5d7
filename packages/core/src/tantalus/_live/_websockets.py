"""Routes of WebSockets: what is registered, and what plain requests are answered."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, NoReturn

from werkzeug.exceptions import HTTPException

from tantalus_routing import is_websocket

from .._state._app import AppState
from ..ctx import current_context
from ..wrappers import Request

# Any: a view takes what its rule has.
View = Callable[..., Any]
_UNSET: Any = object()


class WebSocketView:
    """A view of a WebSocket, which `_asgi` calls; a request that calls it is refused.

    Attributes:
        view: The coroutine function.
        takes_websocket: Whether it has a parameter of that name.
        max_size: Bytes of a message, `max_rate` messages a second; if nothing was
            said, what the settings say.
    """

    def __init__(self, view: View, max_size: Any, max_rate: Any) -> None:
        self.view = view
        self.takes_websocket = "websocket" in inspect.signature(view).parameters
        self.max_size = max_size
        self.max_rate = max_rate
        update_wrapper(self, view)
        # What wraps it is no coroutine function.
        vars(self).pop("__wrapped__", None)

    def __call__(self, **values: Any) -> NoReturn:
        """Raise that the server has made no WebSocket of a handshake."""
        ctx = current_context()
        raise upgrade_required(ctx.app, ctx.request)

    def limit(self, name: str, setting: Any) -> Any:
        """Return the limit of that name, by default a setting."""
        own = getattr(self, name)
        return setting if own is _UNSET else own


def websocket_view(
    view: View, max_size: Any = _UNSET, max_rate: Any = _UNSET
) -> WebSocketView:
    """Return what is registered for a view.

    Raises:
        TypeError: It is no coroutine function.
        ValueError: A limit is not positive.
    """
    if not inspect.iscoroutinefunction(view):
        raise TypeError(
            f"The view {view!r} of a WebSocket is no coroutine function: write it with"
            " 'async def'."
        )
    for name, limit in (("max_size", max_size), ("max_rate", max_rate)):
        if limit is not _UNSET and limit is not None and not limit > 0:
            raise ValueError(f"{name}={limit!r} lets no message in: use None for any.")
    return WebSocketView(view, max_size, max_rate)


class UpgradeRequired(HTTPException):
    """The URL is a WebSocket, and was asked for by a plain request (426)."""

    code = 426


def upgrade_required(app: AppState, request: Request) -> UpgradeRequired:
    """Return the answer to a request that should have become a WebSocket.

    `Upgrade` names what the URL speaks (RFC 9110 §15.5.22) wherever a program may send
    it: no application of WSGI may (PEP 3333), and no answer of HTTP/2 (RFC 9113
    §8.2.2).
    """
    environ = request.environ
    if "asgi.scope" not in environ:
        why = (
            "This URL is a WebSocket. The server speaks WSGI, which has none: serve the"
            " app by ASGI, as with uvicorn."
        )
    elif is_websocket(environ):
        why = (
            "This URL is a WebSocket. The server has taken the handshake for a plain"
            " request, as uvicorn does while the package 'websockets' is missing."
        )
    else:
        why = (
            "This URL is a WebSocket, and this was a plain request: open it by the"
            " scheme ws: or wss:."
        )
    response = app.response_class(why, UpgradeRequired.code, mimetype="text/plain")
    if "asgi.scope" in environ and environ["SERVER_PROTOCOL"] == "HTTP/1.1":
        response.headers["Upgrade"] = "websocket"
        response.headers["Connection"] = "Upgrade"
    return UpgradeRequired(response=response)


def websocket_at(app: AppState, request: Request) -> WebSocketView | None:
    """Return the view of a WebSocket at the URL of a plain request, if there is one."""
    if is_websocket(request.environ):
        return None
    adapter: Any = app.create_url_adapter(request)
    try:
        rule, _ = adapter.match(websocket=True, return_rule=True)
    except HTTPException:  # a redirect
        return None
    view = app.view_functions.get(rule.endpoint)
    return view if isinstance(view, WebSocketView) else None
