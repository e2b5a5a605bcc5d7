"""The rules of a map as a tree of states, joined by the parts of the rules.

A state has static transitions (a dictionary) and edges (tests, in order of weight).
Rules that begin alike share their states, so the size of the tree does not enter the
cost of following one path. A tree is not changed once it is compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from werkzeug.routing import BaseConverter, Rule, ValidationError

from ._converters import SegmentTest, rest_test, segment_test, to_python
from ._parser import Part, Weight, group_name
from ._results import Arguments

PartKey = tuple[object, ...]
Convert = Callable[[str], Any]
# Makes the values for a view of the texts of a path's variables, if it can.
ArgumentMaker = Callable[[Sequence[str]], Arguments | None]


class Route:
    """A rule as the matcher sees it."""

    __slots__ = (
        "arguments",
        "canonical",
        "converts",
        "defaults",
        "endpoint",
        "names",
        "plain",
        "rule",
    )

    def __init__(
        self,
        rule: Rule,
        converters: Mapping[str, BaseConverter],
        canonical: Sequence[Rule],
    ) -> None:
        self.rule = rule
        self.endpoint = rule.endpoint
        self.defaults = dict(rule.defaults or {})
        self.names = tuple(map(str, converters))
        self.converts = tuple(
            (str(name), convert)
            for name, converter in converters.items()
            if (convert := to_python(converter)) is not None
        )
        # Rules of the endpoint whose defaults may name this rule's page better.
        self.canonical = canonical
        self.arguments = self._cheapest_arguments()
        self.plain = not (rule.alias or canonical or rule.redirect_to is not None)

    def make_arguments(self, texts: Sequence[str]) -> Arguments | None:
        """Return the values for the view, or None if a converter refuses a text."""
        # Not strict: a rule of another class may use one name for two variables.
        values: Arguments = dict(zip(self.names, texts))  # noqa: B905  # see above
        convert: Convert | None = None
        try:
            for name, convert in self.converts:
                values[name] = convert(values[name])
        except ValidationError:
            return None
        except ValueError:
            # `int` stands in for a converter that would have raised the other one.
            if convert is int:
                return None
            raise
        if self.defaults:
            values.update(self.defaults)
        return values

    def _cheapest_arguments(self) -> ArgumentMaker:
        if self.defaults or not 1 <= len(self.names) <= 3:
            return self.make_arguments
        by_name = dict(self.converts)
        # `str` gives back the very text it is given.
        converts = [by_name.get(name, str) for name in self.names]
        if len(converts) == 1:
            if converts[0] is int:
                return only_integer(self.names[0])
            return self.make_arguments if by_name else only_text(self.names[0])
        make = two_values if len(converts) == 2 else three_values
        return make(self.names, converts, self.make_arguments)


def two_values(
    names: Sequence[str], converts: Sequence[Convert], general: ArgumentMaker
) -> ArgumentMaker:
    """Return the cheapest `arguments` for two variables."""
    first, second = names
    to_first, to_second = converts

    def make_arguments(texts: Sequence[str]) -> Arguments | None:
        try:
            one, two = texts
            return {first: to_first(one), second: to_second(two)}
        except ValidationError:
            return None
        except ValueError:
            return general(texts)

    return make_arguments


def three_values(
    names: Sequence[str], converts: Sequence[Convert], general: ArgumentMaker
) -> ArgumentMaker:
    """Return the cheapest `arguments` for three variables."""
    first, second, third = names
    to_first, to_second, to_third = converts

    def make_arguments(texts: Sequence[str]) -> Arguments | None:
        try:
            one, two, three = texts
            return {
                first: to_first(one),
                second: to_second(two),
                third: to_third(three),
            }
        except ValidationError:
            return None
        except ValueError:
            return general(texts)

    return make_arguments


def only_text(name: str) -> ArgumentMaker:
    """Return the cheapest `arguments` for one variable that stays text."""

    def make_arguments(texts: Sequence[str]) -> Arguments:
        return {name: texts[0]}

    return make_arguments


def only_integer(name: str) -> ArgumentMaker:
    """Return the cheapest `arguments` for one variable that is a plain integer."""

    def make_arguments(texts: Sequence[str]) -> Arguments | None:
        try:
            return {name: int(texts[0])}
        except ValueError:
            return None

    return make_arguments


class MethodTable(dict[str, Route]):
    """The first route of a state for each HTTP method.

    `fallback`, a route for any method, answers for the methods that are not in it.
    """

    __slots__ = ("fallback",)

    def __init__(self, routes: Iterable[Route]) -> None:
        super().__init__()
        self.fallback: Route | None = None
        for route in routes:
            if route.rule.websocket:
                continue
            if route.rule.methods is None:
                self.fallback = route
                break
            for method in route.rule.methods:
                self.setdefault(method, route)


class State:
    """What may follow the parts that lead here, and the routes that end here."""

    __slots__ = ("edges", "methods", "routes", "static")

    def __init__(self) -> None:
        self.static: dict[str, State] = {}
        self.edges: tuple[Edge, ...] = ()
        self.routes: list[Route] = []
        self.methods: MethodTable = MethodTable(())


class Edge:
    """A part with variables, and the state behind it.

    `whole` says that the part is one variable and nothing else, so that the tested
    text is its value; otherwise `groups` are the variables' groups.
    """

    __slots__ = ("final", "groups", "state", "suffixed", "test", "weight", "whole")

    def __init__(self, part: Part, state: State, test: SegmentTest | None) -> None:
        pattern = re.compile(part.content)
        names = pattern.groupindex
        found = 0
        while group_name(found) in names:
            found += 1
        self.groups = tuple(names[group_name(number)] for number in range(found))
        self.whole = test is not None
        self.test: SegmentTest = test or pattern.match
        self.final = part.final
        self.suffixed = part.suffixed
        self.weight = part.weight
        self.state = state

    def texts(self, segment: str) -> tuple[str, ...] | None:
        """Return the variables' texts in `segment`, or None if it does not fit."""
        found = self.test(segment)
        if not found:
            return None
        if self.whole:
            return (segment,)
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
                    following = state.static[part.content] = self._new_state()
                state = following
            else:
                edges = self._edges.setdefault(id(state), {})
                key = part_key(part)
                if key not in edges:
                    test = whole_test(part, regexes, in_path=depth > 0)
                    edges[key] = Edge(part, self._new_state(), test)
                state = edges[key].state
                del regexes[: part.content.count("(?P<__werkzeug_")]
        state.routes.append(route)

    def finish(self) -> State:
        """Return the root, once all edges are in order."""
        for state in self._states:
            edges = self._edges.get(id(state), {}).values()
            state.edges = tuple(sorted(edges, key=edge_weight))
            state.methods = MethodTable(state.routes)
        return self.root

    def _new_state(self) -> State:
        state = State()
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


def whole_test(
    part: Part, regexes: Sequence[str], *, in_path: bool
) -> SegmentTest | None:
    """Return a cheap test for a part that is one variable, None for any other."""
    if not regexes or not in_path:
        return None
    if part.content != rf"(?P<{group_name(0)}>{regexes[0]})\Z":
        return None
    make = rest_test if part.final else segment_test
    return make(regexes[0], part.content)
