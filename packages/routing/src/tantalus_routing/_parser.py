"""The rule language: text to parts, as Werkzeug documents it.

A rule is cut at its slashes. A part without variables is static and compared as
text; any other part becomes a regular expression with one group per variable. A
variable whose converter may take slashes makes its part *final*: it is tested
against all that is left of the path. Parts have a *weight*, by which alternatives
are tried: more static text first, then more and lighter variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn, TypeAlias

from werkzeug.routing import BaseConverter, Rule, parse_converter_args
from werkzeug.routing.converters import NumberConverter

from ._errors import ConverterArgumentsError, RuleError, UnknownConverter

TOKEN = re.compile(
    r"""(?P<slash>/)|(?P<static>[^</]+)|
    <(?:(?P<converter>[a-zA-Z_][a-zA-Z0-9_]*)(?:\((?P<arguments>.*?)\))?:)?
    (?P<variable>[a-zA-Z_][a-zA-Z0-9_]*)>""",
    re.VERBOSE,
)
SLASHES = re.compile("/{2,}")
# Slash redirects behind a final part: the slash is optional, and only one.
OPTIONAL_SLASH = "(?<!/)(/?)"

Trace = list[tuple[bool, str]]


# How specific a part is; smaller is tried first. The weights of its static texts and
# those of its variables, the negative number of either before them.
Weight: TypeAlias = tuple[int, list[tuple[int, int]], int, list[int]]


class Part(NamedTuple):
    """One step of a rule, with the attributes of Werkzeug's `RulePart`.

    `content` is the text of a static part, else a regular expression; `suffixed`
    says that the last group of the expression is an optional slash.
    """

    content: str
    final: bool
    static: bool
    suffixed: bool
    weight: Weight


EMPTY_PART = Part("", False, True, False, (0, [], 0, []))


class Parser:
    """Reads the domain and the path of one rule, in this order.

    `trace` is what URLs are built from: pairs of (is a variable, text or name).
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.trace: Trace = []
        self.converters: dict[str, BaseConverter] = {}

    def parse(self, text: str) -> Iterator[Part]:
        """Yield the parts of `text`.

        Raises:
            RuleError: The text is malformed or names a variable twice.
            UnknownConverter: A converter does not exist.
            ConverterArgumentsError: A converter refuses its arguments.
        """
        part = _PartMaker()
        position = 0
        while position < len(text):
            token = TOKEN.match(text, position)
            if token is None:
                explain_malformed(text, position)
            if token["static"] is not None:
                self.trace.append((False, token["static"]))
                part.add_static(token["static"])
            elif token["variable"] is not None:
                part.add_variable(self._converter(token))
            else:
                self.trace.append((False, "/"))
                if part.final:
                    part.content += "/"
                else:
                    yield checked(part.finish(), text, position)
                    part = _PartMaker()
            position = token.end()
        last, *behind = part.finish_rule()
        yield checked(last, text, position)
        yield from behind

    def _converter(self, token: re.Match[str]) -> BaseConverter:
        name = token["variable"]
        column = token.start() + 1
        if name in self.converters:
            raise RuleError(
                token.string,
                column,
                f"the variable {name!r} is used twice",
                "Give each variable of a rule its own name",
            )
        converter = self._make_converter(token, name, column)
        self.converters[name] = converter
        self.trace.append((True, name))
        return converter

    def _make_converter(
        self, token: re.Match[str], name: str, column: int
    ) -> BaseConverter:
        kind = token["converter"] or "default"
        arguments = token["arguments"] or ""
        try:
            args, kwargs = parse_arguments(arguments)
            made = self.rule.get_converter(name, kind, args, kwargs)
            if isinstance(made, NumberConverter):
                check_limits(made)
            return made
        except LookupError as error:
            raise UnknownConverter(
                token.string, column, kind, self.rule.map.converters
            ) from error
        except (TypeError, ValueError) as error:
            raise ConverterArgumentsError(
                token.string, column, kind, arguments, error
            ) from error


def check_limits(converter: NumberConverter) -> None:
    """Compare and write a number as each request will.

    Raises:
        TypeError: What the rule gives as a limit is no number.
    """
    zero = converter.num_convert("0")
    for limit in (converter.min, converter.max):
        if limit is not None:
            zero < limit  # noqa: B015 - whether it can be compared
    "0".zfill(converter.fixed_digits)


def parse_arguments(text: str) -> tuple[tuple[object, ...], dict[str, object]]:
    """Return positional and named arguments of a converter.

    Raises:
        ValueError: A part of the text is no argument.
    """
    text = text.strip().removesuffix(",")
    if not text:
        return (), {}
    # Werkzeug's parser sees what is wrong only if a good argument follows.
    args, kwargs = parse_converter_args(f"{text},end")
    return args[:-1], kwargs


def checked(part: Part, text: str, end: int) -> Part:
    """Return `part` once its expression is known to compile.

    Raises:
        RuleError: The converters' expressions make none together.
    """
    if not part.static:
        try:
            re.compile(part.content)
        except re.error as error:
            raise RuleError(
                text,
                end,
                f"the expressions of the variables before it do not fit: {error}",
                "Correct the converter's regex",
            ) from error
    return part


def explain_malformed(text: str, position: int) -> NoReturn:
    """Raise the error that says why no token starts at `position`, a '<'."""
    end = text.find(">", position)
    if end < 0:
        raise RuleError(text, position + 1, "the '<' is not closed", "Add a '>'")
    raise RuleError(
        text,
        position + 1,
        f"{text[position : end + 1]!r} is not a variable",
        "Write <name>, <converter:name> or <converter(arguments):name>",
    )


class _PartMaker:
    """Collects the tokens between two slashes."""

    def __init__(self) -> None:
        self.content = ""
        self.static = True
        self.final = False
        self.static_weights: list[tuple[int, int]] = []
        self.argument_weights: list[int] = []

    def add_static(self, text: str) -> None:
        self.static_weights.append((len(self.static_weights), -len(text)))
        self.content += text if self.static else re.escape(text)

    def add_variable(self, converter: BaseConverter) -> None:
        if self.static:
            self.content = re.escape(self.content)
            self.static = False
        if not converter.part_isolating:
            self.final = True
        group = group_name(len(self.argument_weights))
        self.content += f"(?P<{group}>{converter.regex})"
        self.argument_weights.append(converter.weight)

    def finish(self, *, suffixed: bool = False) -> Part:
        end = "" if self.static else r"\Z"
        weight = (
            -len(self.static_weights),
            self.static_weights,
            -len(self.argument_weights),
            self.argument_weights,
        )
        return Part(self.content + end, self.final, self.static, suffixed, weight)

    def finish_rule(self) -> Iterator[Part]:
        if self.final and self.content.endswith("/"):
            self.content = self.content[:-1] + OPTIONAL_SLASH
            yield self.finish(suffixed=True)
            yield EMPTY_PART
        else:
            yield self.finish()


def group_name(number: int) -> str:
    """Return the name of the group of a part's variable, counted from 0."""
    return f"__werkzeug_{number}"
