"""The app that a project names in its `pyproject.toml`: `[tool.tantalus] app = "…"`."""

from __future__ import annotations

import os
from pathlib import Path

from tantalus_cli._errors import BadProjectFile


def project_app(table: str) -> str | None:
    """Return the import path from `[tool.<table>]` of the nearest `pyproject.toml`.

    The file is searched in this folder and those above it, and its module is relative
    to the folder that holds it.

    Raises:
        BadProjectFile: The file is no TOML, or `app` is no text.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            return _app_in(path, table)
    return None


def _app_in(path: Path, table: str) -> str | None:
    # Imported here: a start that is told its app need not parse TOML (2 ms).
    import tomllib  # noqa: PLC0415 - see above

    try:
        with path.open("rb") as file:
            tool = tomllib.load(file).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise BadProjectFile(
            str(path), f"not valid TOML: {err}. Correct it, or pass '--app'."
        ) from None
    app = tool.get(table, {}).get("app")
    if app is None:
        return None
    if not isinstance(app, str) or not app:
        raise BadProjectFile(
            str(path), f'[tool.{table}] app is {app!r}. Write app = "module:name".'
        )
    return os.path.join(path.parent, app)
