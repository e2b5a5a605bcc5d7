"""A dict that survives between requests: in a signed cookie, or on the server where wanted."""

from __future__ import annotations

__all__: list[str] = []
