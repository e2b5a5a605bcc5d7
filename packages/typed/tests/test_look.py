"""The second look agrees with the walk that explains what it saw."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple

import annotated_types as at
import msgspec
import pytest
from asking import BODY, ask, told
from hypothesis import given
from hypothesis import strategies as st

from tantalus_typed import Binder, MsgspecCodec
from tantalus_typed._look import Looks
from tantalus_typed._walk import Walk

Small = Annotated[int, at.Interval(ge=0, lt=5)]
Even = Annotated[int, at.MultipleOf(2)]
Short = Annotated[str, at.Len(1, 3)]


@dataclass
class Leaf:
    small: Small
    even: Even | None = None
    plain: int = 0


class Pair(NamedTuple):
    small: Small
    word: Short = "a"


class Red(msgspec.Struct, tag="red"):
    small: Small


class Blue(msgspec.Struct, tag="blue"):
    word: Short


@dataclass
class Tree:
    leaf: Leaf
    trees: list[Tree] = field(default_factory=list)
    words: Annotated[dict[str, Short], at.MaxLen(2)] = field(default_factory=dict)
    pair: Pair | None = None
    both: tuple[Small, str] | None = None
    colour: Red | Blue | None = None
    number: Annotated[float, at.Gt(0), at.Le(2)] | Literal["none"] = 1
    any: Any = None


smalls = st.integers(-2, 7)
words = st.text("ab", max_size=4)
leaves = st.fixed_dictionaries(
    {"small": smalls},
    optional={"even": smalls | st.none(), "plain": smalls, "more": smalls},
)
colours = st.fixed_dictionaries(
    {"type": st.just("red"), "small": smalls}, optional={"more": smalls}
) | st.fixed_dictionaries({"type": st.just("blue"), "word": words})
trees = st.recursive(
    st.fixed_dictionaries({"leaf": leaves}),
    lambda inner: st.fixed_dictionaries(
        {"leaf": leaves},
        optional={
            "trees": st.lists(inner, max_size=2),
            "words": st.dictionaries(words, words, max_size=3),
            "pair": st.tuples(smalls, words) | st.none(),
            "both": st.tuples(smalls, words),
            "colour": colours | st.none(),
            "number": st.sampled_from([-1, 1, 2, 3, "none"]),
            "any": leaves,
        },
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("forbid", [False, True])
@given(value=trees)
def test_what_is_seen_is_what_is_explained(forbid: bool, value: object) -> None:
    plain = json.loads(json.dumps(value))
    msgspec.convert(plain, Tree)
    walk = Walk(strict=True, forbid_unknown=forbid)

    walk.visit(plain, Tree, "#", 0)

    assert Looks(forbid_unknown=forbid).at(Tree)(plain) is (walk.found == [])


@pytest.mark.parametrize(
    ("part", "good"),
    [
        ({"number": 2}, True),
        ({"number": 3}, False),
        ({"number": "none"}, True),
        ({"colour": {"type": "red", "small": 1}}, True),
        ({"colour": {"type": "red", "small": 9}}, False),
        ({"colour": {"type": "blue", "word": ""}}, False),
        ({"colour": None}, True),
        ({"pair": [1, "abcd"]}, False),
        ({"both": [9, "a"]}, False),
        ({"words": {"a": "b", "b": "", "c": ""}}, False),
        ({"words": {"a": ""}}, False),
        ({"leaf": {"small": 1, "even": 3}}, False),
        ({"trees": [{"leaf": {"small": 1}}]}, True),
        ({"trees": [{"leaf": {"small": 9}}]}, False),
    ],
)
def test_rules_are_seen_wherever_they_are(part: dict[str, Any], good: bool) -> None:
    value = {"leaf": {"small": 1}, **part}

    assert Looks(forbid_unknown=False).at(Tree)(value) is good


def view(tree: Any) -> Any:
    return tree


view.__annotations__ = {"tree": BODY[Tree], "return": Any}


def test_rules_and_unknown_fields_of_all_levels_are_told() -> None:
    body = b'{"leaf":{"small":9,"x":1},"trees":[{"leaf":{"small":1,"even":3}}]}'
    binder = Binder(codecs=[MsgspecCodec(forbid_unknown_fields=True)])

    found = told(view, body=body, binder=binder)

    assert [one["pointer"] for one in found] == [
        *("#/leaf/small", "#/leaf/x", "#/trees/0/leaf/even"),
    ]


def test_a_good_body_is_taken() -> None:
    assert ask(view, body=b'{"leaf": {"small": 1}}') == Tree(Leaf(1))


def test_types_without_rules_are_not_looked_at() -> None:
    looks = Looks(forbid_unknown=False)

    assert looks.at(list[int]) is looks.at(dict[str, str])
