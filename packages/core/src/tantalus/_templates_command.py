"""The command `templates`: compile every template, and tell the mistakes in them.

The program `tantalus` finds it as an entry point of this package.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import click
from jinja2 import Environment

from tantalus_templating import Problem, check

from .cli import ScriptInfo, with_appcontext


@click.command("templates", short_help="Check the templates of the app.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
@with_appcontext
def templates_command(ctx: click.Context, *, as_json: bool) -> None:
    """Compile all templates of the app and its blueprints, and tell what is wrong.

    Finds syntax errors, unknown filters and tests, and parents, includes and imports
    that do not exist. Prints 'file:line: message' for each, and ends with status 1 if
    there are any.
    """
    app = ctx.ensure_object(ScriptInfo).load_app()
    title = getattr(app, "name", None) or repr(app)
    environment = getattr(app, "jinja_env", None)
    if environment is None:
        raise click.UsageError(
            f"The application {title!r} has no 'jinja_env', so its templates cannot be"
            " checked."
        )
    names = _names(environment, title)
    problems = check(environment, names) if names else []
    _show(problems, len(names), title, as_json=as_json)
    if problems:
        ctx.exit(1)


def _names(environment: Environment, title: str) -> list[str]:
    if environment.loader is None:
        return []
    try:
        return environment.list_templates()
    except TypeError as err:
        raise click.UsageError(
            f"The templates of the application {title!r} cannot be checked, as one of"
            f" its loaders cannot list them: {err}. Give the loader a"
            " 'list_templates()'."
        ) from err


def _show(
    problems: Sequence[Problem], checked: int, title: str, *, as_json: bool
) -> None:
    if as_json:
        rows = [asdict(problem) for problem in problems]
        click.echo(json.dumps({"checked": checked, "problems": rows}, indent=2))
    elif checked == 0:
        click.echo(
            f"The application {title!r} has no templates: there is no file in its"
            " template folder, nor in those of its blueprints."
        )
    else:
        for problem in problems:
            click.echo(str(problem))
        found = _count(len(problems), "problem")
        click.echo(f"{_count(checked, 'template')} checked, {found} found.")


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
