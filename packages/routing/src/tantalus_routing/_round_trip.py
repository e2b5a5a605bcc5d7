"""Whether a built URL leads back to the endpoint and the values it was built from.

A value is data and not a path: `1/delete` in `/user/<id>` makes the URL of another
rule, and `..` one that browsers shorten. So a map may check what it builds: the path is
searched in the tree of rules as a request for it would be, and what is found has to be
the same endpoint with the same texts of the variables.

Most URLs need no search. A rule is *sure* where nothing else can take a path that its
own expressions take; then a look at the values is enough (see `RoundTrip.taken()`).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from werkzeug.routing import BaseConverter, Rule, UUIDConverter
from werkzeug.routing.converters import NumberConverter

from ._converters import keeps_text
from ._parser import Part
from ._routes import Route
from ._rules import compiled_rule
from ._search import Search
from ._tree import Edge, State

# Browsers take such segments away (RFC 3986 §5.2.4).
DOTS = re.compile(r"/\.\.?(?:/|\Z)")


class RoundTrip:
    """Tells where the URLs of rules lead; for one tree, which does not change."""

    __slots__ = ("_root",)

    def __init__(self, root: State) -> None:
        self._root = root

    def leads_back(
        self,
        rule: Rule,
        values: Mapping[str, Any],
        method: str | None,
        built: tuple[str, str],
    ) -> bool:
        """Return whether a URL leads to the endpoint of its rule with these values.

        Args:
            method: The one that was asked for; None is GET where the rule takes it.
            built: What `rule` made of the values: `(domain part, path with query)`.
        """
        if rule.build_only:
            return True
        converters = compiled_rule(rule)[1]
        given = {**values, **(rule.defaults or {})}
        if not all(keeps(each, given[name]) for name, each in converters.items()):
            return False
        path = path_of(built[1])
        if DOTS.search(path):
            return False
        found = self._find(rule, method, built[0], path)
        if found is None or found[0].rule.endpoint != rule.endpoint:
            return False
        texts = {name: text_of(each, given[name]) for name, each in converters.items()}
        return texts_in(found[0].rule, found[1]) == with_defaults(rule, texts)

    def goal(self, rule: Rule, method: str | None, built: tuple[str, str]) -> str:
        """Return where a URL leads that does not lead back, for an error's text."""
        path = path_of(built[1])
        if DOTS.search(path):
            return "to another path, because browsers take '.' and '..' away"
        found = self._find(rule, method, built[0], path)
        if found is None:
            return "to no rule"
        if found[0].rule.endpoint == rule.endpoint:
            return "to other values"
        return f"to {found[0].rule.rule!r} of endpoint {found[0].rule.endpoint!r}"

    def taken(self, rule: Rule) -> list[frozenset[str]] | None:
        """Return the texts of each variable that others take; None for an unsure rule.

        A rule is sure if each of its variables is a whole segment, or all the rest,
        and no other rule takes such a path but by these texts.
        """
        state = self._root
        taken: list[frozenset[str]] = []
        for part in compiled_rule(rule)[0]:
            following = state.static.get(part.content) if part.static else None
            if following is None:
                edge = first_edge(state, part)
                if edge is None:
                    return None
                taken.append(frozenset(state.static))
                following = edge.state
            state = following
        first = next((each for each in state.routes if answers(each, rule, None)), None)
        return taken if first is not None and first.rule is rule else None

    def _find(
        self, rule: Rule, method: str | None, domain: str, path: str
    ) -> tuple[Route, tuple[str, ...]] | None:
        search = Search(method_for(rule, method), rule.websocket)
        found = search.find(self._root, (domain.lower(), *path.split("/")))
        return found if isinstance(found, tuple) else None


def first_edge(state: State, part: Part) -> Edge | None:
    """Return the edge of a part if it is tried first, and has nothing beside it."""
    if not state.edges:
        return None
    edge = state.edges[0]
    fits = edge.whole and edge.content == part.content and not edge.suffixed
    return edge if fits and not (edge.final and state.static) else None


def answers(route: Route, rule: Rule, method: str | None) -> bool:
    """Return whether a route takes the requests that a URL of `rule` is made for."""
    methods = route.rule.methods
    if route.rule.websocket != rule.websocket:
        return False
    return methods is None or method_for(rule, method) in methods


def method_for(rule: Rule, method: str | None) -> str:
    """Return the method of the request that a URL of a rule is made for."""
    if method is not None:
        return method
    if rule.methods is None or "GET" in rule.methods:
        return "GET"
    return min(rule.methods - {"OPTIONS"}, default="OPTIONS")


def path_of(url: str) -> str:
    """Return the path of a built URL as a request brings it, decoded."""
    return f"/{unquote(url.partition('?')[0]).lstrip('/')}"


def texts_in(rule: Rule, texts: Sequence[str]) -> dict[str, str]:
    """Return the texts of a path for a rule's variables, and the rule's defaults."""
    return with_defaults(rule, dict(zip(compiled_rule(rule)[1], texts, strict=True)))


def with_defaults(rule: Rule, texts: dict[str, str]) -> dict[str, str]:
    """Return texts together with those of the defaults that are in no path."""
    return {
        **{name: str(each) for name, each in (rule.defaults or {}).items()},
        **texts,
    }


def text_of(converter: BaseConverter, value: object) -> str:
    """Return what the path of a URL has for a value, decoded."""
    return str(value) if keeps_text(converter) else unquote(converter.to_url(value))


def keeps(converter: BaseConverter, value: Any) -> bool:
    """Return whether a number or identifier comes back as it is; others are not read.

    Converters of one's own are not asked: they may look values up somewhere.
    """
    read = type(converter).to_python
    if isinstance(converter, NumberConverter) and read is NumberConverter.to_python:
        convert: Any = type(converter).num_convert
    elif read is UUIDConverter.to_python:
        convert = uuid.UUID
    else:
        return True
    try:
        if isinstance(value, str) or convert is float:
            value = convert(value)
        return bool(converter.to_python(text_of(converter, value)) == value)
    except (ValueError, TypeError, OverflowError):
        return False
