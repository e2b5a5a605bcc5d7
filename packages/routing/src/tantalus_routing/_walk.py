"""The walk: following a path by first choices, and knowing when that is the answer.

A depth-first search that never has to turn back has walked: where each state is asked
for its first transition that fits, the end is what the search would find first.

A state is *alone* if nothing else could have been chosen on the way to it: a segment
that does not fit there, or a method that no route takes, is the search's answer too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ._results import Result, WrongMethod
from ._search import NO_MATCH
from ._tables import Find, Table
from ._tree import State

# Where a walk ends that cannot tell the answer.
UNKNOWN: Final = State(final=True)
# Where a walk ends that has found out that the path leads nowhere.
NOWHERE: Final = State(final=True)
NOWHERE.refusal = NO_MATCH
# These get tables of their own, for refusing them quickly if for nothing else.
METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Top:
    """What begins at one domain; `tables` has a table for each method asked for.

    Args:
        search: Answers what a walk can't, from path and method.
        alone: Whether no other domain could be chosen.
        websocket: Whether it is for WebSockets.
    """

    __slots__ = ("_fixed", "_methods", "_search", "_state", "tables")

    def __init__(
        self, state: State, search: Find, *, alone: bool, websocket: bool = False
    ) -> None:
        self._methods = METHODS | learn(state, alone=alone, websocket=websocket)
        self._fixed = dict(fixed_paths(state))
        self._state = state if is_walkable(state) else UNKNOWN
        self._search = search
        self.tables: dict[str, Table] = {}

    def table(self, method: str) -> Table:
        """Return the table of a method, making it if need be."""
        # Clients may think of any method; the unknown ones share a table.
        if method not in self._methods:
            method = ""
        table = self.tables.get(method)
        if table is None:
            table = self.tables[method] = Table(self, self._fixed, method)
        return table

    def walk(self, path: str, method: str) -> Result:
        """Return the result for a path that is not in the method's table."""
        state = self._state
        texts: tuple[str, ...] = ()
        parts = path.split("/")
        for part in parts:
            following = state.static.get(part)
            if following is not None:
                state = following
                continue
            if state.dead_end and part:
                return NO_MATCH
            state, more = first_choice(state, part, parts)
            texts += more
            if state.final:
                break
        route = state.direct.get(method) or state.any_method
        if route is not None:
            match = route.answer(*texts)
            if match is not None:
                return match
        elif state.refusal and "//" not in path and method == method.upper():
            return state.refusal
        return self._search(path, method)


def first_choice(
    state: State, part: str, parts: Sequence[str]
) -> tuple[State, tuple[str, ...]]:
    """Return where the first edge leads that fits, with its variables' texts."""
    for edge in state.edges:
        if edge.final:
            texts = edge.texts("/".join(parts[state.depth :]))
            if texts is None or edge.suffixed:
                return UNKNOWN, ()
            return edge.state, texts
        found = edge.test(part)
        if found:
            return edge.state, ((part,) if edge.whole else edge.taken(found))
    return (NOWHERE if state.alone and part else UNKNOWN), ()


def learn(state: State, *, alone: bool, websocket: bool) -> set[str]:
    """Set-up: prepare all states behind a top's for walks; return their methods."""
    methods: set[str] = set()
    pending = [(state, alone, True)]
    while pending:
        state, alone, solid = pending.pop()
        # A path without a slash in front is left to the search.
        state.alone = alone and state.depth > 0
        state.dead_end = state.alone and solid and not state.edges
        learn_routes(state, websocket=websocket)
        methods.update(state.direct)
        lenient = any(not route.rule.strict_slashes for route in state.routes)
        for text, following in state.static.items():
            only = alone and not state.edges and not (lenient and text == "")
            pending.append((following, only, solid and (text != "" or not state.depth)))
        for edge in state.edges:
            only = alone and edge is state.edges[-1]
            empty = bool(edge.test(""))
            only = only and not (lenient and empty)
            pending.append((edge.state, only, solid and not empty))
    return methods


def learn_routes(state: State, *, websocket: bool) -> None:
    """Find what a state answers without a look at anything else."""
    if not all(route.plain for route in state.routes):
        return
    for route in state.routes:
        if route.rule.websocket != websocket:
            continue
        if route.rule.methods is None:
            state.any_method = route
            return
        for method in route.rule.methods:
            state.direct.setdefault(method, route)
    others = any(route.rule.websocket != websocket for route in state.routes)
    if state.alone and "" not in state.static and not others:
        methods = frozenset(state.direct)
        state.refusal = WrongMethod(methods) if methods else NO_MATCH


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
    """Return whether no rule can take a second slash in front for a part.

    Where one does, a walk would not see that slashes in front count for one.
    """
    root = state.static.get("", UNKNOWN)
    behind = root.static.get("", UNKNOWN)
    return not (behind.static or behind.edges or any(e.test("") for e in root.edges))
