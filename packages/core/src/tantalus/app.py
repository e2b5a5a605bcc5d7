"""Names that Flask documents under `flask.app`, and our own app class."""

from __future__ import annotations

from ._app import App
from ._flask._class import Flask

__all__ = ["App", "Flask"]
