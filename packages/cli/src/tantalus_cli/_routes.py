"""The command `routes`: what is registered, and why a request goes where it goes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, cast

import click

from tantalus_cli._app import (
    ExplainsRoutes,
    HasRoutes,
    RouteAttempt,
    RouteTable,
    RuleLike,
    app_title,
    has,
)
from tantalus_cli._context import enter_app_context
from tantalus_cli._errors import MissingAbility
from tantalus_cli._script import ScriptInfo
from tantalus_cli._table import echo_table

_AUTOMATIC_METHODS = frozenset({"HEAD", "OPTIONS"})
_SORTS = ("endpoint", "methods", "domain", "rule", "match")


class _Route(NamedTuple):
    """One line of the list; `domain` is a host or a subdomain, empty for any."""

    endpoint: str
    methods: list[str]
    domain: str
    rule: str


class _Step(NamedTuple):
    """What became of one rule when a request was looked up."""

    rule: str
    matched: bool
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
@click.pass_context
def routes_command(
    ctx: click.Context,
    *,
    sort: str,
    all_methods: bool,
    as_json: bool,
    explain: tuple[str, str] | None,
) -> None:
    """Show all registered routes with endpoints and methods."""
    table, title = _route_table(ctx)
    if explain is not None:
        _show_steps(_explain(table, title, *explain), as_json=as_json)
        return
    hidden = frozenset[str]() if all_methods else _AUTOMATIC_METHODS
    by_host = bool(getattr(table, "host_matching", False))
    routes = [_route(rule, hidden, by_host=by_host) for rule in table.iter_rules()]
    if sort != "match":
        routes.sort(key=attrgetter(sort))
    if as_json:
        _echo_json([route._asdict() for route in routes])
    elif routes:
        _show_routes(routes, domain_header="Host" if by_host else "Subdomain")
    else:
        click.echo("No routes were registered.")


def _route_table(ctx: click.Context) -> tuple[RouteTable, str]:
    app = ctx.ensure_object(ScriptInfo).load_app()
    title = app_title(app)
    if not has(app, "url_map"):
        raise MissingAbility(title, "url_map", "its routes cannot be listed")
    enter_app_context(ctx, app)
    return cast(HasRoutes, app).url_map, title


def _route(rule: RuleLike, hidden: frozenset[str], *, by_host: bool) -> _Route:
    return _Route(
        endpoint=str(rule.endpoint),
        methods=sorted(set(rule.methods or ()) - hidden),
        domain=getattr(rule, "host" if by_host else "subdomain", None) or "",
        rule=rule.rule,
    )


def _show_routes(routes: Sequence[_Route], *, domain_header: str) -> None:
    columns = {
        "Endpoint": [route.endpoint for route in routes],
        "Methods": [", ".join(route.methods) for route in routes],
        domain_header: [route.domain for route in routes],
        "Rule": [route.rule for route in routes],
    }
    if not any(columns[domain_header]):
        del columns[domain_header]
    echo_table(list(columns), list(zip(*columns.values(), strict=True)))


def _explain(
    table: RouteTable, title: str, method: str, path: str
) -> Iterable[RouteAttempt]:
    if not has(table, "explain"):
        raise MissingAbility(title, "url_map.explain", "its matching is not explained")
    if not path.startswith("/"):
        raise click.BadParameter(
            f"The path {path!r} does not start with '/'. Write '/{path}'.",
            param_hint="'--explain'",
        )
    return cast(ExplainsRoutes, table).explain(method.upper(), path)


def _show_steps(attempts: Iterable[RouteAttempt], *, as_json: bool) -> None:
    steps = [
        _Step(_rule_text(attempt.rule), bool(attempt.matched), str(attempt.reason))
        for attempt in attempts
    ]
    if as_json:
        _echo_json([step._asdict() for step in steps])
    elif steps:
        cells = [("yes" if s.matched else "no", s.rule, s.reason) for s in steps]
        echo_table(("Match", "Rule", "Reason"), cells)
    else:
        click.echo("No rule was tried.")


def _rule_text(rule: object) -> str:
    return str(getattr(rule, "rule", rule))


def _echo_json(rows: list[dict[str, Any]]) -> None:
    click.echo(json.dumps(rows, indent=2))
