"""A rule: Werkzeug's, read by our parser and built from by our builder.

Parsing happens when the rule is added to a map, so that mistakes show there. What
building needs is compiled when the rule first builds a URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.routing import BaseConverter, ValidationError
from werkzeug.routing import Rule as WerkzeugRule

from ._builder import RuleBuilder
from ._parser import EMPTY_PART, SLASHES, Parser, Part


class Rule(WerkzeugRule):
    """One URL pattern; syntax and options are those of `werkzeug.routing.Rule`.

    Raises:
        RuleError: When added to a map, for a text that cannot be read.
    """

    _builder: RuleBuilder | None = None

    def compile(self) -> None:
        """Read the rule's text; called when the rule is bound to a map.

        Raises:
            RuleError: The text is malformed, or a converter does not exist or
                refuses its arguments.
        """
        # `_trace`, `_parts` and `_converters` carry Werkzeug's names because its
        # `__eq__`, `__repr__` and matcher, and extensions, read them there.
        parser = Parser(self)
        self._parts = rule_parts(self, parser)  # type: ignore[assignment]  # same shape
        self._trace = parser.trace
        self._converters = parser.converters
        self.arguments.update(parser.converters)
        self._builder = None
        # A rule that is changed and refreshed is compiled anew by its map too.
        self.map._remap = True

    def build(
        self, values: Mapping[str, Any], append_unknown: bool = True
    ) -> tuple[str, str] | None:
        """Return `(domain part, path)`, or None if a converter refuses its value."""
        try:
            return self.builder.build(values, append_unknown)
        except ValidationError:
            return None

    def builds_simply(self) -> bool:
        """Return whether only the path varies, and no subclass builds otherwise."""
        kind = type(self)
        return (
            kind.build is Rule.build
            and kind.suitable_for is Rule.suitable_for
            and not self.builder.domain[1]
        )

    @property
    def builder(self) -> RuleBuilder:
        """The compiled form of this rule for building."""
        if self._builder is None:
            self._builder = RuleBuilder(self, self._trace, self._converters)
        return self._builder


def rule_parts(rule: WerkzeugRule, parser: Parser) -> list[Part]:
    """Return the parts of a bound rule: those of its domain, then of its path."""
    host_matching = rule.map.host_matching
    domain = (rule.host if host_matching else rule.subdomain) or ""
    parts = list(parser.parse(domain)) if domain else [EMPTY_PART]
    parser.trace.append((False, "|"))
    text = SLASHES.sub("/", rule.rule) if rule.merge_slashes else rule.rule
    parts.extend(parser.parse(text))
    return parts


def compiled_rule(
    rule: WerkzeugRule,
) -> tuple[list[Part], dict[str, BaseConverter]]:
    """Return the parts and the converters that a rule of any class has.

    Werkzeug keeps both in private attributes. A rule without them is read again.
    """
    parts: list[Part] | None = getattr(rule, "_parts", None)
    converters: dict[str, BaseConverter] | None = getattr(rule, "_converters", None)
    if parts is None or converters is None:
        parser = Parser(rule)
        return rule_parts(rule, parser), parser.converters
    return parts, converters
