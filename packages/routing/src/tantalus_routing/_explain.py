"""What a map knows, as data: its table, and why a request fits a rule or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from werkzeug.routing import Rule

from ._adapter import CompiledMap
from ._matcher import Matcher
from ._parser import Part
from ._results import Endpoint, Match, Redirect, Result, WrongMethod, WrongProtocol
from ._rules import compiled_rule
from ._tree import mixed_test

GROUP_START = re.compile(r"\(\?P<__werkzeug_\d+>")


class RouteInfo(NamedTuple):
    """One line of the table of routes.

    `domain` is the subdomain or, with host matching, the host; `methods` is None for
    any, else sorted; `arguments` are the names of the values, sorted.
    """

    rule: str
    endpoint: Endpoint
    methods: tuple[str, ...] | None
    domain: str
    arguments: tuple[str, ...]
    defaults: dict[str, Any]
    websocket: bool
    build_only: bool


class Attempt(NamedTuple):
    """How one rule took a request.

    `outcome` is "match", "shadowed" (it would match, but an earlier answer stands
    before it), "redirect", "method", "protocol", "value" (a converter refused it),
    "path", "domain" or "build only"; `reason` says it in words.
    """

    rule: str
    endpoint: Endpoint
    outcome: str
    reason: str


def list_routes(map: CompiledMap) -> list[RouteInfo]:
    """Return the table of routes in order of registration."""
    return [
        RouteInfo(
            rule.rule,
            rule.endpoint,
            None if rule.methods is None else tuple(sorted(rule.methods)),
            (rule.host if map.host_matching else rule.subdomain) or "",
            tuple(sorted(rule.arguments)),
            dict(rule.defaults or {}),
            rule.websocket,
            rule.build_only,
        )
        for rule in map.rules_in_order()
    ]


def explain(
    map: CompiledMap,
    method: str,
    path: str,
    domain: str | None = None,
    *,
    websocket: bool = False,
) -> list[Attempt]:
    """Return what each rule makes of a request, in order of registration.

    Each rule is asked alone, so the cost is O(rules): this is for people.

    Args:
        domain: The subdomain or, with host matching, the host; None is the map's
            default subdomain, or no host.
    """
    if domain is None:
        domain = "" if map.host_matching else map.default_subdomain
    rules = map.rules_in_order()
    everyone: dict[Endpoint, list[Rule]] = {}
    for rule in rules:
        everyone.setdefault(rule.endpoint, []).append(rule)
    answer = Matcher(map, rules, everyone).search(domain, websocket, path, method)
    attempts = []
    for rule in rules:
        alone = Matcher(map, [rule], {rule.endpoint: [rule]})
        result = alone.search(domain, websocket, path, method)
        outcome, reason = judge(rule, result, answer)
        if not outcome:
            outcome, reason = first_misfit(rule, domain, path)
        attempts.append(Attempt(rule.rule, rule.endpoint, outcome, reason))
    return attempts


def judge(rule: Rule, result: Result, answer: Result) -> tuple[str, str]:
    """Return outcome and reason from what a rule says alone; empty for a misfit."""
    if rule.build_only:
        return "build only", "the rule never matches, it only builds"
    if isinstance(result, Match):
        if isinstance(answer, Match) and answer.rule is rule:
            return "match", f"values {result.args!r}"
        if isinstance(answer, Match):
            return "shadowed", f"{answer.rule.rule!r} is tried before it"
        return "shadowed", f"the answer is {answer!r}"
    if isinstance(result, Redirect):
        return "redirect", repr(result)
    if isinstance(result, WrongMethod):
        return "method", f"the rule takes {', '.join(sorted(result.valid_methods))}"
    if isinstance(result, WrongProtocol):
        return (
            "protocol",
            f"the rule is for {'WebSockets' if rule.websocket else 'HTTP'}",
        )
    return "", ""


def first_misfit(rule: Rule, domain: str, path: str) -> tuple[str, str]:
    """Return outcome and reason for a rule that does not fit, part by part."""
    parts = compiled_rule(rule)[0]
    segments = [domain, *path.split("/")]
    for position, part in enumerate(parts):
        if position >= len(segments):
            return "path", f"the path ends before {shown(part)}"
        rest = segments[position:]
        if not fits(part, rest):
            text = "/".join(rest) if part.final else rest[0]
            kind = "path" if position else "domain"
            return kind, f"{text!r} does not fit {shown(part)}"
        if part.final:
            segments = segments[: position + 1]
    if len(segments) > len(parts):
        return "path", f"the path goes on with {'/'.join(segments[len(parts) :])!r}"
    return "value", "a converter refuses its value"


def fits(part: Part, rest: Sequence[str]) -> bool:
    """Return whether a part takes the first of the segments, or all if it is final."""
    if part.static:
        return part.content == rest[0]
    text = "/".join(rest) if part.final else rest[0]
    return mixed_test(part.content)[0](text) is not None


def shown(part: Part) -> str:
    """Return a part as a person may read it."""
    return repr(GROUP_START.sub("(", part.content).removesuffix(r"\Z"))
