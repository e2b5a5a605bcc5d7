from __future__ import annotations

import math
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_config import Secret
from tantalus_config._flaws import Unfit
from tantalus_config._scalars import SCALARS, choice_of

TEXTS: list[tuple[Any, str, Any]] = [
    (str, " as it is ", " as it is "),
    (bool, "true", True),
    (bool, " ON ", True),
    (bool, "1", True),
    (bool, "no", False),
    (bool, "False", False),
    (int, " 8000 ", 8000),
    (int, "-1_000", -1000),
    (float, "1", 1.0),
    (float, "-.5e-3", -0.0005),
    (Decimal, "0.10", Decimal("0.10")),
    (Path, "/var/log", Path("/var/log")),
    (timedelta, "90", timedelta(seconds=90)),
    (timedelta, "0.5", timedelta(seconds=0.5)),
    (timedelta, "1h 30m", timedelta(minutes=90)),
    (timedelta, "1w2d3h4m5s6ms", timedelta(9, 11045, 6000)),
    (date, "2026-01-31", date(2026, 1, 31)),
    (datetime, "2026-01-31T10:00", datetime(2026, 1, 31, 10)),
    (time, "10:30", time(10, 30)),
]
NO_TEXTS: list[tuple[Any, str]] = [
    (bool, ""),
    (bool, "2"),
    (bool, "truee"),
    (int, ""),
    (int, "1.0"),
    (int, "0x10"),
    (int, "\uff11"),
    (int, "1__0"),
    (int, "9" * 5000),
    (float, "nan"),
    (float, "inf"),
    (float, "1e999"),
    (float, "1,5"),
    (Decimal, "NaN"),
    (Path, ""),
    (Path, "a\0b"),
    (timedelta, ""),
    (timedelta, "soon"),
    (timedelta, "1hour"),
    (timedelta, "1e300"),
    (timedelta, "9" * 400 + "w"),
    (date, "31.1.2026"),
    (time, "25:00"),
]
VALUES: list[tuple[Any, Any, Any]] = [
    (Any, [1], [1]),
    (str, "x", "x"),
    (Secret, "x", Secret("x")),
    (bool, False, False),
    (int, 1, 1),
    (float, 1, 1.0),
    (float, 0.5, 0.5),
    (Decimal, 1, Decimal(1)),
    (Decimal, "1.5", Decimal("1.5")),
    (Decimal, Decimal(2), Decimal(2)),
    (Path, "x", Path("x")),
    (Path, Path("x"), Path("x")),
    (timedelta, 1.5, timedelta(seconds=1.5)),
    (timedelta, "1m", timedelta(minutes=1)),
    (timedelta, timedelta(1), timedelta(1)),
    (date, date(2026, 1, 31), date(2026, 1, 31)),
    (date, "2026-01-31", date(2026, 1, 31)),
]
NO_VALUES: list[tuple[Any, Any]] = [
    (str, 1),
    (Secret, 1),
    (bool, 1),
    (bool, "true"),
    (int, True),
    (int, 1.0),
    (int, "1"),
    (float, True),
    (float, "1"),
    (float, math.nan),
    (Decimal, 0.1),
    (Path, 1),
    (timedelta, True),
    (timedelta, math.inf),
    (timedelta, None),
    (date, datetime(2026, 1, 31)),
    (time, 12),
]


class Level(Enum):
    LOW = "low"
    HIGH = 9


class Number(IntEnum):
    ONE = 1


@pytest.mark.parametrize(("hint", "text", "value"), TEXTS)
def test_a_text_becomes_a_value_of_the_type(hint: Any, text: str, value: Any) -> None:
    made = SCALARS[hint].text(text)

    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(("hint", "text"), NO_TEXTS)
def test_other_texts_are_refused(hint: Any, text: str) -> None:
    with pytest.raises(Unfit) as caught:
        SCALARS[hint].text(text)

    [flaw] = caught.value.flaws
    assert SCALARS[hint].wanted in flaw.problem
    assert caught.value.__context__ is None


@pytest.mark.parametrize(("hint", "value", "made"), VALUES)
def test_a_value_of_the_type_is_taken(hint: Any, value: Any, made: Any) -> None:
    assert SCALARS[hint].value(value) == made


@pytest.mark.parametrize(("hint", "value"), NO_VALUES)
def test_values_of_other_types_are_refused(hint: Any, value: Any) -> None:
    with pytest.raises(Unfit):
        SCALARS[hint].value(value)


def test_a_secret_is_made_of_text() -> None:
    assert type(SCALARS[Secret].text("x")) is Secret


@pytest.mark.parametrize(
    ("options", "text", "value"),
    [
        (list(Level), "low", Level.LOW),
        (list(Level), "LOW", Level.LOW),
        (list(Level), "9", Level.HIGH),
        (list(Number), "1", Number.ONE),
        (["a", 1, True], "a", "a"),
        (["a", 2, True], "2", 2),
        (["a", 2, True], "true", True),
    ],
)
def test_an_option_is_chosen_by_its_value_or_name(
    options: list[Any], text: str, value: Any
) -> None:
    assert choice_of(options).text(text) is value


@pytest.mark.parametrize(
    ("options", "given", "value"),
    [
        (list(Level), 9, Level.HIGH),
        (list(Level), Level.LOW, Level.LOW),
        (list(Level), "HIGH", Level.HIGH),
        (["a", 1], 1, 1),
    ],
)
def test_an_option_is_chosen_by_an_equal_value(
    options: list[Any], given: Any, value: Any
) -> None:
    assert choice_of(options).value(given) is value


@pytest.mark.parametrize("given", ["Low", "x", 1, True, None])
def test_what_is_no_option_is_refused_with_all_there_are(given: Any) -> None:
    with pytest.raises(Unfit) as caught:
        choice_of(["low", "high"]).value(given)

    assert caught.value.flaws[0].problem == "is not one of 'low', 'high'"


@given(st.sampled_from([*SCALARS]), st.text())
def test_any_text_is_a_value_or_unfit(hint: Any, text: str) -> None:
    with suppress(Unfit):
        SCALARS[hint].text(text)


@given(st.integers())
def test_a_whole_number_comes_back(number: int) -> None:
    assert SCALARS[int].text(str(number)) == number
