"""The complete search of the tree, for what the walk cannot tell at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ._results import NoMatch, WrongMethod, WrongProtocol
from ._routes import Route
from ._tree import State

Found = tuple[Route, tuple[str, ...]]

NO_MATCH: Final = NoMatch()
WRONG_PROTOCOL: Final = WrongProtocol()


class MissingSlash:
    """Tells that the path would fit with a slash behind it."""

    __slots__ = ()


MISSING_SLASH: Final = MissingSlash()


class Search:
    """A depth-first search for one request, complete and exact."""

    __slots__ = ("method", "valid_methods", "websocket", "wrong_protocol")

    def __init__(self, method: str, websocket: bool) -> None:
        self.method = method
        self.websocket = websocket
        self.valid_methods: set[str] = set()
        self.wrong_protocol = False

    def find(
        self,
        state: State,
        parts: Sequence[str],
        position: int = 0,
        texts: tuple[str, ...] = (),
    ) -> Found | MissingSlash | None:
        """Return the first route for `parts` from `position` on."""
        left = len(parts) - position
        if not left:
            return self._end(state, texts)
        following = state.static.get(parts[position])
        if following is not None:
            found = self.find(following, parts, position + 1, texts)
            if found is not None:
                return found
        if state.edges:
            found = self._follow_edges(state, parts, position, texts)
            if found is not None:
                return found
        if left == 1 and not parts[position]:
            return self._lenient(state, texts)
        return None

    def failure(self) -> NoMatch:
        """Return why nothing was found."""
        if self.valid_methods:
            return WrongMethod(frozenset(self.valid_methods))
        return WRONG_PROTOCOL if self.wrong_protocol else NO_MATCH

    def _follow_edges(
        self,
        state: State,
        parts: Sequence[str],
        position: int,
        texts: tuple[str, ...],
    ) -> Found | MissingSlash | None:
        rest: str | None = None
        for edge in state.edges:
            if not edge.final:
                more = edge.texts(parts[position])
                following, after = parts, position + 1
            else:
                if rest is None:
                    rest = "/".join(parts[position:])
                more = edge.texts(rest)
                following, after = ("",) if edge.ends_in_slash(rest) else (), 0
            if more is not None:
                found = self.find(edge.state, following, after, texts + more)
                if found is not None:
                    return found
        return None

    def _end(self, state: State, texts: tuple[str, ...]) -> Found | MissingSlash | None:
        for route in state.routes:
            if self._accepts(route):
                return route, texts
        behind_slash = state.static.get("")
        if behind_slash is None:
            return None
        for route in behind_slash.routes:
            rule = route.rule
            if self.websocket == rule.websocket and (
                rule.methods is None or self.method in rule.methods
            ):
                return MISSING_SLASH if rule.strict_slashes else (route, texts)
        return None

    def _lenient(self, state: State, texts: tuple[str, ...]) -> Found | None:
        """Return a route that does not mind the slash left over."""
        for route in state.routes:
            if not route.rule.strict_slashes and self._accepts(route):
                return route, texts
        return None

    def _accepts(self, route: Route) -> bool:
        """Return whether method and protocol fit, and remember if they don't."""
        methods = route.rule.methods
        if methods is not None and self.method not in methods:
            self.valid_methods.update(methods)
            return False
        if route.rule.websocket != self.websocket:
            self.wrong_protocol = True
            return False
        return True
