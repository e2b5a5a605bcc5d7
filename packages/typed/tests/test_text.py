from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from tantalus_typed._errors import Refused
from tantalus_typed._text import PARSERS, to_bool, to_decimal, to_float, to_int


@given(st.integers(-(10**300), 10**300))
def test_whole_numbers_come_back(number: int) -> None:
    assert to_int(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back(number: float) -> None:
    assert to_float(repr(number)) == number


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimal_numbers_come_back(number: Decimal) -> None:
    assert to_decimal(str(number)) == number


@given(texts, st.sampled_from(list(PARSERS.values())))
def test_no_text_raises_anything_but_a_refusal(text: str, parse: object) -> None:
    assert callable(parse)

    with suppress(Refused):
        parse(text)


@pytest.mark.parametrize("text", ["9" * 1001, "1" * 2000 + ".0"])
def test_there_is_a_limit_to_digits(text: str) -> None:
    for parse in (to_int, to_float, to_decimal):
        with pytest.raises(Refused):
            parse(text)


@pytest.mark.parametrize("text", ["TRUE", "1", "On"])
def test_yes_is_said_in_three_ways(text: str) -> None:
    assert to_bool(text) is True
