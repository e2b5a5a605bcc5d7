"""All that is wrong with a value, where msgspec tells the first thing.

Runs after a failure only. Each branch is converted on its own, and entered only if
that fails: the cost is that of the bad branches, `O(depth * size)`, depth bounded.
"""

from __future__ import annotations

import enum
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

import msgspec

from ._errors import Refused
from ._numbers import NUMBER
from ._problems import MOST_PROBLEMS, Problem, token
from ._rules import has_hidden_rules, translated
from ._shape import (
    LISTS,
    fields_of,
    is_attrs,
    is_namedtuple,
    is_record,
    kernel,
    members,
)

# Deeper than this a problem is told at the branch. Each level converts what is below.
DEEPEST = 40


class Walk:
    """One walk over one value; `found` is its result."""

    def __init__(self, *, strict: bool, forbid_unknown: bool) -> None:
        self._strict = strict
        self._forbid = forbid_unknown
        self.found: list[Problem] = []

    def visit(self, value: object, hint: Any, pointer: str, depth: int) -> None:
        """Add what is wrong with `value` as a `hint`."""
        if len(self.found) >= MOST_PROBLEMS:
            return
        refusal = self._refusal(value, hint)
        if refusal is None and not self._forbid and not has_hidden_rules(hint):
            return
        before = len(self.found)
        if depth < DEEPEST:
            self._descend(value, branch_of(value, hint), pointer, depth + 1)
        if refusal is not None and len(self.found) == before:
            self._add(pointer, said(refusal, value, hint), "rule")

    def _refusal(self, value: object, hint: Any) -> Exception | None:
        try:
            msgspec.convert(
                value, translated(hint), strict=self._strict, str_keys=self._strict
            )
        except (msgspec.ValidationError, RecursionError) as error:
            return error
        if kernel(hint) is Decimal and is_no_number(value):
            return Refused("Expected a number.")
        return None

    def _descend(self, value: object, hint: Any, pointer: str, depth: int) -> None:
        base = kernel(hint)
        if isinstance(value, dict):
            if is_record(base):
                self._fields(value, base, pointer, depth)
            elif get_origin(base) is dict:
                _, of_values = get_args(base)
                for name, one in value.items():
                    self.visit(one, of_values, pointer + token(name), depth)
        elif isinstance(value, list):
            for number, (one, item) in enumerate(_items(value, base)):
                self.visit(one, item, f"{pointer}/{number}", depth)

    def _fields(
        self, value: dict[str, object], base: Any, pointer: str, depth: int
    ) -> None:
        known = fields_of(base)
        for field in known:
            if field.key in value:
                self.visit(
                    value[field.key], field.hint, pointer + token(field.key), depth
                )
            elif field.required:
                self._add(pointer + token(field.key), "Missing.", "missing")
        config = getattr(base, "__struct_config__", None)
        if self._forbid or (config is not None and config.forbid_unknown_fields):
            names = {field.key for field in known} | {
                getattr(config, "tag_field", None)
            }
            for name in value:
                if name not in names:
                    self._add(pointer + token(name), "There is no such field.", "rule")

    def _add(self, pointer: str, detail: str, kind: str) -> None:
        self.found.append(Problem("body", detail, pointer=pointer, kind=kind))


def _items(value: list[object], base: Any) -> list[tuple[object, Any]]:
    """Return the items with their types, as far as the types are known."""
    if is_namedtuple(base):
        return list(zip(value, [one.hint for one in fields_of(base)], strict=False))
    arguments = get_args(base)
    if get_origin(base) not in LISTS or not arguments:
        return []
    if get_origin(base) is tuple and arguments[1:] != (Ellipsis,):
        return list(zip(value, arguments, strict=False))
    return [(one, arguments[0]) for one in value]


def is_no_number(value: object) -> bool:
    """Tell whether it is a text, and of no number: Python takes more for one."""
    return isinstance(value, str) and not NUMBER.fullmatch(value)


def branch_of(value: object, hint: Any) -> Any:
    """Return the member of a union that a value means to be; or `hint` itself."""
    several = members(hint)
    if len(several) == 1:
        return hint
    if isinstance(value, dict):
        records = [one for one in several if is_record(one)]
        if len(records) == 1:
            return records[0]
        for one in records:  # several are Structs with tags, or msgspec refuses them
            config = kernel(one).__struct_config__
            if value.get(config.tag_field) == config.tag:
                return one
    if isinstance(value, list):
        lists = [one for one in several if get_origin(kernel(one)) in LISTS]
        if len(lists) == 1:
            return lists[0]
    return hint


def said(error: Exception, value: object, hint: Any) -> str:
    """Return the reason in a sentence that does not hold the value."""
    if isinstance(error, RecursionError):
        return "Nested too deep."
    text, _, _ = str(error).partition(" - at `")
    if text.startswith(("Invalid enum value", "Invalid value")):
        return allowed(hint)
    if is_attrs(kernel(hint)) and error.__cause__ is not None:
        return "Refused by a rule of the whole."  # attrs says the value in its errors
    return text if text.endswith((".", "!", "?")) else f"{text}."


def allowed(hint: Any) -> str:
    """Return what a choice is between."""
    base = kernel(hint)
    tags = [
        getattr(kernel(one), "__struct_config__").tag  # noqa: B009  # of Structs alone
        for one in members(hint)
        if hasattr(kernel(one), "__struct_config__")
    ]
    if tags:
        return f"Expected an object of one of the kinds {_listing(tags)}."
    if get_origin(base) is Literal:
        return f"Expected one of {_listing(get_args(base))}."
    if isinstance(base, type) and issubclass(base, enum.Enum):
        return f"Expected one of {_listing([one.value for one in base])}."
    return "Expected one of the allowed values."


def _listing(choices: Any) -> str:
    return ", ".join(repr(one) for one in choices)
