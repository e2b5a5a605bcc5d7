"""Whether a request is for a WebSocket, which other rules match than HTTP."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment


def is_websocket(environ: WSGIEnvironment) -> bool:
    """Return whether a request asks to become a WebSocket (RFC 6455 §4.1)."""
    if "HTTP_UPGRADE" not in environ:
        return False
    connection = environ.get("HTTP_CONNECTION", "").lower().split(",")
    upgrades = any(option.strip(" \t") == "upgrade" for option in connection)
    return upgrades and str(environ["HTTP_UPGRADE"]).lower() == "websocket"
