"""Switches in the environment that are read when an app is made."""

from __future__ import annotations

import os

_OFF = frozenset({"0", "false", "no"})


def _variable(name: str) -> str:
    return os.environ.get(f"TANTALUS_{name}") or os.environ.get(f"FLASK_{name}") or ""


def get_debug_flag() -> bool:
    """Tell whether `TANTALUS_DEBUG`, or else `FLASK_DEBUG`, turns debug mode on."""
    value = _variable("DEBUG")
    return bool(value) and value.lower() not in _OFF


def get_load_dotenv(default: bool = True) -> bool:
    """Tell whether `.env` files are read: `TANTALUS_SKIP_DOTENV` turns it off."""
    value = _variable("SKIP_DOTENV")
    return value.lower() in _OFF if value else default
