"""A module of links, written for `routes --python`, or compared with what is there."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from tantalus_cli._app import WritesLinks, app_title, has
from tantalus_cli._errors import MissingAbility


def write_links(app: object, path: Path, *, check: bool) -> None:
    """Write the links of an app to a file; with `check`, only compare them.

    Raises:
        MissingAbility: The app has none.
        ClickException: The file has others, or two endpoints would be one function.
    """
    if not has(app, "python_links"):
        raise MissingAbility(app_title(app), "python_links", "there are no links")
    try:
        made = cast(WritesLinks, app).python_links()
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if not check:
        path.write_text(made, encoding="utf-8")
        click.echo(f"{path} is written.")
    elif not path.exists() or path.read_text(encoding="utf-8") != made:
        raise click.ClickException(
            f"{path} does not have the links of the app. Write it again:"
            f" routes --python {path}"
        )
    else:
        click.echo(f"{path} has the links of the app.")
