"""The command `openapi`: the document of an app, printed, written or compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tantalus_cli import with_appcontext

from ..ctx import current_app_context
from ._document import to_json


@click.command("openapi", short_help="Show the OpenAPI document of the app.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to a file.",
)
@click.option(
    "--check",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="Compare it with a file; end with status 1 if it is another.",
)
@with_appcontext
def openapi_command(output: Path | None, check: Path | None) -> None:
    """Print the OpenAPI 3.1 document of the typed views of the app."""
    try:
        app: Any = current_app_context().app
        made = app.openapi()
    except (TypeError, ImportError) as error:
        raise click.ClickException(str(error)) from error
    if check is not None:
        _compare(made, check)
    elif output is not None:
        output.write_text(to_json(made), encoding="utf-8")
    else:
        click.echo(to_json(made), nl=False)


def _compare(made: Any, path: Path) -> None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{path} is no JSON: {error}") from error
    places = list(_differences(kept, made, "#"))
    if places:
        more = " and elsewhere" if places[5:] else ""
        raise click.ClickException(
            f"{path} is not the document of the app. They differ at"
            f" {', '.join(places[:5])}{more}. Write it again: openapi --output {path}"
        )
    click.echo(f"{path} is the document of the app.")


def _differences(kept: Any, made: Any, place: str) -> Any:
    """Yield pointers to what is not the same."""
    if isinstance(kept, dict) and isinstance(made, dict):
        for key in sorted(kept.keys() | made.keys()):
            inner = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in kept and key in made:
                yield from _differences(kept[key], made[key], inner)
            else:
                yield inner
    elif kept != made:
        yield place
