"""Serve the board, with a few messages on it if it is empty: `hatch run demo`.

python examples/board/demo.py [options of `tantalus run`]
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from tantalus.cli import main

from board import commands, create_app, messages

HERE = Path(__file__).parent
LOG_IN = f"Log in as 'sisyphus' or 'tantalus' with the password '{commands.PASSWORD}'."


def fill() -> None:
    """Put the example messages on an empty board, and tell who may log in."""
    app = create_app()
    with app.app_context():
        is_empty = not messages.newest(limit=1)
    if is_empty:
        app.test_cli_runner().invoke(commands.seed, catch_exceptions=False)
        click.echo(f"The board was empty and has a few messages now. {LOG_IN}")


if __name__ == "__main__":
    fill()
    sys.argv[1:] = ["--app", str(HERE / "board"), "run", *sys.argv[1:]]
    main()
