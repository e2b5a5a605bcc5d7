"""The routes that come near to a path that none fits: for people, while developing."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

from werkzeug.routing import Rule

from ._adapter import CompiledMap
from ._explain import first_misfit
from ._results import Endpoint

# What is less alike is no slip.
_CLOSE = 0.75
_MOST = 3
# Comparing takes the square of the length, and paths come from clients.
_COMPARED = 200


class NearRoute(NamedTuple):
    """A route that comes near to a path, and why it does not fit."""

    rule: str
    endpoint: Endpoint
    methods: tuple[str, ...] | None
    reason: str

    def __str__(self) -> str:
        methods = ["any method"] if self.methods is None else self.methods
        return f"{self.rule} ({', '.join(methods)}): {self.reason}."


def near_routes(map: CompiledMap, path: str, domain: str | None) -> list[NearRoute]:
    """Return the routes whose text is most like a path, the nearest first."""
    if len(path) > _COMPARED:
        return []
    if domain is None:
        domain = "" if map.host_matching else map.default_subdomain
    found = []
    for rule in map.rules_in_order():
        if rule.build_only or rule.websocket:
            continue
        likeness = _likeness(rule.rule, path)
        if likeness >= _CLOSE:
            found.append((likeness, rule))
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [_near(rule, path, domain) for _, rule in found[:_MOST]]


def _near(rule: Rule, path: str, domain: str) -> NearRoute:
    methods = None if rule.methods is None else tuple(sorted(rule.methods))
    _, reason = first_misfit(rule, domain, path)
    return NearRoute(rule.rule, rule.endpoint, methods, reason)


def _likeness(rule: str, path: str) -> float:
    """Return how alike they are, from 0 to 1; a variable is like all there may be."""
    segments, wanted = path.split("/"), []
    for position, part in enumerate(rule.split("/")):
        if "<path:" in part:
            wanted += segments[position:] or [part]
        elif "<" in part and position < len(segments):
            wanted.append(segments[position])
        else:
            wanted.append(part)
    return SequenceMatcher(None, "/".join(wanted).lower(), path.lower()).ratio()
