"""Building URLs: compiled once per rule and per endpoint, at first use.

A rule becomes a head and, per variable, the conversion of its value and the text
behind it. Values that no variable takes become the query. An endpoint with one rule
has nothing to choose; of several rules the first suitable one is taken, in the order
of Werkzeug's `build_compare_key`. Cost: O(variables) per rule looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from textwrap import indent
from typing import Any, Protocol
from urllib.parse import quote

from werkzeug.routing import BaseConverter, Rule, ValidationError

from ._converters import PATH_SAFE, PATH_TEXT, integer_text, quote_path, to_url
from ._generated import Bind, written_out
from ._parser import Trace
from ._query import encode_unknown
from ._results import Built

# Builds from values as they are given; see `SingleRuleBuilder`.
PlainBuild = Callable[[dict[str, Any]], Built]
# The variable's name, its conversion and the text behind it.
Slot = tuple[str, Callable[[Any], str], str]


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
        query = ""
        if append_unknown and len(values) > len(self._required):
            query = encode_unknown(values, self._known, self._rule.map)
        domain = self.domain[0]
        for name, convert, tail in self.domain[1]:
            domain = f"{domain}{convert(values[name])}{tail}"
        path, slots = self.path
        for name, convert, tail in slots:
            path = f"{path}{convert(values[name])}{tail}"
        return domain, path + query


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
        (name, to_url(converters[name]), tail)
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
            built = Built((parts[0], parts[1], rule.websocket))
            if not self._host_matching or parts[0] == host:
                return built
            elsewhere = elsewhere or built
        return elsewhere


class SingleRuleBuilder:
    """Builds for an endpoint whose one rule has no defaults and a fixed domain.

    `build_plainly` takes values as they are given. It raises `KeyError` for one that is
    missing or None, and whatever a conversion raises; `build()` tells what that means.
    """

    __slots__ = ("_builder", "_rule", "_websocket", "build_plainly")

    def __init__(self, rule: Rule, builder: RuleBuilder) -> None:
        self._rule = rule
        self._builder = builder
        self._websocket = rule.websocket
        self.build_plainly = compile_build(rule, builder)

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
        return Built((parts[0], parts[1], self._websocket))


def compile_build(rule: Rule, builder: RuleBuilder) -> PlainBuild:
    """Return what builds the URLs of a rule from values as they are given."""
    domain = builder.domain[0]
    head, slots = builder.path
    names, converts, tails = zip(*slots, strict=True) if slots else ((), (), ())
    conversions = tuple(map(conversion_of, converts))
    bind = bind_build(conversions, bool(tails and tails[-1]))
    return bind(
        Built((domain, head, rule.websocket)),
        domain,
        rule.websocket,
        rule.map,
        frozenset(names),
        head,
        *names,
        *converts,
        *tails,
    )


class Conversion:
    """How a value becomes text: lines of source, and how an f-string shows the rest."""

    __slots__ = ("lines", "shown")

    def __init__(self, lines: str, shown: str) -> None:
        self.lines = lines
        self.shown = shown


ANY = Conversion(
    "if value{0} is None:\n"
    "    raise KeyError(name{0})\n"
    "value{0} = convert{0}(value{0})",
    "{{value{0}}}",
)
INTEGER = Conversion(
    f"if type(value{{0}}) is not int:\n{indent(ANY.lines, '    ')}",
    # Quicker for numbers, and nothing else is left of them.
    "{{value{0}!s}}",
)
# Most of what is built are words, which need no quoting.
TEXT = Conversion(
    "if type(value{0}) is not str or not is_plain(value{0}):\n"
    + indent(INTEGER.lines, "    "),
    "{{value{0}}}",
)


def conversion_of(convert: Callable[[Any], str]) -> Conversion:
    """Return how values are converted, with as few calls as may be."""
    if convert is quote_path:
        return TEXT
    return INTEGER if convert is integer_text else ANY


@cache
def bind_build(conversions: Sequence[Conversion], with_end: bool) -> Bind:
    """Return what binds the rules of one shape to what builds their URLs.

    Args:
        with_end: Whether there is text behind the last variable.
    """
    every = range(len(conversions))
    lines = ["def build(values):"]
    path = "{head}"
    for i in every:
        lines += [f"    value{i} = values[name{i}]"]
        lines += [indent(conversions[i].lines.format(i), "    ")]
        path += conversions[i].shown.format(i)
        if i < len(every) - 1 or with_end:
            path += f"{{tail{i}}}"
    lines += [
        f"    if len(values) == {len(every)}:",
        f'        return Built((domain, f"{path}", websocket))'
        if every
        else "        return fixed",
        "    query = encode_unknown(values, names, map)",
        f'    return Built((domain, f"{path}{{query}}", websocket))',
    ]
    taken = ["fixed", "domain", "websocket", "map", "names", "head"]
    taken += [f"{name}{i}" for name in ("name", "convert", "tail") for i in every]
    return written_out(
        taken,
        "\n".join(lines),
        Built=Built,
        encode_unknown=encode_unknown,
        is_plain=PATH_TEXT.fullmatch,
    )
