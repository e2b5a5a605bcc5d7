"""Text of a request as numbers and the like, checked; what Python reads is too much.

`int("1_0")`, `int(" 1")` and `int()` of Arabic digits are numbers to Python, and to
nobody who writes a client.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from ._errors import Refused
from ._numbers import NUMBER
from ._shape import kernel, members, metadata_in, remembered

# More digits than any number in a request means; Python's own limit is 4,300.
MOST_DIGITS = 1000
BOOLEANS = {
    "true": True,
    "1": True,
    "on": True,
    "false": False,
    "0": False,
    "off": False,
}
Parse = Callable[[str], Any]  # Any: a value of the type it was chosen for


def to_int(text: str) -> int:
    """Return the number that ASCII digits with a sign mean."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if digits.isdecimal() and digits.isascii() and len(digits) <= MOST_DIGITS:
        return int(text)
    raise Refused("Expected a whole number.")


def to_float(text: str) -> float:
    """Return a finite number."""
    if len(text) <= MOST_DIGITS and NUMBER.fullmatch(text):
        number = float(text)
        if number - number == 0:
            return number
    raise Refused("Expected a number.")


def to_decimal(text: str) -> Decimal:
    """Return a finite decimal number."""
    if len(text) <= MOST_DIGITS and NUMBER.fullmatch(text):
        return Decimal(text)
    raise Refused("Expected a number.")


def to_bool(text: str) -> bool:
    """Return what true, 1, on, false, 0 and off mean, in any case."""
    found = BOOLEANS.get(text.lower())
    if found is None:
        raise Refused("Expected true or false.")
    return found


def to_date_text(text: str) -> str:
    """Return the text, unless it is a number: seconds since 1970 to some libraries."""
    if NUMBER.fullmatch(text):
        raise Refused("Expected a date or time as in RFC 3339.")
    return text


PARSERS: dict[object, Parse] = {
    int: to_int,
    float: to_float,
    Decimal: to_decimal,
    bool: to_bool,
    datetime.datetime: to_date_text,
    datetime.date: to_date_text,
    datetime.time: to_date_text,
    datetime.timedelta: to_date_text,
}
# What libraries read as numbers, and JSON does not know.
NO_NUMBERS = ("nan", "inf", "infinity")
# Of these nothing is left to do after parsing, unless there is a rule about the value.
COMPLETE = (int, float, Decimal, bool, str, Any)


def to_text(text: str) -> str:
    """Return a text that can be sent: some routers let through what is no UTF-8."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Refused("Expected text in UTF-8.") from None
    return text


def to_choice(text: str) -> str:
    """Return a text of which a library may make a number, unless it is a wrong one."""
    if text.lower().lstrip("+-") in NO_NUMBERS:
        raise Refused("Expected one of the allowed values.")
    if NUMBER.fullmatch(text):
        to_int(text)
    return text


def to_number_or_choice(text: str) -> str:
    """Return a text of which a library may make a number that is not whole."""
    if text.lower().lstrip("+-") in NO_NUMBERS:
        raise Refused("Expected one of the allowed values.")
    return text


@remembered
def parser_for(hint: object) -> Parse | None:
    """Return what reads a text of that type; None if the text goes on as it is."""
    base = kernel(hint)
    if base in PARSERS:
        return PARSERS[base]
    kinds = {kernel(one) for one in members(hint)}
    if str in kinds:
        return None
    if kinds & {float, Decimal}:
        return to_number_or_choice
    return to_choice if any(_has_whole_numbers(one) for one in kinds) else None


def _has_whole_numbers(kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return any(type(one) is int for one in get_args(kind))
    return isinstance(kind, type) and issubclass(kind, int)


@remembered
def keeps_empty(hint: object) -> bool:
    """Tell whether an empty text is a value: it is to `str`, and missing to others."""
    return any(kernel(one) is str for one in members(hint))


@remembered
def is_complete(hint: object) -> bool:
    """Tell whether a parsed text needs no converter: no rules, no other type."""
    return kernel(hint) in COMPLETE and not any(metadata_in(hint))
