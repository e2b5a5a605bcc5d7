"""A second look at decoded JSON, for what msgspec does not see itself.

That are rules of annotated_types in the fields of a class, decimal numbers that are
none, and unknown fields where a codec forbids them. For each type one function is made
that looks only where there is something to see, for it runs on every good body:
`O(size)`, about as long as decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, get_args, get_origin

from ._rules import is_rule, words_of
from ._shape import (
    LISTS,
    classes_of,
    fields_of,
    is_namedtuple,
    is_record,
    is_structured,
    listed,
    members,
    parts_of,
    peel,
)
from ._walk import branch_of, is_no_number

Look = Callable[[Any], bool]  # Any: a JSON value that has the type


def _all_good(value: Any) -> bool:
    return True


class Looks:
    """Makes the functions of one codec, and keeps them by type.

    Args:
        forbid_unknown: Whether fields that a record does not have are refused.
    """

    def __init__(self, *, forbid_unknown: bool) -> None:
        self._forbid = forbid_unknown
        self._made: dict[Any, Look] = {}

    def at(self, hint: Any) -> Look:
        """Return what tells whether a value of a type is good."""
        if not self._sees(hint):
            return _all_good
        if hint not in self._made:
            # Types that hold themselves find this, while they are being made.
            self._made[hint] = lambda value: self._made[hint](value)
            self._made[hint] = self._make(hint)
        return self._made[hint]

    def _sees(self, hint: Any) -> bool:
        return (self._forbid and is_structured(hint)) or any(
            base is Decimal or any(map(is_rule, metadata))
            for _, base, metadata in parts_of(hint)
        )

    def _make(self, hint: Any) -> Look:
        several = members(hint)
        if len(several) > 1:
            return self._at_branch(hint, several)
        base, metadata = peel(several[0])
        tests = [test for one in metadata if is_rule(one) for test in _tests_of(one)]
        inside = self._inside(base)

        def look(value: Any) -> bool:
            if value is None:
                return True
            return all(test(value) for test in tests) and inside(value)

        return look if tests else _unless_none(inside)

    def _at_branch(self, hint: Any, several: Sequence[Any]) -> Look:
        """Return what looks at the member of a union that a value is of."""
        looks = {id(one): self.at(one) for one in several}
        plain = [(one, classes_of(one) or ()) for one in several if not is_record(one)]

        def at_branch(value: Any) -> bool:
            branch = branch_of(value, hint)
            if branch is not hint:
                return looks[id(branch)](value)
            fitting = [
                looks[id(one)] for one, kinds in plain if isinstance(value, kinds)
            ]
            return not fitting or any(look(value) for look in fitting)

        return at_branch

    def _inside(self, base: Any) -> Look:
        """Return what looks at the parts of a value."""
        if is_namedtuple(get_origin(base) or base):
            return self._at_places([one.hint for one in fields_of(base)])
        if is_record(base):
            return self._at_fields(base)
        if base is Decimal:
            return lambda value: not is_no_number(value)
        if get_origin(base) is dict:
            at_value = self.at(get_args(base)[1])
            return lambda value: all(map(at_value, value.values()))
        if get_origin(base) in LISTS:
            item = listed(base)
            if item is None:
                return self._at_places(list(get_args(base)))
            at_item = self.at(item)
            return lambda value: all(map(at_item, value))
        return _all_good

    def _at_places(self, hints: list[Any]) -> Look:
        looks = [self.at(hint) for hint in hints]
        return lambda value: all(
            look(one) for look, one in zip(looks, value, strict=False)
        )

    def _at_fields(self, base: Any) -> Look:
        fields = fields_of(base)
        looks = {
            field.key: self.at(field.hint) for field in fields if self._sees(field.hint)
        }
        config = getattr(get_origin(base) or base, "__struct_config__", None)
        names = {field.key for field in fields} | {getattr(config, "tag_field", None)}
        forbid = self._forbid

        def at_fields(value: Any) -> bool:
            if forbid and not value.keys() <= names:
                return False
            return all(look(value[key]) for key, look in looks.items() if key in value)

        return at_fields


def _unless_none(look: Look) -> Look:
    return lambda value: value is None or look(value)


def _tests_of(rule: object) -> Iterator[Look]:
    """Yield what tells whether a value keeps a rule."""
    for word, limit in words_of(rule):
        yield _test(word, limit)


COMPARISONS = {"gt": gt, "ge": ge, "lt": lt, "le": le}


def _test(word: str, limit: Any) -> Look:
    if word in COMPARISONS:
        compare = COMPARISONS[word]
        return lambda value: bool(compare(value, limit))
    if word == "multiple_of":
        return lambda value: bool(value % limit == 0)
    if word == "min_length":
        return lambda value: len(value) >= limit
    return lambda value: len(value) <= limit
