"""Values that are written as text: numbers, dates, choices, and lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_origin

from ._codec import Codec, choose
from ._errors import Refused, SetupError
from ._problems import Problem
from ._reader import REFUSED, Convert, Reader, errors_of, fetch_for, wire_name
from ._shape import (
    LISTS,
    is_structured,
    kernel,
    listed,
    peel,
    refuse_inner_marks,
    refuse_metadata,
)
from ._signature import MISSING, Where
from ._steps import Leaf
from ._text import is_complete, keeps_empty, parser_for, to_text

# Types whose values are no single text.
WHOLE = (dict, *LISTS)


def scalar_reader(leaf: Leaf, codecs: Sequence[Codec], where: Where | str) -> Reader:
    """Return how to read one text, or a list of them.

    Raises:
        SetupError: No codec knows the type, or its values are no texts.
    """
    if leaf.typed_as is object and _is_foreign(leaf.hint, codecs):
        refuse_metadata(leaf.hint, where)
        return Reader(leaf, fetch_for(leaf, many=False), None, None, REFUSED)
    many = leaf.place != "path" and listed(leaf.hint) is not None
    item = listed(leaf.hint) if many else leaf.hint
    refuse_inner_marks(leaf.hint, where)
    base = kernel(item)
    if get_origin(base) in WHOLE or base in WHOLE or is_structured(base):
        raise SetupError(
            f"{where}: {peel(leaf.hint)[0]} cannot be written as texts. Use a list"
            " of one type, or a Body."
        )
    keeps = keeps_empty(item)
    codec = choose(codecs, leaf.hint, where)
    parse = parser_for(item)
    if leaf.place == "path" and parse is None:
        parse = to_text
    convert = None if is_complete(leaf.hint) else codec.converter(leaf.hint)
    if convert is None and leaf.place == "path" and leaf.typed_as is kernel(leaf.hint):
        return Reader(leaf, fetch_for(leaf, many=False), None, None, REFUSED)
    steps = _many(parse, convert, keeps, leaf.default) if many else _one(parse, convert)
    if leaf.place == "path" and steps is not None:
        steps = _of_path(steps, convert)

    def explain(raw: Any, error: Exception) -> list[Problem]:
        if isinstance(error, Refused):
            return [Problem(leaf.place, str(error), wire_name(leaf))]
        plain = _parsed(raw, parse, keeps) if many else _parsed_one(raw, parse)
        kind = "rule" if _is_of_type(codec, plain, leaf.hint) else "type"
        return [
            Problem(leaf.place, one.detail, wire_name(leaf), kind=kind)
            for one in codec.problems(plain, leaf.hint, error)
        ]

    fetch = fetch_for(leaf, many)
    inline = leaf.place in ("path", "query") or (leaf.place == "header" and not many)
    return Reader(
        leaf, fetch, steps, explain, errors_of(codec), many, many or keeps, inline
    )


def _is_foreign(hint: Any, codecs: Sequence[Codec]) -> bool:
    """Tell whether values of a type are what only the host makes."""
    return is_structured(hint) or not any(codec.handles(hint) for codec in codecs)


def _is_of_type(codec: Codec, value: Any, hint: Any) -> bool:
    """Tell whether a value has the type, and only a rule about it is broken."""
    try:
        codec.converter(kernel(hint))(value)
    except codec.errors:
        return False
    return True


def _parsed_one(raw: Any, parse: Convert | None) -> Any:
    return parse(raw) if parse and isinstance(raw, str) else raw


def _parsed(raw: Sequence[str], parse: Convert | None, keeps: bool) -> list[Any]:
    return [parse(one) if parse else one for one in raw if one or keeps]


def _one(parse: Convert | None, convert: Convert | None) -> Convert | None:
    if parse is None or convert is None:
        return parse or convert

    def parse_and_convert(text: str) -> Any:
        return convert(parse(text))

    return parse_and_convert


def _many(
    parse: Convert | None, convert: Convert | None, keeps: bool, default: Any
) -> Convert:
    assert convert is not None  # a list is never complete

    def convert_all(texts: Sequence[str]) -> Any:
        found = _parsed(texts, parse, keeps)
        if found:
            return convert(found)
        if default is MISSING:
            raise Refused("Missing.")
        return default

    return convert_all


def _of_path(steps: Convert, convert: Convert | None) -> Convert:
    """Return what converts texts, and only checks what the router has converted."""

    def from_path(value: Any) -> Any:
        if isinstance(value, str):
            return steps(value)
        return value if convert is None else convert(value)

    return from_path
