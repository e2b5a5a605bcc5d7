"""What is looked at in JSON, and in values to be written as JSON, before or beside it.

How many items a text has is counted in its bytes, so that no text makes an object of
many times its size: `O(bytes)`, by a few calls that each go over all of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

Default = Callable[[Any], Any]

# All bytes but those of the structure, and the quotes around texts.
_NO_STRUCTURE = bytes(set(range(256)) - set(b'",[{'))
_PLAIN = (str, int, type(None))


def has_more_items(s: str | bytes, most: int) -> bool:
    """Tell whether a text has more commas and opening brackets outside of strings."""
    text = s.encode(errors="surrogatepass") if isinstance(s, str) else s
    encoding = json.detect_encoding(text)
    if not encoding.startswith("utf-8"):
        text = text.decode(encoding, "surrogatepass").encode(errors="surrogatepass")
    if text.count(b",") + text.count(b"[") + text.count(b"{") <= most:
        return False
    # A run of backslashes begins an escape; without escapes, each quote is an end.
    text = text.replace(rb"\\", b"").replace(rb"\"", b"")
    structure = text.translate(None, _NO_STRUCTURE)
    # Every item has a key and a value at most, each with two quotes.
    if structure.count(b'"') > 4 * (most + 1):
        return True
    # Strings with no structure inside leave nothing between their quotes. Taking two
    # quotes out leaves what was outside of strings outside.
    outside = structure.replace(b'""', b"").split(b'"')[::2]
    return sum(map(len, outside)) > most


def is_deeper(value: Any, depth: int) -> bool:
    """Tell if lists and dicts are nested deeper than `depth`; takes O(values)."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
    return bool(level)


def has_odd_number(values: list[Any]) -> bool:
    """Tell if a NaN or infinity is in one of the values, or in a list or dict there.

    Args:
        values: Contain nothing that contains itself.
    """
    while values:
        inner: list[Any] = []
        for value in values:
            if isinstance(value, float):
                if not math.isfinite(value):
                    return True
            elif isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, (list, tuple)):
                inner.extend(value)
        values = inner
    return False


def odd_numbers(
    value: Any, default: Default, place: str
) -> Iterator[tuple[float, str]]:
    """Yield the numbers in a value that JSON does not know, each with its place.

    Args:
        default: Returns what is written in place of another value.
        place: Of the value, as `$`.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            yield value, place
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from odd_numbers(key, default, f"a key in {place}")
            name = f".{key}" if str(key).isidentifier() else f"[{key!r}]"
            yield from odd_numbers(inner, default, place + name)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from odd_numbers(inner, default, f"{place}[{index}]")
    elif not isinstance(value, _PLAIN):
        yield from odd_numbers(default(value), default, place)


def careful_dumps(obj: Any, **options: Any) -> str:
    """Return what `json.dumps()` returns, or an error that says where.

    Keys of several kinds are sorted, too: numbers before texts.

    Args:
        options: As for `json.dumps()`, with `default`, `sort_keys` and `allow_nan`.

    Raises:
        TypeError: Something in `obj` has no form in JSON.
        ValueError: `obj` contains itself, or a number that JSON does not know.
    """
    default: Default = options["default"] or json.JSONEncoder().default
    try:
        return json.dumps(obj, **options)
    except TypeError:
        if not options["sort_keys"]:
            raise
    except ValueError as error:
        if options["allow_nan"]:
            raise
        raise _placed(error, obj, default) from None
    with suppress(RecursionError):  # what contains itself is told by the call below
        obj = _in_order(obj)
    options["sort_keys"] = False
    return careful_dumps(
        obj, **options | {"default": lambda value: _in_order(default(value))}
    )


def _placed(error: ValueError, obj: Any, default: Default) -> ValueError:
    """Return the error for the first odd number in `obj`, `error` if there is none."""
    try:
        for number, place in odd_numbers(obj, default, "$"):
            return ValueError(
                f"{number!r} at {place} is not JSON, which has no such number. Write"
                " None in its place, or set `allow_nan` of the JSON provider for"
                " readers that know the words NaN and Infinity."
            )
    except (RecursionError, TypeError, ValueError):
        pass  # something else is wrong, too, and was found first
    return error


def _in_order(value: Any) -> Any:
    """Return a value with its dicts in the order of their keys."""
    if isinstance(value, dict):
        try:
            keys = sorted(value)
        except TypeError:
            keys = sorted(value, key=_rank)
        return {key: _in_order(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_in_order(inner) for inner in value]
    return value


def _rank(key: object) -> tuple[bool, float, str]:
    """Return where a key stands among those of other kinds."""
    if isinstance(key, int | float):
        return False, key, ""
    return True, 0, "null" if key is None else str(key)
