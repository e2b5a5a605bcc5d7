"""The app that a project names in its `pyproject.toml`: `[tool.tantalus] app = "…"`."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from typing import Any

from tantalus_cli._errors import BadProjectFile


def project_app(table: str) -> str | None:
    """Return the import path from `[tool.<table>]` of the nearest `pyproject.toml`.

    The file is searched in this folder and those above it, and its module is relative
    to the folder that holds it.

    Raises:
        BadProjectFile: The file is no TOML, or `app` is no text.
    """
    for folder in _upwards(os.getcwd()):
        path = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(path):
            app = _app_in(path, table)
            return None if app is None else os.path.join(folder, app)
    return None


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        yield parent
        folder = parent


def _app_in(path: str, table: str) -> str | None:
    content = _read(path)
    for key in ("tool", table):
        content = content.get(key, {})
        if not isinstance(content, dict):
            raise BadProjectFile(path, f"{key!r} is no table. Write [tool.{table}].")
    app = content.get("app")
    if app is not None and (not isinstance(app, str) or not app):
        raise BadProjectFile(
            path, f'[tool.{table}] app is {app!r}. Write app = "module:name".'
        )
    return app


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        problem = f"not valid TOML: {err}. Correct it, or pass '--app'."
    except OSError as err:
        problem = f"{err.strerror}. Make it readable, or pass '--app'."
    raise BadProjectFile(path, problem) from None
