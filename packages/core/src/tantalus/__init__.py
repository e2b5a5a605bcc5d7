"""A web framework in pieces: routing, sessions, contexts, templates, command line and test client, stitched into one app object."""

from __future__ import annotations

__all__: list[str] = []
