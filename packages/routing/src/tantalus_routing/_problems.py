"""What is wrong with rules that can be read: dead ones, and slow ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from werkzeug.routing import Rule

from ._conflicts import Places
from ._errors import ShadowedRule
from ._rules import compiled_rule
from ._sequence import may_be_slow


class RouteProblem(NamedTuple):
    """Something wrong with a rule: a stable code, what it is, what to do.

    `code` is "route-shadowed" or "route-slow".
    """

    code: str
    rule: str
    problem: str
    cure: str


def problems_of(rules: Iterable[Rule]) -> Iterator[RouteProblem]:
    """Yield what is wrong with rules, in order of registration."""
    places = Places()
    for rule in rules:
        before = places.take(rule)
        if before is not None:
            shadowed = ShadowedRule(rule, before)
            yield RouteProblem(
                "route-shadowed", rule.rule, shadowed.problem, shadowed.cure
            )
        parts = compiled_rule(rule)[0]
        if any(not part.static and may_be_slow(part.content) for part in parts):
            yield RouteProblem(
                "route-slow",
                rule.rule,
                f"Rule {rule.rule!r} of endpoint {rule.endpoint!r} may take very long"
                " on a long path: its converter repeats groups or alternatives.",
                "Write the regex of the converter as letters and sets with counts, such"
                " as '[a-z0-9-]+'.",
            )
