"""What is known of Werkzeug's converters beforehand, so that they need not be asked.

Each function looks at one converter at set-up and returns the cheapest callable that
does exactly what its regular expression, `to_python` or `to_url` does. A converter
whose class overrides the method in question is always asked itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from werkzeug.routing import (
    AnyConverter,
    BaseConverter,
    IntegerConverter,
    PathConverter,
    UUIDConverter,
    ValidationError,
)
from werkzeug.routing.converters import NumberConverter

# https://url.spec.whatwg.org/#url-path-segment-string
PATH_SAFE = "!$&'()*+,/:;=@"
PATH_TEXT = re.compile(r"[A-Za-z0-9_.~!$&'()*+,/:;=@-]*")
# What may stand in a URL, a percent sign in front of two digits or not.
URL_SAFE = f"{PATH_SAFE}%?#[]"
URL_TEXT = re.compile(r"[A-Za-z0-9_.~!$&'()*+,/:;=@%?#\[\]-]*")

# The expressions that take any segment there is.
ONE_SEGMENT = ("[^/]{1,}", "[^/]+")
# What repeats in an expression; once, and `re` takes linear time.
REPEATS = frozenset("*+{")
# Returns something true for a text that fits: a match object, where groups matter.
SegmentTest = Callable[[str], Any]


def segment_test(regex: str, whole: str) -> SegmentTest:
    r"""Return a test for a path segment that is nothing but one variable.

    Args:
        regex: The converter's expression.
        whole: The same as a named group with `\Z` behind it.
    """
    # A segment holds no slash, so these two need no regular expression; `\d` and
    # `isdecimal` both mean Unicode's category Nd.
    if regex in ONE_SEGMENT:
        return len
    if regex == r"\d+":
        return str.isdecimal
    return part_test(whole, re.compile(whole))


def part_test(content: str, pattern: re.Pattern[str]) -> SegmentTest:
    """Return the test of a part: like `pattern.match`, and linear where it can be."""
    if sum(letter in REPEATS for letter in content) < 2:
        return pattern.match
    # Measured: a millisecond that most apps need not spend at their start.
    from ._sequence import sequence_test  # noqa: PLC0415 - the reason stands above

    return sequence_test(content, pattern)


def rest_test(regex: str, whole: str) -> SegmentTest:
    """Return a test for a rest of a path that is nothing but one variable."""
    # `[^/].*?\Z` step by step is the same as this in one stride.
    if regex == PathConverter.regex:
        return re.compile(r"[^/].*\Z").match
    return part_test(whole, re.compile(whole))


def to_python(converter: BaseConverter) -> Callable[[str], Any] | None:
    """Return the conversion of a matched text, or None if it stays as it is."""
    method = type(converter).to_python
    if method is BaseConverter.to_python:
        return None
    if method is IntegerConverter.to_python and is_plain_integer(converter):
        return int
    return converter.to_python


def refusal_of(converter: BaseConverter) -> type[Exception]:
    """Return the error by which the conversion refuses a text that has matched.

    `int` refuses more than 4,300 digits with an error of its own.
    """
    known = type(converter).to_python is IntegerConverter.to_python
    return ValueError if known else ValidationError


def to_url(converter: BaseConverter) -> Callable[[Any], str]:
    """Return the conversion of a value to the text in a URL."""
    method = type(converter).to_url
    if method is BaseConverter.to_url:
        return quote_path
    if method is IntegerConverter.to_url and is_plain_integer(converter):
        return integer_text
    if method in (NumberConverter.to_url, UUIDConverter.to_url):
        return converter.to_url
    # One returns its texts as they are; of the others' only what no URL may have is
    # quoted, as it is theirs to say what is quoted already.
    quoted = quote_path if method is AnyConverter.to_url else quote_invalid
    return lambda value: quoted(converter.to_url(value))


def keeps_text(converter: BaseConverter) -> bool:
    """Return whether the text of a value is in the path as it is, but for quotes."""
    return type(converter).to_url in (BaseConverter.to_url, AnyConverter.to_url)


def is_plain_integer(converter: BaseConverter) -> bool:
    """Return whether a converter of numbers has no option but `signed`."""
    return (
        isinstance(converter, IntegerConverter)
        and type(converter).num_convert is int
        and not converter.fixed_digits
        and converter.min is None
        and converter.max is None
    )


def quote_path(value: object) -> str:
    """Percent-encode `value` for a path; lone surrogates become question marks."""
    text = str(value)
    if PATH_TEXT.fullmatch(text):
        return text
    return quote(text, safe=PATH_SAFE, errors="replace")


def quote_invalid(value: object) -> str:
    """Percent-encode what no URL may have in it, such as spaces."""
    text = str(value)
    if URL_TEXT.fullmatch(text):
        return text
    return quote(text, safe=URL_SAFE, errors="replace")


def integer_text(value: Any) -> str:
    """Return the digits of what `int` makes of `value`."""
    return str(int(value))
