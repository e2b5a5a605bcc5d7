"""Query strings and forms of the same syntax, read for the names that are wanted.

The text is what a server gives: bytes as Latin-1 (PEP 3333). It means UTF-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from ._errors import Refused
from ._signature import MANY, MISSING


def plain(text: str) -> str:
    """Return what a piece of a query means.

    Raises:
        Refused: It is not UTF-8.
    """
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError:
        raise Refused("Expected text in UTF-8.") from None


def plain_name(text: str) -> str:
    """Return what a name means; one that is not UTF-8 is no name that is wanted."""
    try:
        return plain(text)
    except Refused:
        return ""


def scan(text: str, places: Mapping[str, int], found: list[Any]) -> None:
    """Put the first value of each wanted name at its place in `found`.

    `found` begins with MISSING at each place, or with MANY where a list of all values
    is wanted.

    Raises:
        Refused: A wanted value is not UTF-8.
    """
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        place = places.get(name)
        if place is None:
            if "%" not in name and "+" not in name and name.isascii():
                continue
            place = places.get(plain_name(name))
            if place is None:
                continue
        taken = found[place]
        if taken is MISSING:
            found[place] = plain(value)
        elif taken is MANY:
            found[place] = [plain(value)]
        elif type(taken) is list:
            taken.append(plain(value))


def scan_all(text: str, most: int) -> tuple[list[tuple[str, str]], int]:
    """Return all (name, value) of a form, and how many there are.

    Args:
        text: The form.
        most: No more than these are read.

    Raises:
        Refused: A name or value is not UTF-8.
    """
    pairs = [pair for pair in text.split("&") if pair] if text else []
    read = [pair.partition("=") for pair in pairs[:most]]
    return [(plain(name), plain(value)) for name, _, value in read], len(pairs)
