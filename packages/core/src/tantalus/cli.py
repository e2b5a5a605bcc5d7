"""Names that Flask documents under `flask.cli`; see `tantalus_cli`.

Importing this module tells the command line which app is at work already, so that a
command called inside an app context does not push a second one.
"""

from __future__ import annotations

from dataclasses import replace

import tantalus_cli
from tantalus_cli import *  # noqa: F403 - all of its door stands here, too
from tantalus_cli import Settings, current_settings, use_settings
from tantalus_cli import TantalusGroup as FlaskGroup

from ._ground._flags import FLASK_VERSION, is_installed
from .ctx import _cv_app

__all__ = ["FlaskGroup"]
__all__ += tantalus_cli.__all__


def _active_app() -> object | None:
    context = _cv_app.get(None)
    return None if context is None else context.app


def _flask_settings(settings: Settings) -> Settings:
    """Return the settings under which the command line is Flask's."""
    own_versions = settings.version_text
    return replace(
        settings,
        program="flask",
        prefixes=("FLASK",),
        env_files=(".env", ".flaskenv"),
        entry_point_groups=("flask.commands",),
        project_table=None,
        version_text=lambda: f"{own_versions()}\nFlask {FLASK_VERSION} (by Tantalus)",
    )


_settings = replace(current_settings(), active_app=_active_app)
use_settings(_flask_settings(_settings) if is_installed() else _settings)
