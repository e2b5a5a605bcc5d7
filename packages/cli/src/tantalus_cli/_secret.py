"""The command `secret`: a random key."""

from __future__ import annotations

import click


@click.command("secret", short_help="Print a random secret key.")
@click.option(
    "--bytes",
    "size",
    type=click.IntRange(16, 1024),
    default=32,
    show_default=True,
    help="How many random bytes; each prints as two characters.",
)
def secret_command(size: int) -> None:
    """Print a random key for signing, fit for SECRET_KEY.

    Keep it out of the repository: put it into the environment or the settings of
    the machine.
    """
    # Imported here: hashing and random numbers are needed by this command only.
    import secrets  # noqa: PLC0415 - see above

    click.echo(secrets.token_hex(size))
