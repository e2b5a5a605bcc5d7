from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_config import Secret
from tantalus_config._flaws import Unfit
from tantalus_config._readers import Reader, Readers, holds_secret


def record(kind: type[Any]) -> Reader:
    raise AssertionError(kind)


def reader(hint: Any) -> Reader:
    return Readers(record, None).of(hint, "Settings.name")


def flaws(read: Any, value: Any) -> list[tuple[str, str]]:
    with pytest.raises(Unfit) as caught:
        read(value)
    return [(flaw.path, flaw.problem) for flaw in caught.value.flaws]


class Level(Enum):
    LOW = 1


TEXTS: list[tuple[Any, str, Any]] = [
    (list[int], "1, 2", [1, 2]),
    (list[int], "[1, 2]", [1, 2]),
    (list[str], "", []),
    (list[str], '["a,b", ""]', ["a,b", ""]),
    (set[str], "a,a", {"a"}),
    (frozenset[str], "a", frozenset({"a"})),
    (tuple[Path, ...], "a, b", (Path("a"), Path("b"))),
    (tuple[str, int], "a, 1", ("a", 1)),
    (tuple[str, int], '["a", 1]', ("a", 1)),
    (list[Level], "LOW, 1", [Level.LOW, Level.LOW]),
    (int | None, "", None),
    (int | None, "1", 1),
    (str | None, "", None),
    (bool | Literal["auto"], "auto", "auto"),
    (bool | Literal["auto"], "yes", True),
    (Literal["a", None], "", None),
    (dict[str, int], '{"a": 1}', {"a": 1}),
    (dict[str, list[str]], '{"a": ["b"]}', {"a": ["b"]}),
]
VALUES: list[tuple[Any, Any, Any]] = [
    (list[int], [1, 2], [1, 2]),
    (set[str], ["a", "a"], {"a"}),
    (tuple[str, int], ["a", 1], ("a", 1)),
    (int | None, None, None),
    (int | str, "1", "1"),
    (dict[str, Path], {"a": "b"}, {"a": Path("b")}),
]


@pytest.mark.parametrize(("hint", "text", "value"), TEXTS)
def test_a_text_becomes_what_is_made_of_several(
    hint: Any, text: str, value: Any
) -> None:
    assert reader(hint).text(text) == value


@pytest.mark.parametrize(("hint", "value", "made"), VALUES)
def test_a_value_becomes_what_is_made_of_several(
    hint: Any, value: Any, made: Any
) -> None:
    assert reader(hint).value(value) == made


@pytest.mark.parametrize(
    ("hint", "text", "found"),
    [
        (list[str], "a,,b", [("", "has nothing as item 1")]),
        (
            list[int],
            "a, 1, b",
            [("[0]", "is not a whole number"), ("[2]", "is not a whole number")],
        ),
        (list[int], "[1", [("", "is not JSON: Expecting ',' delimiter at position 2")]),
        (tuple[int, int], "1", [("", "is not a list of 2 items")]),
        (dict[str, int], "a=1", [("", "is not a table")]),
        (dict[str, int], '{"a": "b"}', [(".a", "is not a whole number")]),
        (dict[str, int], '{"a": 1, "a": 2}', [("", "It has the key 'a' twice")]),
        (list[int], "[" * 100_000, [("", "It is nested too deeply")]),
        (int | None, "x", [("", "is not a whole number")]),
        (
            bool | Literal["auto"],
            "maybe",
            [("", "is not true or false or one of 'auto'")],
        ),
    ],
)
def test_each_part_that_is_wrong_is_told_with_its_place(
    hint: Any, text: str, found: list[tuple[str, str]]
) -> None:
    assert flaws(reader(hint).text, text) == found


@pytest.mark.parametrize(
    ("hint", "value", "found"),
    [
        (list[int], "1, 2", [("", "is not a list")]),
        (dict[str, int], [1], [("", "is not a table")]),
        (list[list[int]], [[1], ["a"]], [("[1][0]", "is not a whole number")]),
    ],
)
def test_each_value_that_is_wrong_is_told_with_its_place(
    hint: Any, value: Any, found: list[tuple[str, str]]
) -> None:
    assert flaws(reader(hint).value, value) == found


@pytest.mark.parametrize(
    "hint",
    [object, bytes, list, dict[int, str], Annotated[int, ["a rule"]], list[bytes]],
    ids=str,
)
def test_a_type_that_nobody_knows_is_refused_with_the_known_ones(hint: Any) -> None:
    with pytest.raises(
        TypeError, match=r"Settings\.name has the type .* or pass a cod"
    ):
        reader(hint)


@dataclass
class Server:
    host: str
    password: Secret | None = None


@pytest.mark.parametrize(
    ("hint", "holds"),
    [
        (Secret, True),
        (list[Secret], True),
        (Secret | None, True),
        (str, False),
        (list[str] | None, False),
    ],
)
def test_a_type_made_of_secrets_is_one(hint: Any, holds: bool) -> None:
    assert holds_secret(hint) is holds


def test_a_class_is_read_where_it_is_an_item() -> None:
    found = Readers(lambda kind: reader(str), None).of(list[Server], "")

    assert found.value(["a"]) == ["a"]


@given(st.lists(st.integers()))
def test_a_list_comes_back_from_its_text(numbers: list[int]) -> None:
    assert reader(list[int]).text(", ".join(map(str, numbers))) == numbers
    assert reader(list[int]).text(str(numbers)) == numbers
