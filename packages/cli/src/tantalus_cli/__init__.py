"""Find a WSGI app, run it, look into it, and add commands to it."""

from __future__ import annotations

__all__: list[str] = []
