"""The command `routes`: what is registered, and why a request goes where it goes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, cast

import click

from tantalus_cli._app import (
    ExplainsRoutes,
    HasRoutes,
    RouteAttempt,
    RuleLike,
    app_title,
    has,
)
from tantalus_cli._context import enter_app_context
from tantalus_cli._errors import MissingAbility
from tantalus_cli._links import write_links
from tantalus_cli._script import ScriptInfo
from tantalus_cli._table import echo_table

_AUTOMATIC_METHODS = frozenset({"HEAD", "OPTIONS"})
# Where requests live that are not on the event loop.
_IN_WORKER = "worker"
_SORTS = ("endpoint", "methods", "domain", "rule", "match")


class _Route(NamedTuple):
    """One line of the list; `domain` is a host or a subdomain, empty for any.

    `life` tells where requests live under ASGI; empty if the app cannot tell.
    """

    endpoint: str
    methods: list[str]
    domain: str
    rule: str
    life: str


class _Step(NamedTuple):
    """What became of one rule when a request was looked up."""

    rule: str
    outcome: str
    reason: str


@click.command("routes", short_help="Show the routes for the app.")
@click.option(
    "--sort",
    "-s",
    type=click.Choice(_SORTS),
    default="endpoint",
    help="Column to sort by; 'match' is the order in which routes are tried.",
)
@click.option("--all-methods", is_flag=True, help="Show HEAD and OPTIONS methods.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--explain",
    nargs=2,
    metavar="METHOD PATH",
    help="Show which rules are tried for a request, and what became of each.",
)
@click.option(
    "--python",
    "links",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a module with a function for the URL of each endpoint.",
)
@click.option("--check", is_flag=True, help="Only tell whether --python is up to date.")
@click.pass_context
def routes_command(
    ctx: click.Context,
    *,
    sort: str,
    all_methods: bool,
    as_json: bool,
    explain: tuple[str, str] | None,
    links: Path | None,
    check: bool,
) -> None:
    """Show all registered routes with endpoints and methods."""
    app = _app_with_routes(ctx)
    if links is not None:
        write_links(app, links, check=check)
        return
    if check:
        raise click.UsageError("--check is for --python: it says which file is meant.")
    if explain is not None:
        _show_steps(_explain(app, *explain), as_json=as_json)
        return
    table = app.url_map
    hidden = frozenset[str]() if all_methods else _AUTOMATIC_METHODS
    by_host = bool(getattr(table, "host_matching", False))
    life_of = getattr(app, "life_of", _unknown_life)
    routes = [
        _route(rule, hidden, by_host=by_host, life=life_of(rule))
        for rule in table.iter_rules()
    ]
    if sort != "match":
        routes.sort(key=attrgetter(sort))
    if as_json:
        _echo_json([_as_object(route) for route in routes])
    elif routes:
        _show_routes(routes, domain_header="Host" if by_host else "Subdomain")
    else:
        click.echo("No routes were registered.")


def _app_with_routes(ctx: click.Context) -> HasRoutes:
    app = ctx.ensure_object(ScriptInfo).load_app()
    if not has(app, "url_map"):
        title = app_title(app)
        raise MissingAbility(title, "url_map", "its routes cannot be listed")
    enter_app_context(ctx, app)
    return cast(HasRoutes, app)


def _unknown_life(rule: RuleLike) -> str:
    return ""


def _route(
    rule: RuleLike, hidden: frozenset[str], *, by_host: bool, life: str
) -> _Route:
    return _Route(
        endpoint=str(rule.endpoint),
        methods=sorted(set(rule.methods or ()) - hidden),
        domain=getattr(rule, "host" if by_host else "subdomain", None) or "",
        rule=rule.rule,
        life=life,
    )


def _as_object(route: _Route) -> dict[str, Any]:
    members = route._asdict()
    if not route.life:
        del members["life"]
    return members


def _show_routes(routes: Sequence[_Route], *, domain_header: str) -> None:
    columns = {
        "Endpoint": [route.endpoint for route in routes],
        "Methods": [", ".join(route.methods) for route in routes],
        domain_header: [route.domain for route in routes],
        "Rule": [route.rule for route in routes],
        "Runs on": [route.life for route in routes],
    }
    if not any(columns[domain_header]):
        del columns[domain_header]
    # Where nothing is awaited there is nothing to tell.
    if set(columns["Runs on"]) <= {"", _IN_WORKER}:
        del columns["Runs on"]
    echo_table(list(columns), list(zip(*columns.values(), strict=True)))


def _explain(app: HasRoutes, method: str, path: str) -> Iterable[RouteAttempt]:
    able = [host for host in (app.url_map, app) if has(host, "explain")]
    if not able:
        raise MissingAbility(
            app_title(app), "url_map.explain", "its matching cannot be explained"
        )
    if not path.startswith("/"):
        raise click.BadParameter(
            f"The path {path!r} does not start with '/'. Write '/{path}'.",
            param_hint="'--explain'",
        )
    return cast(ExplainsRoutes, able[0]).explain(method.upper(), path)


def _show_steps(attempts: Iterable[RouteAttempt], *, as_json: bool) -> None:
    steps = [
        _Step(_rule_text(attempt.rule), attempt.outcome, attempt.reason)
        for attempt in attempts
    ]
    if as_json:
        _echo_json([step._asdict() for step in steps])
    elif steps:
        echo_table(("Rule", "Outcome", "Reason"), steps)
    else:
        click.echo("There are no rules.")


def _rule_text(rule: object) -> str:
    return str(getattr(rule, "rule", rule))


def _echo_json(rows: list[dict[str, Any]]) -> None:
    click.echo(json.dumps(rows, indent=2))
