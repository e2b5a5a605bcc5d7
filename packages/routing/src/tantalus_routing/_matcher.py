r"""Matching a request: a dictionary, then a walk, then a search.

1. A static path is looked up whole.
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
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    make_match,
)
from ._rules import compiled_rule
from ._search import Search, Slash
from ._tree import Edge, Route, State, TreeMaker


class MatchOpts(Binder, Protocol):
    """What a matcher reads of its map at every match, so that it may change."""

    merge_slashes: bool
    redirect_defaults: bool


class Matcher:
    """All rules of a map, compiled; never changed afterwards."""

    __slots__ = ("_map", "_root", "tops")

    def __init__(
        self,
        map: MatchOpts,
        rules: Iterable[Rule],
        by_endpoint: Mapping[Endpoint, Sequence[Rule]],
    ) -> None:
        tree = TreeMaker()
        for rule in rules:
            if not rule.build_only:
                parts, converters = compiled_rule(rule)
                route = Route(rule, converters, canonical_rules(rule, by_endpoint))
                tree.add(route, parts, converters)
        self._map = map
        self._root = tree.finish()
        self.tops = {domain: Top(state) for domain, state in self._root.static.items()}

    def match(self, domain: str, path: str, method: str) -> Result:
        """Return the result for an HTTP request that `tops` has no path for."""
        top = self.tops.get(domain)
        if top is None or not path:
            return self.search(domain, path, method, False)
        head, _, tail = path.rpartition("/")
        state = top.heads.get(head)
        ended = walk(top.state, path) if state is None else step(state, tail)
        if ended is not None:
            state, texts = ended
            route = state.methods.get(method, state.methods.fallback)
            if route is not None and route.plain:
                args = route.arguments(texts)
                if args is not None:
                    return make_match((route.endpoint, None, args, route.rule))
        return self.search(domain, path, method, False)

    def search(self, domain: str, path: str, method: str, websocket: bool) -> Result:
        """Return the result for any request."""
        path = f"/{path.lstrip('/')}" if path else ""
        method = method.upper()
        search = Search(method, websocket)
        found = search.find(self._root, (domain, *path.split("/")))
        if found is None:
            return self._search_merged(search, domain, path)
        if found is Slash.MISSING:
            return PathRedirect(self._map, domain, path, method, f"{path}/")
        route, texts = found
        args = route.arguments(texts)
        if args is None:
            return search.failure()
        return self.settle(route, args, domain, path, method)

    def settle(
        self, route: Route, args: Arguments, domain: str, path: str, method: str
    ) -> Match | Redirect:
        """Return the match, or the redirect that its rule asks for instead."""
        rule = route.rule
        if self._map.redirect_defaults:
            if rule.alias:
                return AliasRedirect(self._map, domain, path, method, rule, args)
            for other in route.canonical:
                if other.suitable_for(args, method):
                    return self._to_default(other, args, domain, path, method)
        if rule.redirect_to is not None:
            return TargetRedirect(self._map, domain, path, method, rule, args)
        return make_match((route.endpoint, None, args, rule))

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
            found = search.find(self._root, (domain, *merged.split("/")))
            target = f"{merged}/" if found is Slash.MISSING else merged
            if found is Slash.MISSING or (found and found[0].rule.merge_slashes):
                return PathRedirect(self._map, domain, path, search.method, target)
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


class Top:
    """What begins at one domain.

    `paths` are the paths without variables; `heads` are the states that are reached
    without a test and go on with one, so that a path whose only variable is its last
    segment needs a single step.
    """

    __slots__ = ("heads", "paths", "state")

    def __init__(self, state: State) -> None:
        fixed = dict(fixed_paths(state))
        self.paths = {path: end.methods for path, end in fixed.items() if end.routes}
        # "/" would be the head of a path with two slashes in front.
        self.heads = {
            path: end for path, end in fixed.items() if end.edges and path != "/"
        }
        self.state = state if is_walkable(state) else State()


def fixed_paths(state: State) -> Iterator[tuple[str, State]]:
    """Yield the paths that are reached without a test, and where they lead."""
    pending = list(state.static.items())
    while pending:
        path, end = pending.pop()
        pending.extend(
            (f"{path}/{segment}", following)
            for segment, following in end.static.items()
        )
        # Matching takes slashes in front for one.
        if path[:2] != "//":
            yield path, end


def is_walkable(state: State) -> bool:
    """Return whether no rule goes on after two slashes in front.

    Where one does, a walk would not see that slashes in front count for one.
    """
    root = state.static.get("")
    behind = None if root is None else root.static.get("")
    return behind is None or not (behind.static or behind.edges)


def step(state: State, segment: str) -> tuple[State, Sequence[str]] | None:
    """Return where the last segment leads by first choice, as `walk()` does."""
    if segment not in state.static:
        for edge in state.edges:
            texts = edge.texts(segment)
            if texts is not None:
                return None if edge.suffixed else (edge.state, texts)
    return None


def walk(state: State, path: str) -> tuple[State, Sequence[str]] | None:
    """Return where `path` leads by first choices, and its variables' texts.

    None says that only a search can tell.
    """
    texts: list[str] = []
    segments = iter(path.split("/"))
    for segment in segments:
        following = state.static.get(segment)
        if following is not None:
            state = following
            continue
        for edge in state.edges:
            if edge.final:
                return finish_walk(edge, "/".join((segment, *segments)), texts)
            found = edge.test(segment)
            if found:
                if edge.whole:
                    texts.append(segment)
                else:
                    texts.extend(found[group] for group in edge.groups)
                state = edge.state
                break
        else:
            return None
    return state, texts


def finish_walk(
    edge: Edge, rest: str, texts: list[str]
) -> tuple[State, Sequence[str]] | None:
    """Return where an edge leads that takes all the rest, if it does so at once."""
    more = None if edge.suffixed else edge.texts(rest)
    return None if more is None else (edge.state, [*texts, *more])
