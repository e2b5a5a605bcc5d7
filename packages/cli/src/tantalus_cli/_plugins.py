"""Commands that installed packages announce as entry points, loaded when asked for."""

from __future__ import annotations

import traceback
from typing import Protocol

import click

from tantalus_cli._errors import describe


class EntryPoint(Protocol):
    """An announced command, as `importlib.metadata` describes it."""

    @property
    def name(self) -> str:
        """The name of the command."""
        ...

    @property
    def group(self) -> str:
        """The entry point group."""
        ...

    @property
    def value(self) -> str:
        """Where the command is: `module:attribute`."""
        ...

    def load(self) -> object:
        """Import the command; may raise anything."""
        ...


def find_plugins(groups: tuple[str, ...]) -> dict[str, EntryPoint]:
    """Return the announced commands by name; the first of the groups wins."""
    # Imported here: importlib.metadata takes as long to import as Click itself.
    from importlib import metadata  # noqa: PLC0415 - see above

    found: dict[str, EntryPoint] = {}
    for group in reversed(groups):
        found |= {point.name: point for point in metadata.entry_points(group=group)}
    return found


def load_plugin(point: EntryPoint) -> click.Command | None:
    """Return the command, or report why there is none and return `None`.

    One broken package must not take the other commands away.
    """
    try:
        command = point.load()
    except Exception:
        _report(point, f"cannot be loaded:\n\n{traceback.format_exc()}")
        return None
    if not isinstance(command, click.Command):
        _report(point, f"is no Click command, but {describe(command)}.")
        return None
    return command


def _report(point: EntryPoint, problem: str) -> None:
    click.secho(
        f"Error: The command {point.name!r} that an installed package announces"
        f" (entry point {point.value!r} in {point.group!r}) {problem}\n"
        "Update or uninstall that package.\n",
        err=True,
        fg="red",
    )
