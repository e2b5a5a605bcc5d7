"""The command `templates`: compile every template, and tell the mistakes in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

import click

from tantalus_cli._app import HasTemplates, TemplateProblem, app_title, has
from tantalus_cli._context import enter_app_context
from tantalus_cli._errors import MissingAbility
from tantalus_cli._script import ScriptInfo

_COLUMNS = ("template", "file", "line", "kind", "message")


@click.command("templates", short_help="Check the templates of the app.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def templates_command(ctx: click.Context, *, as_json: bool) -> None:
    """Compile all templates of the app and its blueprints, and tell what is wrong.

    Finds syntax errors, unknown filters and tests, and parents, includes and imports
    that do not exist. Prints 'file:line: message' for each, and ends with status 1 if
    there are any.
    """
    app = ctx.ensure_object(ScriptInfo).load_app()
    title = app_title(app)
    if not has(app, "check_templates"):
        raise MissingAbility(title, "check_templates", "its templates are unknown")
    enter_app_context(ctx, app)
    try:
        names, problems = cast(HasTemplates, app).check_templates()
    except TypeError as err:  # from a loader that has no list of its templates
        raise click.UsageError(
            f"The templates of the application {title!r} cannot be checked: {err}. Give"
            " its template loaders a 'list_templates()'."
        ) from err
    _show(problems, len(names), title, as_json=as_json)
    if problems:
        ctx.exit(1)


def _show(
    problems: Sequence[TemplateProblem], checked: int, title: str, *, as_json: bool
) -> None:
    if as_json:
        rows = [
            {key: getattr(problem, key) for key in _COLUMNS} for problem in problems
        ]
        click.echo(json.dumps({"checked": checked, "problems": rows}, indent=2))
    elif checked == 0:
        click.echo(
            f"The application {title!r} has no templates: there is no file in its"
            " template folder, nor in those of its blueprints."
        )
    else:
        for problem in problems:
            click.echo(f"{problem.file}:{problem.line}: {problem.message}")
        found = _count(len(problems), "problem")
        click.echo(f"{_count(checked, 'template')} checked, {found} found.")


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
