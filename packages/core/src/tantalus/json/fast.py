"""JSON by orjson, with the extra `orjson`; see `tantalus_http`."""

from __future__ import annotations

from tantalus_http import FastJSONProvider

__all__ = ["FastJSONProvider"]
