"""Call a WSGI app and its commands without a server, with its context and session held open."""

from __future__ import annotations

__all__: list[str] = []
