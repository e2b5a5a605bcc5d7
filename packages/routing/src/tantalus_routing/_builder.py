"""Building URLs: compiled once per rule and per endpoint, at first use.

A rule becomes a head and, per variable, the conversion of its value and the text
behind it. Values that no variable takes become the query. An endpoint with one rule
has nothing to choose; of several rules the first suitable one is taken, in the order
of Werkzeug's `build_compare_key`. Cost: O(variables) per rule looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from werkzeug.routing import BaseConverter, Rule, ValidationError

from ._converters import PATH_SAFE, to_url
from ._parser import Trace
from ._plain_build import (
    PlainBuild,
    Text,
    compile_build,
    conversion_of,
    sure_conversion,
)
from ._query import encode_unknown
from ._results import Built

# By these, a conversion says that a value is not one of its own.
REFUSALS = (ValueError, TypeError, OverflowError)


class Check(Protocol):
    """Whether URLs lead back to where they were built for; see `RoundTrip`."""

    def leads_back(
        self,
        rule: Rule,
        values: Mapping[str, Any],
        method: str | None,
        built: tuple[str, str],
        /,
    ) -> bool:
        """Return whether a URL leads to the endpoint of its rule with these values."""

    def taken(self, rule: Rule, /) -> Sequence[frozenset[str]] | None:
        """Return the texts of each variable that others take, or None."""


class RuleBuilder:
    """The parts of one rule's URLs; immutable."""

    __slots__ = ("_known", "_required", "_rule", "converters", "domain", "path")

    def __init__(
        self, rule: Rule, trace: Trace, converters: Mapping[str, BaseConverter]
    ) -> None:
        defaults = rule.defaults or {}
        border = trace.index((False, "|"))
        self._rule = rule
        self.converters = converters
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
        query = ""
        if append_unknown and len(values) > len(self._required):
            query = encode_unknown(values, self._known, self._rule.map)
        return filled_in(self.domain, values), filled_in(self.path, values) + query


def filled_in(text: Text, values: Mapping[str, Any]) -> str:
    """Return a text with the values of its variables.

    Raises:
        ValidationError: A converter refuses its value.
    """
    filled, slots = text
    for name, convert, tail in slots:
        try:
            filled = f"{filled}{convert(values[name])}{tail}"
        except REFUSALS as error:
            raise ValidationError(*error.args) from error
    return filled


def compile_text(
    trace: Trace,
    converters: Mapping[str, BaseConverter],
    defaults: Mapping[str, Any],
) -> Text:
    """Return the text before the first variable, and a slot for each variable.

    A variable that has a default is text, since only its default may be built.
    """
    texts = [""]
    names: list[str] = []
    for is_variable, text in trace:
        if not is_variable:
            texts[-1] += quote(text, safe=PATH_SAFE)
        elif text in defaults:
            texts[-1] += to_url(converters[text])(defaults[text])
        else:
            names.append(text)
            texts.append("")
    slots = tuple(
        (name, to_url(converters[name]), tail)
        for name, tail in zip(names, texts[1:], strict=True)
    )
    return texts[0], slots


class EndpointBuilder:
    """Builds for an endpoint by asking its rules in turn.

    Args:
        check: Passes over a rule whose URL would not lead back.
    """

    __slots__ = ("_check", "_host_matching", "_rules")

    def __init__(
        self, rules: Sequence[Rule], host_matching: bool, check: Check | None = None
    ) -> None:
        self._rules = rules
        self._host_matching = host_matching
        self._check = check

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
            parts = built_by(rule, values, append_unknown)
            if parts is None:
                continue
            check = self._check
            if check is not None and not check.leads_back(rule, values, method, parts):
                continue
            built = Built((parts[0], parts[1], rule.websocket))
            if not self._host_matching or parts[0] == host:
                return built
            elsewhere = elsewhere or built
        return elsewhere


def built_by(
    rule: Rule, values: Mapping[str, Any], append_unknown: bool
) -> tuple[str, str] | None:
    """Return what a rule builds, or None if a converter refuses its value.

    The rules of Werkzeug let most refusals through.
    """
    try:
        return rule.build(values, append_unknown)
    except (ValueError, OverflowError):
        return None


class SingleRuleBuilder:
    """Builds for an endpoint whose one rule has no defaults and a fixed domain.

    `build_plainly` takes values as they are given. It raises `KeyError` for one that is
    missing or None, and whatever a conversion raises; `build()` tells what that means.
    With a check, it leaves every value to `build()` that it is not sure of, and is None
    for a rule that it can never be sure of.
    """

    __slots__ = ("_builder", "_check", "_rule", "_websocket", "build_plainly")

    def __init__(self, rule: Rule, builder: RuleBuilder, check: Check | None) -> None:
        self._rule = rule
        self._builder = builder
        self._check = check
        self._websocket = rule.websocket
        self.build_plainly = compile_plain(rule, builder, check)

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
        check = self._check
        if check is not None and not check.leads_back(
            self._rule, values, method, parts
        ):
            return None
        return Built((parts[0], parts[1], self._websocket))


def compile_plain(
    rule: Rule, builder: RuleBuilder, check: Check | None
) -> PlainBuild | None:
    """Return what builds the URLs of a rule from values as they are given."""
    domain, (_, slots) = builder.domain[0], builder.path
    if check is None:
        steps = [conversion_of(convert) for _, convert, _ in slots]
        nothing = [frozenset[str]()] * len(slots)
        return compile_build(rule, domain, builder.path, steps, nothing)
    taken = check.taken(rule)
    if taken is None:
        return None
    steps = []
    for (name, convert, _), others in zip(slots, taken, strict=True):
        step = sure_conversion(builder.converters[name], convert, others)
        if step is None:
            return None
        steps.append(step)
    return compile_build(rule, domain, builder.path, steps, taken)
