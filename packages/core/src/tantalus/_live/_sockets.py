"""Names of WebSockets, loaded when they are first used."""

from __future__ import annotations

from tantalus_http import WebSocket as WebSocket
from tantalus_http import WebSocketClosed as WebSocketClosed
