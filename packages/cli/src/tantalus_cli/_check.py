"""The command `check`: what is unsafe about this app in production."""

from __future__ import annotations

import json

import click

from tantalus_cli._app import app_title, knows_problems
from tantalus_cli._errors import MissingAbility
from tantalus_cli._findings import Finding
from tantalus_cli._layers import is_configured, layers
from tantalus_cli._script import ScriptInfo
from tantalus_cli._table import echo_table


@click.command("check", short_help="Load the app, and tell what is unsafe about it.")
@click.option("--deploy", is_flag=True, help="Look for what is unsafe in production.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--ignore",
    multiple=True,
    metavar="CODE",
    help="Leave this finding out; may be given several times.",
)
@click.pass_context
def check_command(
    ctx: click.Context, *, deploy: bool, as_json: bool, ignore: tuple[str, ...]
) -> None:
    """Load the application and tell what is wrong with it.

    Ends with status 1 if there are findings. The application is looked at as a
    server would load it here, with the environment of this call.
    """
    info = ctx.ensure_object(ScriptInfo)
    app = info.load_app()
    if deploy and not any(map(is_configured, layers(app))):
        raise MissingAbility(app_title(app), "config", "its settings cannot be checked")
    findings = find_dead_routes(app)
    if deploy:
        findings += _risks(app, debug=info.app_debug)
    findings = [finding for finding in findings if finding.code not in ignore]
    _show(findings, app_title(app), as_json=as_json)
    if findings:
        ctx.exit(1)


def _risks(app: object, *, debug: bool) -> list[Finding]:
    # Imported here: what looks into apps is needed by this command only.
    from tantalus_cli._deploy import find_risks  # noqa: PLC0415 - see above

    return find_risks(app, debug=debug)


def find_dead_routes(app: object) -> list[Finding]:
    """Return what is wrong with the routes of an app whose URL map can tell."""
    url_map = getattr(app, "url_map", None)
    if not knows_problems(url_map):
        return []
    return [
        Finding(each.code, each.rule, each.problem, each.cure)
        for each in url_map.problems()
    ]


def _show(findings: list[Finding], title: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in findings], indent=2))
    elif findings:
        cells = [(found.code, found.problem, found.cure) for found in findings]
        echo_table(("Code", "Problem", "Cure"), cells)
    else:
        click.echo(f"No problems found in {title!r}.")
