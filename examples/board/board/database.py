"""One SQLite connection for each request, opened when it is first asked for."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tantalus import App, current_app, g


def init_app(app: App) -> None:
    """Make missing tables now, and close what a request opened when it ends."""
    app.teardown_appcontext(close_connection)
    with app.app_context():
        create_tables()


def connection() -> sqlite3.Connection:
    """Return this request's connection; its rows answer to the names of columns."""
    if "connection" not in g:
        g.connection = sqlite3.connect(current_app.config["DATABASE"])
        g.connection.row_factory = sqlite3.Row
        g.connection.execute("PRAGMA foreign_keys = ON")
    opened: sqlite3.Connection = g.connection
    return opened


def close_connection(error: BaseException | None = None) -> None:
    """Close this request's connection, if it opened one."""
    opened = g.pop("connection", None)
    if opened is not None:
        opened.close()


def create_tables() -> None:
    """Make the tables that are missing; what is there stays."""
    schema = Path(current_app.root_path, "schema.sql")
    connection().executescript(schema.read_text(encoding="utf-8"))


def delete_everything() -> None:
    """Drop the tables and make them anew, empty."""
    connection().executescript(
        "DROP TABLE IF EXISTS message; DROP TABLE IF EXISTS user;"
    )
    create_tables()
