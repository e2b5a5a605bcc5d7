from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.test import create_environ, run_wsgi_app

from tantalus_http import Response
from tantalus_http._ranges import part_of

BODY = b"0123456789"
MODIFIED = "Sat, 01 Jan 2000 00:00:00 GMT"
LATER = "Sun, 02 Jan 2000 00:00:00 GMT"

Answer = tuple[int, bytes, str | None]


def answered(
    conditions: dict[str, str],
    *,
    method: str = "GET",
    body: Any = BODY,
    status: int = 200,
    unit: bool | str = True,
    length: int | None = len(BODY),
    etag: str = '"tag"',
) -> Answer:
    """Return status, body and `Content-Range` of a conditional answer."""
    headers = {"ETag": etag, "Last-Modified": MODIFIED}
    response = Response(body, status, headers)
    environ = create_environ(method=method, headers=conditions)
    response.make_conditional(environ, unit, length)
    pieces, line, sent = run_wsgi_app(response, environ)
    body_sent = b"".join(pieces)
    if method == "GET" and "Content-Length" in sent:
        assert int(sent["Content-Length"]) == len(body_sent)
    return int(line[:3]), body_sent, sent.get("Content-Range")


WHOLE: Answer = (200, BODY, None)


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-4", (0, 5)),
        ("bytes=4-4", (4, 5)),
        ("bytes=4-", (4, 10)),
        ("bytes=4-99", (4, 10)),
        ("bytes=-4", (6, 10)),
        ("bytes=-99999999", (0, 10)),
        ("bytes=0-", (0, 10)),
        ("bytes=0-" + "9" * 900, (0, 10)),
        ("BYTES=0-4", (0, 5)),
        ("bytes= 0-4 ", (0, 5)),
        ("bytes=,0-4,", (0, 5)),
        ("bytes=99-,0-4", (0, 5)),
        ("bytes=0-4,10-20", (0, 5)),
    ],
)
def test_a_part_is_given(asked: str, part: tuple[int, int]) -> None:
    start, stop = part

    answer = answered({"Range": asked})

    assert answer == (206, BODY[start:stop], f"bytes {start}-{stop - 1}/10")


@pytest.mark.parametrize(
    "asked",
    [
        *("items=0-3", "seconds=1-2", "=0-3", "nonsense", "", "bytes", "byte=0-1"),
        *(
            "bytes=5-2",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=a-b",
            "bytes=1",
            "bytes=--1",
        ),
        *("bytes=1-2-3", "bytes=0 - 4", "bytes=+1-2", "bytes=1_0-", "bytes=\xb2-"),
        *(
            "bytes=0-1,5-6",
            "bytes=0-,-1",
            "bytes=0-1,5-2",
            "bytes=0-1,x",
            "bytes=99-,x",
        ),
        *(
            "bytes=0-4" + "," * 2000,
            "bytes=0-" + "9" * 5000,
            "bytes=" + "0-1," * 25_000,
        ),
    ],
    ids=lambda asked: asked[:30],
)
def test_what_asks_for_no_single_part_is_answered_with_the_whole(asked: str) -> None:
    assert answered({"Range": asked}) == WHOLE


@pytest.mark.parametrize(
    "asked", ["bytes=10-", "bytes=99-100", "bytes=-0", "bytes=10-,-0"]
)
def test_what_asks_only_for_what_is_not_there_is_refused(asked: str) -> None:
    with pytest.raises(RequestedRangeNotSatisfiable) as info:
        answered({"Range": asked})

    assert info.value.length == 10


@given(st.text("bytes=0123456789,- ", max_size=30), st.integers(1, 50))
def test_a_part_is_never_empty_and_lies_within(asked: str, size: int) -> None:
    try:
        part = part_of(f"bytes={asked}", size)
    except RequestedRangeNotSatisfiable:
        return

    assert part is None or 0 <= part[0] < part[1] <= size


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_range_counts_from_zero_and_has_its_last_byte(first: int, last: int) -> None:
    part = BODY[first : last + 1]

    if last < first:
        assert answered({"Range": f"bytes={first}-{last}"}) == WHOLE
    elif part:
        assert answered({"Range": f"bytes={first}-{last}"})[:2] == (206, part)
    else:
        with pytest.raises(RequestedRangeNotSatisfiable):
            answered({"Range": f"bytes={first}-{last}"})


@pytest.mark.parametrize("asked", ["bytes=0-3", "bytes=99-", "nonsense"])
@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "OPTIONS"])
def test_only_get_has_ranges(method: str, asked: str) -> None:
    status, _, given_part = answered({"Range": asked}, method=method)

    assert (status, given_part) == (200, None)


@pytest.mark.parametrize(
    "options",
    [{"unit": False}, {"unit": "lines"}, {"length": None}, {"length": 0}],
    ids=str,
)
@pytest.mark.parametrize("asked", ["bytes=0-3", "bytes=99-", "lines=0-3"])
def test_where_no_parts_can_be_had_the_whole_is_sent(
    options: dict[str, Any], asked: str
) -> None:
    assert answered({"Range": asked}, **options) == WHOLE


def test_an_error_has_no_parts() -> None:
    assert answered({"Range": "bytes=0-3"}, status=404) == (404, BODY, None)


@pytest.mark.parametrize("body", [BODY, [b"0123", b"456789"], iter([BODY])], ids=repr)
def test_any_body_has_parts(body: Any) -> None:
    assert answered({"Range": "bytes=2-5"}, body=body)[:2] == (206, b"2345")


@pytest.mark.parametrize("condition", ['"tag"', ' "tag" ', MODIFIED])
def test_a_part_is_given_if_it_fits_what_the_client_has(condition: str) -> None:
    conditions = {"Range": "bytes=2-5", "If-Range": condition}

    assert answered(conditions)[:2] == (206, b"2345")


@pytest.mark.parametrize(
    "condition",
    [
        *('"other"', 'W/"tag"', "tag", "*", "", '"tag', '"tag", "other"', "yesterday"),
        *(LATER, "Fri, 31 Dec 1999 23:59:59 GMT", "x" * 100_000),
    ],
    ids=lambda condition: condition[:30],
)
def test_the_whole_is_sent_if_a_part_may_not_fit(condition: str) -> None:
    assert answered({"Range": "bytes=2-5", "If-Range": condition}) == WHOLE
    assert answered({"Range": "bytes=99-", "If-Range": condition}) == WHOLE


@pytest.mark.parametrize("condition", ['W/"tag"', '"tag"'])
def test_a_weak_tag_is_never_enough_for_a_part(condition: str) -> None:
    conditions = {"Range": "bytes=2-5", "If-Range": condition}

    assert answered(conditions, etag='W/"tag"') == WHOLE


def test_a_date_is_not_enough_for_a_part_of_what_has_none() -> None:
    response = Response(BODY)
    environ = create_environ(headers={"Range": "bytes=0-1", "If-Range": MODIFIED})

    assert response.make_conditional(environ, True, len(BODY)).status_code == 200


@pytest.mark.parametrize("asked", ["bytes=2-5", "bytes=99-", "nonsense"])
@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"If-None-Match": '"tag"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-Modified-Since": LATER}, 304),
        ({"If-Match": '"other"'}, 412),
    ],
)
def test_other_conditions_come_before_the_part(
    condition: dict[str, str], status: int, asked: str
) -> None:
    assert answered({"Range": asked, **condition})[::2] == (status, None)


@pytest.mark.parametrize(
    "condition", [{"If-None-Match": '"other"'}, {"If-Match": '"tag"'}]
)
def test_conditions_that_hold_leave_the_part(condition: dict[str, str]) -> None:
    assert answered({"Range": "bytes=2-5", **condition})[:2] == (206, b"2345")
