"""Rules that no request reaches, because equal ones stand before them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from werkzeug.routing import Rule

from ._rules import compiled_rule
from ._tree import part_key

Conflicts: TypeAlias = Literal["raise", "warn", "ignore"]
CONFLICTS: tuple[Conflicts, ...] = ("raise", "warn", "ignore")


def checked_conflicts(value: Conflicts) -> Conflicts:
    """Return what to do about rules that can never be reached.

    Raises:
        ValueError: It is none of the three words.
    """
    if value not in CONFLICTS:
        raise ValueError(
            f"{value!r} is not what a map can do about conflicts of rules. Use one of"
            f" {', '.join(map(repr, CONFLICTS))}."
        )
    return value


class Places:
    """Rules by where in the tree they end."""

    def __init__(self) -> None:
        self._places: dict[tuple[object, ...], list[Rule]] = {}

    def take(self, rule: Rule) -> Rule | None:
        """Record a rule, and return the one that leaves no request to it, if any."""
        if rule.build_only:
            return None
        key = (rule.websocket, *map(part_key, compiled_rule(rule)[0]))
        equal = self._places.setdefault(key, [])
        before = shadowing_rule(rule, equal)
        equal.append(rule)
        return before


def shadowing_rule(rule: Rule, equal: Iterable[Rule]) -> Rule | None:
    """Return the last of the rules that together leave no request to `rule`.

    Args:
        equal: Rules with the same parts, registered before.
    """
    taken: set[str] = set()
    for before in equal:
        # A strict rule leaves the path with one slash more to a lenient one.
        if before.strict_slashes and not rule.strict_slashes:
            continue
        if before.methods is None:
            return before
        taken |= before.methods
        if rule.methods is not None and rule.methods <= taken:
            return before
    return None
