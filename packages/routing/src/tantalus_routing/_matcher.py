r"""Matching a request: a table, then a walk, then a search.

1. Where no choice is left, a path is looked up, whole or without its last segments.
2. Else the tree is walked, at each state by its first transition that fits. Where the
   walk ends at a fitting route it has found what the search would find first.
3. Else the search visits the transitions depth first, static before tests, tests by
   weight, and collects why routes did not fit. In a tree no state is reached twice,
   and each part of the path is tested once per edge of a state on the way.

So a match costs O(length of the path), whatever the number of rules; a miss costs at
most the part of the tree that fits a beginning of the path.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Protocol

from werkzeug.routing import Rule

from ._parser import SLASHES
from ._redirects import AliasRedirect, DefaultRedirect, PathRedirect, TargetRedirect
from ._results import (
    Arguments,
    Binder,
    Endpoint,
    Match,
    Redirect,
    Result,
)
from ._routes import Route
from ._rules import compiled_rule
from ._search import NO_MATCH, MissingSlash, Search
from ._tables import Find, Table
from ._tree import TreeMaker
from ._walk import Top


class MatchOpts(Binder, Protocol):
    """What a matcher reads of its map at every match, so that it may change."""

    merge_slashes: bool
    redirect_defaults: bool


class Matcher:
    """All rules of a map, compiled; never changed afterwards."""

    __slots__ = ("_map", "_tops", "_tops_of_websockets", "root")

    def __init__(
        self,
        map: MatchOpts,
        rules: Iterable[Rule],
        by_endpoint: Mapping[Endpoint, Sequence[Rule]],
    ) -> None:
        tree, of_websockets = TreeMaker(), TreeMaker()
        for rule in rules:
            if not rule.build_only:
                parts, converters = compiled_rule(rule)
                canonical = canonical_rules(rule, by_endpoint)
                route = Route(rule, converters, canonical)
                tree.add(route, parts, converters)
                if rule.websocket:
                    of_websockets.add(route, parts, converters)
        self._map = map
        self.root = tree.finish()
        alone = not self.root.edges
        self._tops = {
            domain: Top(state, partial(self.search, domain, False), alone=alone)
            for domain, state in self.root.static.items()
        }
        # No other rule answers a WebSocket; why none does, all have to tell.
        self._tops_of_websockets = {
            domain: Top(
                *(state, partial(self.search, domain, True)),
                alone=False,
                websocket=True,
            )
            for domain, state in of_websockets.finish().static.items()
        }

    def tables(self, domain: str) -> Mapping[str, Table]:
        """Return the tables of the methods that HTTP requests to a domain had."""
        top = self._tops.get(domain)
        return {} if top is None else top.tables

    def table(self, domain: str, method: str, websocket: bool) -> Table | Find:
        """Return the table for requests to a domain, or their search without one."""
        top = (self._tops_of_websockets if websocket else self._tops).get(domain)
        if top is None:
            return partial(self.search, domain, websocket)
        return top.table(method)

    def search(self, domain: str, websocket: bool, path: str, method: str) -> Result:
        """Return the result for any request, the slow way."""
        path = f"/{path.lstrip('/')}" if path else ""
        method = method.upper()
        search = Search(method, websocket)
        found = search.find(self.root, (domain, *path.split("/")))
        if found is None:
            return self._search_merged(search, domain, path)
        if isinstance(found, MissingSlash):
            return PathRedirect(self._map, domain, path, method, f"{path}/")
        route, texts = found
        match = route.answer(*texts)
        if match is None:
            return NO_MATCH  # not WrongMethod: the rule answers this method
        return self.settle(route, match, domain, path, method)

    def settle(
        self, route: Route, match: Match, domain: str, path: str, method: str
    ) -> Match | Redirect:
        """Return the match, or the redirect that its rule asks for instead."""
        rule, args = route.rule, match.args
        if self._map.redirect_defaults:
            if rule.alias:
                return AliasRedirect(self._map, domain, path, method, rule, args)
            for other in route.canonical:
                if other.suitable_for(args, method):
                    return self._to_default(other, args, domain, path, method)
        if rule.redirect_to is not None:
            return TargetRedirect(self._map, domain, path, method, rule, args)
        return match

    def _to_default(
        self, rule: Rule, args: Arguments, domain: str, path: str, method: str
    ) -> Redirect:
        args.update(rule.defaults or {})
        built = rule.build(args)
        # The rule has been asked whether these values suit it.
        assert built is not None, f"{rule!r} cannot be built from its own defaults"
        return DefaultRedirect(self._map, domain, path, method, rule, args, built)

    def _search_merged(self, search: Search, domain: str, path: str) -> Result:
        """Return the result for a path that fits at most with fewer slashes."""
        if self._map.merge_slashes and "//" in path:
            merged = SLASHES.sub("/", path)
            found = search.find(self.root, (domain, *merged.split("/")))
            if isinstance(found, MissingSlash):
                merged = f"{merged}/"
            elif found is None or not found[0].rule.merge_slashes:
                return search.failure()
            return PathRedirect(self._map, domain, path, search.method, merged)
        return search.failure()


def canonical_rules(
    rule: Rule, by_endpoint: Mapping[Endpoint, Sequence[Rule]]
) -> tuple[Rule, ...]:
    """Return the rules that come before `rule` and have defaults for it."""
    rules = by_endpoint[rule.endpoint]
    if len(rules) == 1:
        return ()
    # Not `index`, because equal rules are not the same rule.
    before = itertools.takewhile(lambda other: other is not rule, rules)
    return tuple(other for other in before if other.provides_defaults_for(rule))
