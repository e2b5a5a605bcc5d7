from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from strategies import encoded, pairs, raw_queries

from tantalus_typed._errors import Refused
from tantalus_typed._scan import scan, scan_all
from tantalus_typed._signature import MANY, MISSING


@given(pairs)
def test_all_pairs_come_back(sent: list[tuple[str, str]]) -> None:
    found, count = scan_all(encoded(sent), 100)

    assert (found, count) == (sent, len(sent))


@given(pairs)
def test_the_first_value_and_all_values_agree_with_the_standard_library(
    sent: list[tuple[str, str]],
) -> None:
    known = parse_qsl(encoded(sent), keep_blank_values=True)
    names = list(dict.fromkeys(name for name, _ in known))
    first = [MISSING] * len(names)
    every = [MANY] * len(names)

    scan(encoded(sent), {name: at for at, name in enumerate(names)}, first)
    scan(encoded(sent), {name: at for at, name in enumerate(names)}, every)

    assert first == [next(v for n, v in known if n == name) for name in names]
    assert every == [[v for n, v in known if n == name] for name in names]


@given(raw_queries)
def test_no_query_raises_anything_but_a_refusal(text: str) -> None:
    for start in (MISSING, MANY):
        found: list[Any] = [start, start]
        try:
            scan(text, {"a": 0, "b": 1}, found)
        except Refused:
            continue


def test_a_name_that_is_not_wanted_may_be_anything() -> None:
    found = [MISSING]

    scan("%FF=1&\xff=2&x+y=3&a=4&%61=5", {"a": 0}, found)

    assert found == ["4"]


def test_a_name_may_be_escaped() -> None:
    found = [MISSING]

    scan("%61+b=4", {"a b": 0}, found)

    assert found == ["4"]


def test_bytes_beyond_ascii_are_utf_8() -> None:
    found = [MISSING]

    scan("a=é".encode().decode("latin-1"), {"a": 0}, found)

    assert found == ["é"]


@pytest.mark.parametrize("text", ["a=%FF", "a=\xff", "a=%C3"])
def test_a_wanted_value_that_is_not_utf_8_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"Expected text in UTF-8\."):
        scan(text, {"a": 0}, [MISSING])


def test_no_more_pairs_are_read_than_asked_for() -> None:
    assert scan_all("a=1&&b=2&c=3", 2) == ([("a", "1"), ("b", "2")], 3)
    assert scan_all("", 2) == ([], 0)
