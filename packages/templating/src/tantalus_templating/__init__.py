"""Jinja set up for the web: safe autoescaping, several template folders, context processors, streaming."""

from __future__ import annotations

__all__: list[str] = []
