from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest
from werkzeug.test import create_environ

from tantalus_http import Request, last_event_id


def asking(header: str | None) -> Request:
    environ = create_environ()
    if header is not None:
        environ["HTTP_LAST_EVENT_ID"] = header
    return Request(environ)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(None, None, id="new client"),
        pytest.param("", None, id="empty"),
        pytest.param("41", "41", id="number"),
        pytest.param("Ã¤".encode().decode("latin1"), "Ã¤", id="UTF-8"),
        pytest.param("x" * 1_024, "x" * 1_024, id="longest"),
    ],
)
def test_the_id_is_what_the_browser_was_given(
    header: str | None, expected: str | None
) -> None:
    assert last_event_id(asking(header)) == expected


def test_an_id_may_be_made_something_of() -> None:
    assert last_event_id(asking("41"), int) == 41
    assert last_event_id(asking(None), int) is None


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("\xff", id="no UTF-8"),
        pytest.param("a\0b", id="NUL"),
        pytest.param("a\nb", id="line"),
        pytest.param("a\rb", id="CR"),
        pytest.param("x" * 1_025, id="too long"),
    ],
)
def test_what_is_no_id_is_a_400(header: str) -> None:
    with pytest.raises(BadRequest, match="is no id of an event"):
        last_event_id(asking(header))


@pytest.mark.parametrize("kind", [int, float, UUID])
def test_an_id_of_another_kind_is_a_400(kind: type) -> None:
    with pytest.raises(BadRequest, match="Last-Event-ID 'abc' is no id of an event"):
        last_event_id(asking("abc"), kind)


@given(st.text(st.characters(max_codepoint=255)))
def test_whatever_is_sent_is_an_id_or_a_400(header: str) -> None:
    try:
        found = last_event_id(asking(header))
    except BadRequest:
        return

    assert found is None or not {"\r", "\n", "\0"} & set(found)
