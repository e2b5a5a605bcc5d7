"""Commands of the board, beside those every app has."""

from __future__ import annotations

import click
from tantalus import App
from tantalus.cli import with_appcontext

from . import database, messages, users

EXAMPLES = [
    ("sisyphus", "Almost there."),
    ("tantalus", "Has anybody seen the menu? The fruit is just out of reach."),
    ("sisyphus", "Small setback. Starting again."),
]
PASSWORD = "underworld"


def init_app(app: App) -> None:
    app.cli.add_command(init_db)
    app.cli.add_command(seed)


@click.command("init-db")
@click.confirmation_option(prompt="Delete every account and message?")
@with_appcontext
def init_db() -> None:
    """Empty the board: no accounts, no messages."""
    database.delete_everything()
    click.echo("The board is empty.")


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Put a few example messages on the board."""
    try:
        authors = {name: users.add(name, PASSWORD) for name in ("sisyphus", "tantalus")}
    except users.Refused:
        raise click.ClickException(
            "The example accounts exist already. Run init-db to start anew."
        ) from None
    for name, text in EXAMPLES:
        messages.add(authors[name], text)
    click.echo(f"{len(EXAMPLES)} messages. The password of both is {PASSWORD}.")
