"""Switches: those in the environment, and whether we stand for Flask."""

from __future__ import annotations

import os
import sys

#: The version of Flask whose interface this is.
FLASK_VERSION = "3.1.3"
_OFF = frozenset({"0", "false", "no"})


def is_installed() -> bool:
    """Tell whether `import flask` means Tantalus in this process."""
    return any(
        getattr(finder, "stands_for_flask", False) is True for finder in sys.meta_path
    )


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
