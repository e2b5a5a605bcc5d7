from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import exact_payloads

from tantalus_sessions import (
    ExactJSON,
    SessionValueError,
    TaggedJSON,
    exact_json_serializer,
)

MOMENT = datetime(2024, 1, 2, 3, 4, 5, 678)
offsets = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (MOMENT, '{" dt":"2024-01-02T03:04:05.000678"}'),
        (MOMENT.replace(tzinfo=UTC), '{" dt":"2024-01-02T03:04:05.000678+00:00"}'),
    ],
    ids=["naive", "utc"],
)
def test_a_datetime_is_written_in_full(moment: datetime, text: str) -> None:
    assert exact_json_serializer.dumps(moment) == text
    assert exact_json_serializer.loads(text) == moment


@given(st.datetimes(timezones=st.none() | offsets))
def test_a_datetime_comes_back_equal_and_as_naive_as_it_was(moment: datetime) -> None:
    found = exact_json_serializer.loads(exact_json_serializer.dumps([moment]))

    assert found == [moment]
    assert found[0].utcoffset() == moment.utcoffset()


@given(exact_payloads)
def test_what_flasks_format_wrote_is_read(payload: dict[str, Any]) -> None:
    assert exact_json_serializer.loads(TaggedJSON().dumps(payload)) == payload


def test_a_dict_that_looks_like_a_datetime_stays_one() -> None:
    text = exact_json_serializer.dumps({" dt": 1})

    assert exact_json_serializer.loads(text) == {" dt": 1}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_refused(number: float) -> None:
    with pytest.raises(SessionValueError, match=r"session\['a'\]\[1\]: (nan|-?inf) is"):
        ExactJSON().dumps({"a": (0, number)})
