"""Building from values as they are given, by functions written out for their rules.

Where the URLs of a map are checked, such a function takes only values of which a look
tells that they lead back; see `sure_conversion()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from textwrap import indent
from typing import Any

from werkzeug.routing import BaseConverter, PathConverter, Rule

from ._converters import (
    ONE_SEGMENT,
    PATH_TEXT,
    integer_text,
    keeps_text,
    quote_path,
)
from ._generated import Bind, written_out
from ._query import encode_unknown
from ._results import Built

# Builds from values as they are given; see `SingleRuleBuilder`.
PlainBuild = Callable[[dict[str, Any]], Built]
# The variable's name, its conversion and the text behind it.
Slot = tuple[str, Callable[[Any], str], str]
# What stands before the first variable, and the variables.
Text = tuple[str, tuple[Slot, ...]]

# One segment that needs no quoting, or several; none begins with a dot, as those that
# browsers take away do.
SEGMENT_TEXT = re.compile(r"(?!\.)[A-Za-z0-9_.~!$&'()*+,:;=@-]+")
SEGMENTS_TEXT = re.compile(rf"{SEGMENT_TEXT.pattern}(?:/{SEGMENT_TEXT.pattern})*")


def compile_build(
    rule: Rule,
    domain: str,
    text: Text,
    conversions: Sequence[Conversion],
    taken: Sequence[frozenset[str]],
) -> PlainBuild:
    """Return what builds the URLs of a rule from values as they are given.

    Args:
        conversions: One for each variable in the path.
        taken: For each, the texts that lead elsewhere.
    """
    head, slots = text
    names, converts, tails = zip(*slots, strict=True) if slots else ((), (), ())
    bind = bind_build(tuple(conversions), bool(tails and tails[-1]))
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
        *taken,
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


SURE_TEXT = Conversion(
    "if type(value{0}) is not str or not is_segment(value{0}):\n"
    "    raise KeyError(name{0})",
    "{{value{0}}}",
)
SURE_TEXT_BUT = Conversion(
    f"{SURE_TEXT.lines}\nif value{{0}} in taken{{0}}:\n    raise KeyError(name{{0}})",
    "{{value{0}}}",
)
SURE_PATH = Conversion(
    SURE_TEXT.lines.replace("is_segment", "is_segments"), "{{value{0}}}"
)
SURE_INTEGER = Conversion(
    "if type(value{0}) is not int or value{0} < 0:\n    raise KeyError(name{0})",
    "{{value{0}!s}}",
)


def sure_conversion(
    converter: BaseConverter, convert: Callable[[Any], str], taken: frozenset[str]
) -> Conversion | None:
    """Return what converts the values that surely lead back, None if none surely do.

    Args:
        taken: Texts that lead elsewhere.
    """
    if convert is integer_text:
        sure = converter.regex == r"\d+" and not any(map(str.isdecimal, taken))
        return SURE_INTEGER if sure else None
    if not keeps_text(converter):
        return None
    if converter.regex == PathConverter.regex:
        return SURE_PATH
    if converter.regex not in ONE_SEGMENT:
        return None
    return SURE_TEXT_BUT if taken else SURE_TEXT


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
    each = ("name", "convert", "tail", "taken")
    taken += [f"{name}{i}" for name in each for i in every]
    return written_out(
        taken,
        "\n".join(lines),
        Built=Built,
        encode_unknown=encode_unknown,
        is_plain=PATH_TEXT.fullmatch,
        is_segment=SEGMENT_TEXT.fullmatch,
        is_segments=SEGMENTS_TEXT.fullmatch,
    )
