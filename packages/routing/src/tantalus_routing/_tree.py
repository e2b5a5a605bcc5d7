"""The rules of a map as a tree of states, joined by the parts of the rules.

A state has static transitions (a dictionary) and edges (tests, in order of weight).
Rules that begin alike share their states, so the size of the tree does not enter the
cost of following one path. A tree is not changed once it is compiled.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

from werkzeug.routing import BaseConverter

from ._converters import SegmentTest, part_test, rest_test, segment_test
from ._parser import Part, Weight, group_name
from ._results import NoMatch
from ._routes import Route

PartKey = tuple[object, ...]
# Has the variables' texts by the numbers of their groups.
Found: TypeAlias = re.Match[str] | tuple[str, ...]


class State:
    """What may follow the parts that lead here, and the routes that end here.

    The rest is for walks. `direct` has the routes that answer a method without a look
    at anything else, `any_method` the one for all other methods; `refusal` is the
    answer where there is none, if it is known. `alone` says that nothing else could
    have been chosen on the way here. `dead_end` says besides that only static text
    leads on, and that the way would be the same with slashes merged.

    Args:
        depth: How many parts of the path lead here.
        final: The part that leads here takes all the rest.
    """

    __slots__ = (
        "alone",
        "any_method",
        "dead_end",
        "depth",
        "direct",
        "edges",
        "final",
        "refusal",
        "routes",
        "static",
    )

    def __init__(self, depth: int = 0, *, final: bool = False) -> None:
        self.depth = depth
        self.final = final
        self.static: dict[str, State] = {}
        self.edges: tuple[Edge, ...] = ()
        self.routes: list[Route] = []
        self.direct: dict[str, Route] = {}
        self.any_method: Route | None = None
        self.refusal: NoMatch | None = None
        self.alone = False
        self.dead_end = False


class Edge:
    """A part with variables, and the state behind it.

    `whole` says that the part is one variable and nothing else, so that the tested
    text is its value; otherwise `groups` are the variables' groups.
    """

    __slots__ = (
        "content",
        "final",
        "groups",
        "state",
        "suffixed",
        "test",
        "weight",
        "whole",
    )

    def __init__(self, part: Part, state: State, test: SegmentTest | None) -> None:
        self.whole = test is not None
        self.groups: tuple[int, ...] = ()
        if test is None:
            test, self.groups = mixed_test(part.content)
        self.test: SegmentTest = test
        self.content = part.content
        self.final = part.final
        self.suffixed = part.suffixed
        self.weight = part.weight
        self.state = state

    def texts(self, segment: str) -> tuple[str, ...] | None:
        """Return the variables' texts in `segment`, or None if it does not fit."""
        found = self.test(segment)
        if not found:
            return None
        return (segment,) if self.whole else self.taken(found)

    def taken(self, found: Found) -> tuple[str, ...]:
        """Return the variables' texts in what the test of a mixed part found."""
        return tuple(found[group] for group in self.groups)

    def ends_in_slash(self, rest: str) -> bool:
        """Return whether the optional slash of a fitting `rest` is there."""
        return self.suffixed and rest.endswith("/")


class TreeMaker:
    """Set-up: adds routes, then hands over the root."""

    def __init__(self) -> None:
        self.root = State()
        self._edges: dict[int, dict[PartKey, Edge]] = {}
        self._states: list[State] = [self.root]

    def add(
        self,
        route: Route,
        parts: Iterable[Part],
        converters: Mapping[str, BaseConverter],
    ) -> None:
        """Lead the parts of `route` through the tree."""
        state = self.root
        regexes = [converter.regex for converter in converters.values()]
        for depth, part in enumerate(parts):
            if part.static:
                following = state.static.get(part.content)
                if following is None:
                    following = state.static[part.content] = self._new_state(depth)
                state = following
            else:
                edges = self._edges.setdefault(id(state), {})
                key = part_key(part)
                if key not in edges:
                    test = None
                    if depth > 0:
                        test = whole_test(part.content, part.final, regexes[0])
                    edges[key] = Edge(part, self._new_state(depth, part.final), test)
                state = edges[key].state
                del regexes[: part.content.count("(?P<__werkzeug_")]
        state.routes.append(route)

    def finish(self) -> State:
        """Return the root, once all edges are in order."""
        for state in self._states:
            edges = self._edges.get(id(state), {}).values()
            state.edges = tuple(sorted(edges, key=edge_weight))
        return self.root

    def _new_state(self, depth: int, final: bool = False) -> State:
        state = State(depth, final=final)
        self._states.append(state)
        return state


def edge_weight(edge: Edge) -> Weight:
    """Return what edges are sorted by; equal ones stay in order of registration."""
    return edge.weight


def part_key(part: Part) -> PartKey:
    """Return what two parts have in common when one state follows both."""
    weight = part.weight
    return (
        part.content,
        part.static,
        part.final,
        part.suffixed,
        tuple(weight[1]),
        tuple(weight[3]),
    )


@lru_cache(maxsize=512)
def whole_test(content: str, final: bool, regex: str) -> SegmentTest | None:
    """Return a cheap test for a part that is one variable, None for any other.

    Args:
        content: The part's.
        final: The part's.
        regex: The first variable's.
    """
    if content != rf"(?P<{group_name(0)}>{regex})\Z":
        return None
    return (rest_test if final else segment_test)(regex, content)


@lru_cache(maxsize=512)
def mixed_test(content: str) -> tuple[SegmentTest, tuple[int, ...]]:
    """Return the test for any part with variables, and the groups of these."""
    pattern = re.compile(content)
    names = pattern.groupindex
    found = itertools.takewhile(names.__contains__, map(group_name, itertools.count()))
    return part_test(content, pattern), tuple(names[name] for name in found)
