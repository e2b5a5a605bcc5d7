"""Call a WSGI or ASGI app and its commands without a server, its context held open.

A name is imported when it is first used: every pytest run loads this package for the
sake of its plugin, and Werkzeug's client and Click's would cost each some 30 ms.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # at run time `__getattr__` imports them
    from ._async_client import AsyncClient, AsyncStream
    from ._builder import EnvironBuilder
    from ._client import Client
    from ._cookies import Cookie
    from ._errors import (
        ASGIMessageError,
        BaseUrlConflictError,
        ClientClosedError,
        CookiesDisabledError,
        LeakedContextError,
        LifespanError,
        LoopBlockedError,
        MissingCommandError,
        MissingSignalError,
        NestedClientError,
        NoPlaceInScopeError,
        NoWebSocketsError,
        SessionUnavailableError,
        TestingError,
        UnansweredError,
    )
    from ._leaks import ContextHost, no_leaks
    from ._record import captured_templates, recorded_logs, recorded_signals
    from ._redirects import ForeignRedirectError, RedirectLoopError
    from ._runner import CliRunner
    from ._websocket import (
        AsyncWebSocket,
        WebSocket,
        WebSocketClosed,
        WebSocketDenied,
    )
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = importlib.import_module(f".{_MODULES.get(name, '_errors')}", __name__)
        value: object = getattr(module, name)
        globals()[name] = value
        return value


__all__ = [
    "ASGIMessageError",
    "AsyncClient",
    "AsyncStream",
    "AsyncWebSocket",
    "BaseUrlConflictError",
    "CliRunner",
    "Client",
    "ClientClosedError",
    "ContextHost",
    "Cookie",
    "CookiesDisabledError",
    "EnvironBuilder",
    "ForeignRedirectError",
    "LeakedContextError",
    "LifespanError",
    "LoopBlockedError",
    "MissingCommandError",
    "MissingSignalError",
    "NestedClientError",
    "NoPlaceInScopeError",
    "NoWebSocketsError",
    "RedirectLoopError",
    "SessionUnavailableError",
    "TestingError",
    "UnansweredError",
    "WebSocket",
    "WebSocketClosed",
    "WebSocketDenied",
    "captured_templates",
    "no_leaks",
    "recorded_logs",
    "recorded_signals",
]

_MODULES = {
    "AsyncClient": "_async_client",
    "AsyncStream": "_async_client",
    "AsyncWebSocket": "_websocket",
    "CliRunner": "_runner",
    "Client": "_client",
    "ContextHost": "_leaks",
    "Cookie": "_cookies",
    "EnvironBuilder": "_builder",
    "ForeignRedirectError": "_redirects",
    "RedirectLoopError": "_redirects",
    "WebSocket": "_websocket",
    "WebSocketClosed": "_websocket",
    "WebSocketDenied": "_websocket",
    "captured_templates": "_record",
    "no_leaks": "_leaks",
    "recorded_logs": "_record",
    "recorded_signals": "_record",
}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
