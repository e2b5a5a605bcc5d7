"""Names that Flask documents under `flask.config`; see `tantalus_config`."""

from __future__ import annotations

from tantalus_config import Config, ConfigAttribute

__all__ = ["Config", "ConfigAttribute"]
