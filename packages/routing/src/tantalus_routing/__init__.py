"""Match URLs to endpoints, build URLs from endpoints, and register routes in nestable groups."""

from __future__ import annotations

__all__: list[str] = []
