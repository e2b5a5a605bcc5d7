"""Conditions of requests: each row of RFC 9110 §13.2.2, and what is no condition."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_http import Response, as_date, unmet_condition

NOW = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE, AFTER = "Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"
MODIFIED = datetime(1994, 11, 6, 8, 49, 37, 999_999, tzinfo=UTC)
TAG, OTHER, WEAK = '"a"', '"b"', 'W/"a"'

# Method, conditions, and the status for what has the tag "a" and was changed at NOW.
ROWS: dict[str, tuple[str, dict[str, str], int | None]] = {
    "no condition": ("GET", {}, None),
    "1 If-Match holds": ("PUT", {"MATCH": TAG}, None),
    "1 one of several": ("PUT", {"MATCH": f"{OTHER}, {TAG}"}, None),
    "1 any": ("PUT", {"MATCH": "*"}, None),
    "1 does not hold": ("PUT", {"MATCH": OTHER}, 412),
    "1 does not hold, of GET": ("GET", {"MATCH": OTHER}, 412),
    "1 a weak tag never matches": ("PUT", {"MATCH": WEAK}, 412),
    "1 goes before the date": ("PUT", {"MATCH": TAG, "UNMODIFIED_SINCE": BEFORE}, None),
    "1 holds, then 3": ("GET", {"MATCH": TAG, "NONE_MATCH": TAG}, 304),
    "2 not changed since": ("PUT", {"UNMODIFIED_SINCE": NOW}, None),
    "2 nor before": ("PUT", {"UNMODIFIED_SINCE": AFTER}, None),
    "2 changed": ("PUT", {"UNMODIFIED_SINCE": BEFORE}, 412),
    "2 changed, of GET": ("GET", {"UNMODIFIED_SINCE": BEFORE}, 412),
    "2 holds, then 3": ("GET", {"UNMODIFIED_SINCE": NOW, "NONE_MATCH": TAG}, 304),
    "3 other tag": ("GET", {"NONE_MATCH": OTHER}, None),
    "3 the tag": ("GET", {"NONE_MATCH": TAG}, 304),
    "3 the tag, of HEAD": ("HEAD", {"NONE_MATCH": TAG}, 304),
    "3 the tag, weakly": ("GET", {"NONE_MATCH": WEAK}, 304),
    "3 any": ("GET", {"NONE_MATCH": "*"}, 304),
    "3 the tag, of PUT": ("PUT", {"NONE_MATCH": TAG}, 412),
    "3 any, of PUT": ("PUT", {"NONE_MATCH": "*"}, 412),
    "3 goes before the date": (
        "GET",
        {"NONE_MATCH": OTHER, "MODIFIED_SINCE": NOW},
        None,
    ),
    "4 changed": ("GET", {"MODIFIED_SINCE": BEFORE}, None),
    "4 not changed": ("GET", {"MODIFIED_SINCE": NOW}, 304),
    "4 not changed, of HEAD": ("HEAD", {"MODIFIED_SINCE": AFTER}, 304),
    "4 not of POST": ("POST", {"MODIFIED_SINCE": NOW}, None),
    "not of OPTIONS": ("OPTIONS", {"MATCH": OTHER}, None),
    "empty": ("GET", {"MATCH": " ", "NONE_MATCH": ""}, None),
    "no date": ("GET", {"MODIFIED_SINCE": "yesterday"}, None),
    "two dates": ("GET", {"MODIFIED_SINCE": f"{NOW}, {NOW}"}, None),
    "a year of many digits": (
        "GET",
        {"MODIFIED_SINCE": "Sun, 06 Nov 99999999999999999999 08:49:37 GMT"},
        None,
    ),
    "a long date": ("PUT", {"UNMODIFIED_SINCE": BEFORE + " " * 50 + "x"}, None),
}
each_row = pytest.mark.parametrize(
    ("method", "conditions", "status"), ROWS.values(), ids=ROWS.keys()
)


def environ_of(method: str, conditions: dict[str, str]) -> dict[str, Any]:
    named = {f"HTTP_IF_{name}": text for name, text in conditions.items()}
    return {"REQUEST_METHOD": method, **named}


@each_row
def test_each_row_is_decided_in_its_order(
    method: str, conditions: dict[str, str], status: int | None
) -> None:
    assert unmet_condition(environ_of(method, conditions), TAG, MODIFIED) == status


@pytest.mark.parametrize(
    ("conditions", "status"),
    [({"MATCH": "*"}, 412), ({"MATCH": TAG}, 412), ({"NONE_MATCH": "*"}, None)],
)
def test_what_is_not_there_matches_nothing(
    conditions: dict[str, str], status: int | None
) -> None:
    environ = environ_of("PUT", conditions)

    assert unmet_condition(environ, None, exists=False) == status


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"MATCH": TAG}, 412),
        ({"NONE_MATCH": TAG}, None),
        ({"UNMODIFIED_SINCE": BEFORE}, None),
        ({"MODIFIED_SINCE": NOW}, None),
    ],
)
def test_without_tag_and_date_only_the_star_matches(
    conditions: dict[str, str], status: int | None
) -> None:
    assert unmet_condition(environ_of("GET", conditions), None) == status


def test_a_weak_tag_of_the_representation_is_never_strongly_the_same() -> None:
    assert unmet_condition(environ_of("PUT", {"MATCH": TAG}), WEAK) == 412
    assert unmet_condition(environ_of("GET", {"NONE_MATCH": TAG}), WEAK) == 304


TEXT = st.text(st.characters(codec="latin1"), max_size=40)
NAMES = ["MATCH", "NONE_MATCH", "MODIFIED_SINCE", "UNMODIFIED_SINCE"]


@given(
    st.sampled_from(["GET", "HEAD", "PUT"]),
    st.dictionaries(st.sampled_from(NAMES), TEXT | st.sampled_from([TAG, NOW, "*"])),
)
def test_whatever_is_sent_is_decided(method: str, conditions: dict[str, str]) -> None:
    status = unmet_condition(environ_of(method, conditions), TAG, MODIFIED)

    assert status in {None, 304, 412}


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (None, None),
        ("yesterday", None),
        (NOW, MODIFIED.replace(microsecond=0)),
        (784_111_777, MODIFIED.replace(microsecond=0)),
        (MODIFIED, MODIFIED),
        (MODIFIED.replace(tzinfo=None), MODIFIED),
    ],
)
def test_a_date_is_read_of_what_programs_have(value: Any, date: Any) -> None:
    assert as_date(value) == date


# Responses


def answered(method: str, conditions: dict[str, str], status: int = 200) -> Response:
    response = Response("whole text", status)
    response.headers["ETag"], response.headers["Last-Modified"] = TAG, NOW
    return response.make_conditional(environ_of(method, conditions), True, 10)


@each_row
def test_a_response_is_made_conditional_by_the_same_rows(
    method: str, conditions: dict[str, str], status: int | None
) -> None:
    expected = 200 if method not in {"GET", "HEAD"} else status or 200

    assert answered(method, conditions).status_code == expected


def test_an_error_stays_what_it_is() -> None:
    assert answered("GET", {"NONE_MATCH": TAG}, 404).status_code == 404


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"RANGE": TAG}, 206),
        ({"RANGE": WEAK}, 200),
        ({"RANGE": OTHER}, 200),
        ({"RANGE": NOW}, 206),
        ({"RANGE": BEFORE}, 200),
        ({"MATCH": TAG, "RANGE": TAG}, 206),
        ({"MATCH": OTHER, "RANGE": TAG}, 412),
        ({"UNMODIFIED_SINCE": BEFORE}, 412),
        ({"UNMODIFIED_SINCE": NOW}, 206),
        ({"NONE_MATCH": TAG, "RANGE": TAG}, 304),
        ({"MODIFIED_SINCE": NOW}, 304),
    ],
)
def test_a_part_comes_after_all_other_conditions(
    conditions: dict[str, str], status: int
) -> None:
    environ = environ_of("GET", conditions) | {"HTTP_RANGE": "bytes=0-3"}
    response = Response("whole text")
    response.headers["ETag"], response.headers["Last-Modified"] = TAG, NOW

    made = response.make_conditional(environ, True, 10)

    assert made.status_code == status
    assert ("Content-Range" in made.headers) is (status == 206)
