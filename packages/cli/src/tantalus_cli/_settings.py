"""The names that the command line goes by, in one replaceable object.

A host that offers this command line under another name (or with another idea of which
app is active) replaces the settings; nothing else in the package names a product.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from tantalus_cli._version import installed_versions


def _no_active_app() -> object | None:
    return None


@dataclass(frozen=True)
class Settings:
    """Names and hooks of the command line.

    Args:
        program: The name of the command in messages.
        prefixes: Prefixes of environment variables, the preferred one first; the
            others are read where the first has no value.
        env_files: Files to read variables from, the one that wins first.
        entry_point_groups: Where installed packages announce commands; the first
            group wins.
        project_table: The table below `[tool]` in `pyproject.toml` that names the
            app, or `None` to leave that file alone.
        commands: The built-in commands that a group offers.
        version_text: Makes the text of `--version`.
        active_app: Returns the app whose context is active, or `None`; asked before
            a context is pushed.
    """

    program: str = "tantalus"
    prefixes: tuple[str, ...] = ("TANTALUS", "FLASK")
    env_files: tuple[str, ...] = (".env", ".tantalusenv", ".flaskenv")
    entry_point_groups: tuple[str, ...] = ("tantalus.commands", "flask.commands")
    project_table: str | None = "tantalus"
    commands: tuple[str, ...] = (
        "run",
        "shell",
        "routes",
        "templates",
        "check",
        "secret",
    )
    version_text: Callable[[], str] = installed_versions
    active_app: Callable[[], object | None] = _no_active_app

    def variable(self, name: str) -> str | None:
        """Return the first non-empty value of `name` under the prefixes, in order."""
        for prefix in self.prefixes:
            value = os.environ.get(f"{prefix}_{name}")
            if value:
                return value
        return None

    def set_variable(self, name: str, value: str) -> None:
        """Set `name` under every prefix, so that all who read one of them agree."""
        for prefix in self.prefixes:
            os.environ[f"{prefix}_{name}"] = value

    def variable_names(self, name: str) -> str:
        """Return how messages call the variable: `'TANTALUS_APP'` or `'FLASK_APP'`."""
        return " or ".join(f"'{prefix}_{name}'" for prefix in self.prefixes)


_current = Settings()


def current_settings() -> Settings:
    """Return the settings in force."""
    return _current


def use_settings(settings: Settings) -> Settings:
    """Put `settings` in force for this process and return those they replace."""
    global _current
    previous, _current = _current, settings
    return previous
