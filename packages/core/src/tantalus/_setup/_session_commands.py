"""The commands `sessions …`: what has to be done for a store now and then."""

from __future__ import annotations

from typing import Any

import click

from tantalus_cli import AppGroup
from tantalus_sessions import SessionStoreError, StoreSessionInterface

from ..ctx import current_app_context

sessions_command = AppGroup("sessions", short_help="Look after stored sessions.")


@sessions_command.command("sweep")
def sweep_command() -> None:
    """Remove the expired sessions from the store of the app, and say how many.

    A store does so by itself while new sessions come; this is for files that are to be
    small now, and for a schedule where few come. Ends with status 1 if the store fails.
    """
    app = current_app_context().app
    interface: Any = app.session_interface
    if not isinstance(interface, StoreSessionInterface):
        raise click.UsageError(
            f"The application {app.name!r} keeps its sessions in cookies, or by"
            f" {type(interface).__name__}: there is no store to sweep."
        )
    store: Any = interface.store
    if not hasattr(store, "sweep"):
        click.echo(f"{type(store).__name__} removes expired sessions by itself.")
        return
    try:
        removed = store.sweep()
    except SessionStoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Expired sessions removed: {removed}.")
