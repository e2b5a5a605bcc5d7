"""Routes of WebSockets: what is registered, and what WSGI answers there."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from ..ctx import current_context
from ..wrappers import Response

# Any: a view takes what its rule has.
View = Callable[..., Any]
_UPGRADE_REQUIRED = 426
_UNSET: Any = object()


class WebSocketView:
    """A view of a WebSocket, which `_asgi` calls; called by WSGI, it says so.

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

    def __call__(self, **values: Any) -> Response:
        """Answer that this server cannot speak WebSockets (426, RFC 9110 §15.5.22)."""
        return current_context().app.response_class(
            "This URL is a WebSocket. The server speaks WSGI, which has none: serve the"
            " app by ASGI, as with uvicorn.",
            _UPGRADE_REQUIRED,
            mimetype="text/plain",
        )

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
