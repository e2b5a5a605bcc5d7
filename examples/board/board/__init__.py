"""A small message board: accounts, messages, and a JSON API beside the pages.

`create_app` is the factory that the command line finds:

    tantalus --app examples/board/board run

Everything the board keeps, its database and the key of its sessions, lies in one
folder outside the code: the instance folder, or the one that the environment
variable `BOARD_INSTANCE` names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tantalus import App

from . import (
    accounts,
    api,
    commands,
    database,
    errors,
    instance,
    live,
    posts,
    protection,
)


def create_app(
    config: Mapping[str, Any] | None = None, *, instance_path: str | None = None
) -> App:
    """Return the board, ready to serve: its folder, key and database exist.

    Args:
        config: Settings that replace the board's own, as tests need them.
        instance_path: The folder for the data.

    Raises:
        UnusableInstanceFolder: The board cannot keep anything there.
    """
    named = instance_path or os.getenv("BOARD_INSTANCE")
    app = App(__name__, instance_path=named and os.path.abspath(named))
    folder = instance.prepare(Path(app.instance_path))
    app.config.from_mapping(
        SECRET_KEY=instance.secret_key(folder),
        DATABASE=str(folder / "board.sqlite"),
        MAX_CONTENT_LENGTH=64 * 1024,
        # The browser sends the session along when somebody follows a link to the
        # board, and not with a form that stands on another site.
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.config.from_mapping(config or {})

    for part in (database, protection, errors, commands):
        part.init_app(app)
    blueprints = (posts.blueprint, accounts.blueprint, api.blueprint, live.blueprint)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app
