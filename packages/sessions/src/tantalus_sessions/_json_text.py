"""Tagged values as JSON text: fast where all is well, helpful where something is not.

The encoder of the standard library says what is wrong with a value, but not where it
is, and gives up on keys of several kinds, because it cannot sort them. So what it
refuses is walked a second time, which finds the place, or makes of each key the text
that JSON has for it.
"""

from __future__ import annotations

import dataclasses
import json
import json.encoder
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from json.scanner import make_scanner
from typing import Any, TypeAlias
from uuid import UUID

from werkzeug.http import http_date

from ._errors import SessionValueError

# What a session may hold is for the tags to say; JSON has no static type.
Value: TypeAlias = Any
# Returns in JSON types what JSON does not know, or raises TypeError.
Default: TypeAlias = Callable[[Any], Value]

_LEAVES = (str, int, type(None))


class Encoder:
    """Writes compact JSON with sorted keys.

    Args:
        tags: Keys of these in dicts of one key are ours, no part of the user's value.
        allows_nan: Whether NaN and Infinity are written, which JSON does not know.
    """

    __slots__ = ("_allows_nan", "_chunks", "_default", "_tags", "_used")

    def __init__(
        self, default: Default, tags: Mapping[str, object], allows_nan: bool
    ) -> None:
        self._default = default
        self._tags = tags
        self._allows_nan = allows_nan
        self._chunks = _make_chunks(default, allows_nan)
        # For the last `dumps` that was asked for: an application has one.
        self._used: tuple[object, Encoder] | None = None

    def using(self, dumps: Callable[[Any], str]) -> Encoder:
        """Return the same with the `default` that `dumps` has; it is remembered."""
        used = self._used
        if used is None or used[0] != dumps:
            encoder = Encoder(_default_of(dumps), self._tags, self._allows_nan)
            used = self._used = dumps, encoder
        return used[1]

    def encode(self, value: Value) -> str:
        """Return JSON text.

        Raises:
            SessionValueError: Something in `value` has no form in JSON.
        """
        try:
            return "".join(self._chunks(value, False))
        except (TypeError, ValueError):
            repaired = self._repair(value, "")
        return "".join(self._chunks(repaired, False))

    def _repair(self, value: Value, place: str) -> Value:
        """Return `value` with keys that are text, and nothing that JSON does not know.

        Raises:
            SessionValueError: That cannot be; `place` is said.
        """
        if isinstance(value, dict):
            return self._repair_dict(value, place)
        if isinstance(value, list | tuple):
            return [self._repair(item, f"{place}[{n}]") for n, item in enumerate(value)]
        if isinstance(value, float):
            if math.isfinite(value) or self._allows_nan:
                return value
            raise SessionValueError(
                place, f"{value!r} is no number in JSON", "Store None, or text"
            )
        if isinstance(value, _LEAVES):
            return value
        try:
            known = self._default(value)
        except TypeError as error:
            raise SessionValueError(
                place,
                str(error).removesuffix("."),
                "Register a JSONTag for it, or keep its parts in the session",
            ) from error
        return self._repair(known, place)

    def _repair_dict(self, value: dict[Any, Value], place: str) -> dict[str, Value]:
        is_tagged = len(value) == 1 and next(iter(value)) in self._tags
        repaired: dict[str, Value] = {}
        for key, item in value.items():
            inside = place if is_tagged else f"{place}[{key!r}]"
            text = _key_text(key, inside)
            if text in repaired:
                raise SessionValueError(
                    inside,
                    f"two keys of this dict would both be {text!r} in JSON",
                    "Use keys that are text",
                )
            repaired[text] = self._repair(item, inside)
        return repaired


def _key_text(key: object, place: str) -> str:
    """Return what JSON has for a key: text as it is, numbers as they are written."""
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, int | float):
        return json.dumps(key)
    raise SessionValueError(
        place,
        f"a {type(key).__name__} cannot be a key in JSON",
        "Use keys that are text",
    )


def _default_of(dumps: Callable[[Any], str]) -> Default:
    """Return what gives a value in JSON types, as text that `dumps` wrote says it."""
    return lambda value: json.loads(dumps(value))


Chunks: TypeAlias = Callable[[Value, bool], Iterable[str]]


def _make_chunks(default: Default, allows_nan: bool) -> Chunks:
    """Return `JSONEncoder.iterencode`, its C part made once instead of at each call.

    That part is private to `json`: if it is absent or changed, the public way is used.
    """
    try:
        chunks: Chunks = json.encoder.c_make_encoder(  # type: ignore[attr-defined] # private
            None,
            default,
            json.encoder.encode_basestring_ascii,
            None,
            ":",
            ",",
            True,
            False,
            allows_nan,
        )
        works = (
            "".join(chunks({"b": [1.5], "a": "é"}, False))
            == '{"a":"\\u00e9","b":[1.5]}'
        )
    except (AttributeError, TypeError):
        works = False
    if works:
        return chunks
    return json.JSONEncoder(
        sort_keys=True,
        separators=(",", ":"),
        default=default,
        check_circular=False,
        allow_nan=allows_nan,
    ).iterencode


def to_json(value: object) -> Value:
    """Return JSON for what no tag claims; such a value comes back changed."""
    # Imported here: measured, it takes as long as five modules of this package.
    from decimal import Decimal  # noqa: PLC0415 - see above

    if isinstance(value, date):
        return http_date(value)
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    raise TypeError(
        f"Object of type {type(value).__name__} is not JSON serializable. Register a"
        " JSONTag for it, or keep its parts in the session."
    )


class Decoder(json.JSONDecoder):
    """A decoder whose scanner can be called: `(text, 0)` to `(value, end)`."""

    def __init__(
        self,
        object_hook: Callable[[dict[str, Value]], Value] | None = None,
        parse_constant: Callable[[str], Value] | None = None,
    ) -> None:
        super().__init__(object_hook=object_hook, parse_constant=parse_constant)
        self.scan = make_scanner(self)  # type: ignore[arg-type] # it takes a decoder
