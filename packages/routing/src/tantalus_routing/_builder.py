"""Building URLs: compiled once per rule and per endpoint, at first use.

A rule becomes a head and, per variable, the conversion of its value and the text
behind it. Values that no variable takes become the query. An endpoint with one rule
has nothing to choose; of several rules the first suitable one is taken, in the order
of Werkzeug's `build_compare_key`. Cost: O(variables) per rule looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from werkzeug.routing import BaseConverter, Rule, ValidationError

from ._converters import PATH_SAFE, integer_text, quote_path, to_url
from ._parser import Trace
from ._query import encode_query
from ._results import Built, make_built

# The variable's name, its conversion, the text behind it, and whether an `int`
# stands for itself.
Slot = tuple[str, Callable[[Any], str], str, bool]

TAKES_INTEGERS = (integer_text, quote_path)


class RuleBuilder:
    """The parts of one rule's URLs; immutable."""

    __slots__ = ("_known", "_required", "_rule", "domain", "path")

    def __init__(
        self, rule: Rule, trace: Trace, converters: Mapping[str, BaseConverter]
    ) -> None:
        defaults = rule.defaults or {}
        border = trace.index((False, "|"))
        self._rule = rule
        self.domain = compile_text(trace[:border], converters, defaults)
        self.path = compile_text(trace[border + 1 :], converters, defaults)
        self._known = frozenset(rule.arguments)
        self._required = self._known - frozenset(defaults)

    def build(
        self, values: Mapping[str, Any], append_unknown: bool
    ) -> tuple[str, str] | None:
        """Return `(domain part, path with query)`, or None if a value is missing.

        Raises:
            ValidationError: A converter refuses its value.
        """
        if not self._required <= values.keys():
            return None
        # Before the conversions, so that of two mistakes the same one shows as ever.
        more_values = append_unknown and len(values) > len(self._required)
        query = self._query(values) if more_values else ""
        domain = self.domain[0]
        for name, convert, tail, _ in self.domain[1]:
            domain = f"{domain}{convert(values[name])}{tail}"
        path, slots = self.path
        for name, convert, tail, _ in slots:
            path = f"{path}{convert(values[name])}{tail}"
        return domain, path + query

    def _query(self, values: Mapping[str, Any]) -> str:
        known = self._known
        unknown = {key: item for key, item in values.items() if key not in known}
        if not unknown:
            return ""
        query = encode_query(unknown, self._rule.map)
        return f"?{query}" if query else ""


def compile_text(
    trace: Trace,
    converters: Mapping[str, BaseConverter],
    defaults: Mapping[str, Any],
) -> tuple[str, tuple[Slot, ...]]:
    """Return the text before the first variable, and a slot for each variable.

    A variable that has a default is text, since only its default may be built.
    """
    texts = [""]
    names: list[str] = []
    for is_variable, text in trace:
        if not is_variable:
            texts[-1] += quote(text, safe=PATH_SAFE)
        elif text in defaults:
            texts[-1] += converters[text].to_url(defaults[text])
        else:
            names.append(text)
            texts.append("")
    slots = tuple(
        (name, (convert := to_url(converters[name])), tail, convert in TAKES_INTEGERS)
        for name, tail in zip(names, texts[1:], strict=True)
    )
    return texts[0], slots


class Buildable(Protocol):
    """What an endpoint's builder asks of a rule."""

    methods: set[str] | None
    websocket: bool

    def suitable_for(
        self, values: Mapping[str, Any], method: str | None = None
    ) -> bool:
        """Return whether the rule takes these values and this method."""

    def build(
        self, values: Mapping[str, Any], append_unknown: bool = True
    ) -> tuple[str, str] | None:
        """Return `(domain part, path)`, or None if a converter refuses its value."""


class EndpointBuilder:
    """Builds for an endpoint by asking its rules in turn."""

    __slots__ = ("_host_matching", "_rules")

    def __init__(self, rules: Sequence[Buildable], host_matching: bool) -> None:
        self._rules = rules
        self._host_matching = host_matching

    def build(
        self,
        values: Mapping[str, Any],
        methods: Iterable[str | None],
        host: str | None,
        append_unknown: bool,
    ) -> Built | None:
        """Return the URL of the first suitable rule, or None.

        Args:
            methods: Tried in this order; None takes a rule of any method.
            host: With host matching, a rule that builds this host goes first.
        """
        for method in methods:
            built = self._first(values, method, host, append_unknown)
            if built is not None:
                return built
        return None

    def _first(
        self,
        values: Mapping[str, Any],
        method: str | None,
        host: str | None,
        append_unknown: bool,
    ) -> Built | None:
        elsewhere: Built | None = None
        for rule in self._rules:
            if not rule.suitable_for(values, method):
                continue
            parts = rule.build(values, append_unknown)
            if parts is None:
                continue
            built = make_built((parts[0], parts[1], rule.websocket))
            if not self._host_matching or parts[0] == host:
                return built
            elsewhere = elsewhere or built
        return elsewhere


class SingleRuleBuilder:
    """Builds for an endpoint whose one rule has no defaults and a fixed domain."""

    __slots__ = ("_builder", "_domain", "_head", "_rule", "_slots", "_websocket")

    def __init__(self, rule: Rule, builder: RuleBuilder) -> None:
        self._rule = rule
        self._builder = builder
        self._websocket = rule.websocket
        self._domain = builder.domain[0]
        self._head, self._slots = builder.path

    def build_exactly(self, values: Mapping[str, Any]) -> Built | None:
        """Return the URL if `values` are the path's variables and nothing else.

        None says that `build()` has to be asked. This is what most calls need, and
        spares them copying the values.
        """
        slots = self._slots
        if len(values) != len(slots) or type(values) is not dict:
            return None
        path = self._head
        try:
            for name, convert, tail, takes_integers in slots:
                value = values.get(name)
                if type(value) is int and takes_integers:
                    path = f"{path}{value}{tail}"
                elif value is None:
                    return None
                else:
                    path = f"{path}{convert(value)}{tail}"
        except Exception:
            # `build()` meets it again, unless it finds a missing value before.
            return None
        return make_built((self._domain, path, self._websocket))

    def build(
        self,
        values: Mapping[str, Any],
        methods: Sequence[str | None],
        host: str | None,
        append_unknown: bool,
    ) -> Built | None:
        """Return the URL, or None; the arguments are those of `EndpointBuilder`."""
        accepted = self._rule.methods
        method = methods[-1]
        if method is not None and accepted is not None and method not in accepted:
            return None
        try:
            parts = self._builder.build(values, append_unknown)
        except ValidationError:
            return None
        if parts is None:
            return None
        return make_built((parts[0], parts[1], self._websocket))
