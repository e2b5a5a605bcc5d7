"""Context locals: a pushed context, proxies to what is in it, and carrying it over threads, tasks and generators."""

from __future__ import annotations

__all__: list[str] = []
