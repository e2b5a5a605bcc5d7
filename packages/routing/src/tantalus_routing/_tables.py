"""Tables: what a method is answered with where no choice is left, without a walk.

- *paths* have no variables;
- *heads* are the paths before one last segment that is tested;
- *tails* are several last segments that only one rule is left for.

Each is a look-up in a dictionary and a call of what was compiled for the route.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ._converters import SegmentTest
from ._results import Match, NoMatch, Result
from ._routes import Fit, Mark, Route
from ._tree import Edge, State

# How many segments there are before the last; what answers them, by what is before
# them; the same for another number of segments.
Tails = tuple[int, dict[str, Fit], "Tails | None"]


# Answers a path and a method.
Find = Callable[[str, str], Result]


class Walker(Protocol):
    """What answers the rest."""

    def walk(self, path: str, method: str) -> Result:
        """Return the result for a path that is in no table."""


class Table:
    """What one method is answered with at one domain.

    `tails` are found by the number of slashes before the last segment.

    Args:
        fixed: All paths that are reached without a test, and where they lead.
        method: Empty for any that is unknown, perhaps for its letters' case.
    """

    __slots__ = ("heads", "paths", "tails", "top")

    def __init__(self, top: Walker, fixed: Mapping[str, State], method: str) -> None:
        self.top = top
        self.paths: dict[str, Callable[[], Match | NoMatch]] = {}
        self.heads: dict[str, Fit] = {}
        self.tails: dict[int, Tails] = {}
        for path, state in fixed.items():
            answer = answer_at(state, path, method)
            if answer is not None:
                self.paths[path] = answer  # type: ignore[assignment]  # refuses no text
            if state.edges and is_head(path, state):
                self.heads[path] = fit_last(state, path, method)
                self._add_tail(state, path, method)

    def _add_tail(self, state: State, path: str, method: str) -> None:
        marks, end = only_way(state)
        route = route_at(end, method)
        before = len(marks) - 1
        if route is None or before < 1:
            return
        fit = route.fit(marks, split=True)
        slashes = path.count("/") + before
        others = tails = self.tails.get(slashes)
        while tails is not None:
            length, fits, tails = tails
            if length == before:
                fits[path] = fit
                return
        self.tails[slashes] = before, {path: fit}, others


def route_at(state: State, method: str) -> Route | None:
    """Return the route that answers a method where a path ends, if it is certain."""
    return state.direct.get(method, state.any_method)


def answer_at(state: State, head: str, method: str) -> Fit | None:
    """Return what answers a method where a path ends, if it is certain.

    Args:
        head: The path, or all of it but for a variable.
    """
    route = route_at(state, method)
    if route is not None:
        return route.answer
    refusal = state.refusal
    # Two slashes may become one, and letters large.
    if refusal is None or not state.routes or "//" in head or not method:
        return None
    return lambda *texts: refusal


def is_head(path: str, state: State) -> bool:
    """Return whether what is behind `path` and a slash is what a state is asked for.

    "/" is none, because slashes in front count for one. Neither is "", if an empty
    segment fits, which an empty path looks like.
    """
    return path != "/" and (path != "" or not any(e.test("") for e in state.edges))


def fit_last(state: State, head: str, method: str) -> Fit:
    """Return what answers a last segment behind `head`."""
    if len(state.edges) == 1 and goes_last(head, state):
        [edge] = state.edges
        route = route_at(edge.state, method)
        if edge.whole and route is not None:
            return route.fit([edge.test])
    static = state.static
    choices = [choice(edge, head, method) for edge in state.edges]

    def fit(last: str) -> Match | NoMatch | None:
        if last not in static:
            for test, answer in choices:
                if test(last):
                    return answer(last)
        return None

    return fit


def goes_last(head: str, state: State) -> bool:
    """Return whether static text behind `head` has been looked up before.

    Behind "", it has not if the path has no slash in front. Neither has text that may
    be redirected.
    """
    return not state.static or (
        head != ""
        and all(
            "" not in behind.static and all(route.plain for route in behind.routes)
            for behind in state.static.values()
        )
    )


def choice(edge: Edge, head: str, method: str) -> tuple[SegmentTest, Fit]:
    """Return an edge's test and what answers a last segment that passes it."""
    answer = answer_at(edge.state, head, method) if edge.whole else None
    return edge.test, answer or undecided


def undecided(text: str) -> None:
    """Leave the answer to a walk."""


def only_way(start: State) -> tuple[Sequence[Mark], State]:
    """Return the parts behind a state and where they lead, if one rule is left.

    There are none if several rules are, or if the first part is not a variable.
    """
    marks: list[Mark] = []
    state = start
    while state is start or not state.routes:
        if start.static or len(state.static) + len(state.edges) != 1:
            return (), start
        if state.static:
            [(text, state)] = state.static.items()
            marks.append(text)
            continue
        [edge] = state.edges
        if edge.final or not edge.whole:
            return (), start
        marks.append(edge.test)
        state = edge.state
    return ((), start) if state.static or state.edges else (marks, state)
