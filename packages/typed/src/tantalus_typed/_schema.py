"""JSON schemas by msgspec, with what it does not say.

It says nothing of rules of annotated_types, nor that a text is a date and time. Both
are told to it in words of JSON schema, beside the type. In a field of a class, it reads
the class itself: so the types of such fields are asked for as well, and what comes
of them is put into the schema of the class.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, get_args, get_origin

import msgspec

from ._numbers import NUMBER
from ._rules import LENGTHS, SCHEMA_WORDS, is_rule, words_of
from ._shape import fields_of, is_record, kernel, peel, rebuilt

Schema = dict[str, Any]  # Any: a JSON value


def schemas_of(
    hints: Sequence[Any], ref: str
) -> tuple[list[Schema], dict[str, Schema]]:
    """Return a schema per type, and those of classes by their names.

    Args:
        hints: The types.
        ref: Form of a reference, with `{name}` in it.
    """
    records = _untold(hints)
    fields = [field for record in records for field in fields_of(record)]
    asked = [*map(told, hints), *records, *(told(field.hint) for field in fields)]
    schemas, components = msgspec.json.schema_components(asked, ref_template=ref)
    of_fields = iter(schemas[len(hints) + len(records) :])
    for record, schema in zip(records, schemas[len(hints) :], strict=False):
        name = schema["$ref"].rpartition("/")[2]
        for place in _places(record, components[name]):
            default = {key: place[key] for key in place.keys() & {"default"}}
            place.clear()
            place.update(next(of_fields) | default)
    made = [_as_json(schema) for schema in schemas[: len(hints)]]
    return made, {name: _as_json(schema) for name, schema in components.items()}


def _places(record: Any, schema: Schema) -> Iterator[Schema]:
    """Yield what the schema of a class says of each field."""
    fields = fields_of(record)
    if "properties" in schema:
        yield from (schema["properties"][field.key] for field in fields)
    else:  # an array, which may begin with a tag
        yield from schema["prefixItems"][-len(fields) :]


def _untold(hints: Iterable[Any]) -> list[Any]:
    """Return the classes below types that have something to tell of their fields."""
    seen: dict[Any, bool] = {}
    pending = list(hints)
    while pending:
        base, _ = peel(pending.pop())
        if not is_record(base):
            pending.extend(get_args(base))
        elif base not in seen:
            below = [field.hint for field in fields_of(base)]
            seen[base] = any(told(hint) is not hint for hint in below)
            pending.extend(below)
    return [base for base, is_untold in seen.items() if is_untold]


def told(hint: Any) -> Any:
    """Return a type with all that its schema says of it; the same if nothing is new."""
    base, metadata = peel(hint)
    inner = rebuilt(base, told)
    words = dict(_words(base, metadata))
    if inner is base and not words:
        return hint
    said = [one for one in metadata if isinstance(one, msgspec.Meta)]
    if words:
        said.append(msgspec.Meta(extra_json_schema=words))
    return Annotated[(inner, *said)] if said else inner


def _words(base: Any, metadata: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Yield words of JSON schema, with their values."""
    naive = any(getattr(one, "tz", None) is False for one in metadata)
    if base is datetime and not naive:
        yield "format", "date-time"
    for rule in filter(is_rule, metadata):
        for word, value in words_of(rule):
            yield _word(word, value, kernel(base))


def _word(word: str, value: Any, base: Any) -> tuple[str, Any]:
    if word in SCHEMA_WORDS:
        is_decimal = isinstance(value, Decimal)
        return SCHEMA_WORDS[word], float(value) if is_decimal else value
    of_text, of_list, of_dict = LENGTHS[word]
    if base is bytes:  # sent as Base64
        return of_text, 4 * ((value + 2) // 3)
    if base is str:
        return of_text, value
    return (of_dict if (get_origin(base) or base) is dict else of_list), value


def _as_json(schema: Any) -> Any:
    """Return a schema of msgspec in values of JSON alone.

    It says then which decimal numbers are read, and no default that JSON cannot say.
    """
    if isinstance(schema, list | tuple):
        return [_as_json(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: _all_as_json(value) if key == "properties" else _as_json(value)
        for key, value in schema.items()
        if key != "default" or _is_finite(value)
    }
    if made.get("format") == "decimal":
        made.update(type=["string", "number"], pattern=f"^{NUMBER.pattern}$")
    if "prefixItems" in made and "maxItems" in made:
        made.pop("items", None)  # generators of clients take no `false` for a schema
    return made


def _all_as_json(properties: dict[str, Any]) -> Schema:
    # One of them may be called "default".
    return {name: _as_json(schema) for name, schema in properties.items()}


def _is_finite(value: Any) -> bool:
    """Tell whether there is no number in a value that JSON has no word for."""
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or isfinite(value)
