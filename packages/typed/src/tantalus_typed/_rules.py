"""Rules of annotated_types, said in the words of msgspec.

Where a rule stands in a signature, the type is translated. In the field of a class it
is hidden: msgspec reads the class itself, so such a value is looked at a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

import msgspec

from ._shape import (
    LISTS,
    kernel,
    members,
    parts_of,
    rebuilt,
    remembered,
)

# The attribute of each rule, and what `msgspec.Meta` calls it. Matched by the module,
# so that nothing has to be installed.
WORDS = {
    "Gt": ("gt", "gt"),
    "Ge": ("ge", "ge"),
    "Lt": ("lt", "lt"),
    "Le": ("le", "le"),
    "MultipleOf": ("multiple_of", "multiple_of"),
    "MinLen": ("min_length", "min_length"),
    "MaxLen": ("max_length", "max_length"),
}
GROUPS = ("Interval", "Len")
# What `msgspec.Meta` says of a number or text, and JSON schema.
SCHEMA_WORDS = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
}
LENGTHS = {
    "min_length": ("minLength", "minItems", "minProperties"),
    "max_length": ("maxLength", "maxItems", "maxProperties"),
}


def is_rule(metadata: object) -> bool:
    """Tell whether it is a rule of annotated_types that msgspec can be told."""
    kind = type(metadata)
    return kind.__module__ == "annotated_types" and kind.__name__ in (*WORDS, *GROUPS)


def words_of(metadata: Any) -> Iterator[tuple[str, Any]]:
    """Yield (word of `msgspec.Meta`, value) of a rule."""
    name = type(metadata).__name__
    if name in GROUPS:
        for part in metadata:
            yield from words_of(part)
    else:
        attribute, word = WORDS[name]
        yield word, getattr(metadata, attribute)


def translated(hint: Any) -> Any:
    """Return a type with its rules as `msgspec.Meta`, also in the types in brackets."""
    if get_origin(hint) is not Annotated:
        return rebuilt(hint, translated)
    base, *metadata = get_args(hint)
    said = [one for one in metadata if isinstance(one, msgspec.Meta)]
    for one in metadata:
        if is_rule(one):
            said.extend(msgspec.Meta(**{word: value}) for word, value in words_of(one))
    inner = translated(base)
    return Annotated[(inner, *said)] if said else inner


@remembered
def has_hidden_rules(hint: Any) -> bool:
    """Tell whether msgspec does not see all that is wrong with a value of a type.

    It does not see a rule in a field of a class, and takes `"NaN"` for a `Decimal`.
    """
    return any(
        base is Decimal or (where and any(map(is_rule, metadata)))
        for where, base, metadata in parts_of(hint)
    )


@remembered
def misfit_in(hint: Any) -> tuple[object, Any] | None:
    """Return a rule, and the type of which it says nothing; None if all of them fit."""
    for _, base, metadata in parts_of(hint):
        for rule in filter(is_rule, metadata):
            words = {word for word, _ in words_of(rule)}
            kinds = {get_origin(kernel(one)) or kernel(one) for one in members(base)}
            if words & set(LENGTHS) and kinds & {int, float, bool, Decimal}:
                return rule, base
            if words & set(SCHEMA_WORDS) and kinds & {str, bytes, bool, dict, *LISTS}:
                return rule, base
    return None
