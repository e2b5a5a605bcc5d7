from __future__ import annotations

from typing import Any

import pytest
from event_source import EventSource, Told
from hypothesis import given
from hypothesis import strategies as st

from tantalus_http import Event
from tantalus_http._events import HEARTBEAT, compact, encoded_event

UNTYPED: Any = lambda value: value  # noqa: E731 - hides a type
TEXT = st.text(st.characters(codec="utf-8"))
LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"))


def sent(item: object) -> bytes:
    return encoded_event(item, compact)


@pytest.mark.parametrize(
    ("item", "stream"),
    [
        pytest.param("hello", b"data: hello\n\n", id="text"),
        pytest.param("", b"data: \n\n", id="empty"),
        pytest.param(" a", b"data:  a\n\n", id="blank in front"),
        pytest.param("a\nb", b"data: a\ndata: b\n\n", id="two lines"),
        pytest.param("a\r\nb\rc", b"data: a\ndata: b\ndata: c\n\n", id="other ends"),
        pytest.param("a\n", b"data: a\ndata: \n\n", id="line end at the end"),
        pytest.param("a\x0bb\u2028c\x85", "data: a\x0bb\u2028c\x85\n\n".encode(),
                     id="what ends no line"),
        pytest.param({"a": ["ö", 1]}, 'data: {"a":["ö",1]}\n\n'.encode(), id="dict"),
        pytest.param(["x\ny"], b'data: ["x\\ny"]\n\n', id="list"),
        pytest.param(7, b"data: 7\n\n", id="number"),
        pytest.param(None, HEARTBEAT, id="nothing"),
        pytest.param(Event("x", event="e", id="7", retry=5, comment="c"),
                     b": c\nevent: e\nid: 7\nretry: 5\ndata: x\n\n", id="all fields"),
        pytest.param(Event(id=""), b"id: \n\n", id="no more id"),
        pytest.param(Event(comment="a\nb"), b": a\n: b\n\n", id="comment of two lines"),
    ],
)  # fmt: skip
def test_an_item_is_written_as_the_standard_says(item: object, stream: bytes) -> None:
    assert sent(item) == stream


@given(data=TEXT, event=LINE, last_id=LINE, comment=TEXT)
def test_a_browser_reads_what_was_sent(
    data: str, event: str, last_id: str, comment: str
) -> None:
    stream = sent(Event(data, event=event, id=last_id, comment=comment))

    page = EventSource().read(HEARTBEAT + stream)

    seen = data.replace("\r\n", "\n").replace("\r", "\n")
    assert page.told == [Told(seen, event or "message", last_id)]


@given(st.lists(TEXT))
def test_as_many_events_arrive_as_were_sent(texts: list[str]) -> None:
    stream = b"".join(map(sent, texts))

    assert len(EventSource().read(HEARTBEAT + stream).told) == len(texts)


def test_an_event_without_data_is_kept_by_the_browser_and_not_told() -> None:
    page = EventSource().read(sent(Event(id="9", retry=100)))

    assert (page.told, page.last_id, page.retry) == ([], "9", 100)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Event("x", event="a\nb"), id="line in the name"),
        pytest.param(lambda: Event("x", event="a\rdata: y"), id="CR in the name"),
        pytest.param(lambda: Event("x", id="1\n2"), id="line in the id"),
        pytest.param(lambda: Event("x", id="1\r"), id="CR in the id"),
        pytest.param(lambda: Event("x", id="1\0"), id="NUL in the id"),
        pytest.param(lambda: Event("x", retry=-1), id="negative retry"),
    ],
)
def test_what_would_become_another_event_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=r"which cannot be sent there|less than none"):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Event("x", id=UNTYPED(7)),
            r"id=7 .* is no text: use str\(7\)",
        ),
        (lambda: Event("x", event=UNTYPED(b"e")), "event=b'e' of an event is no text"),
        (
            lambda: Event("x", retry=UNTYPED(1.5)),
            r"retry=1\.5 is no number",
        ),
        (lambda: Event("x", retry=True), "retry=True is no number of milliseconds"),
        (lambda: Event(b"x"), "data of an event is text, not b'x': decode it"),
        (lambda: sent(b"x"), "data of an event is text, not b'x': decode it"),
        (lambda: sent({1, 2}), "set is not JSON serializable"),
    ],
)
def test_what_is_of_another_type_is_refused(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize("item", ["\ud800", float("nan")])
def test_what_has_no_form_in_the_stream_is_refused(item: object) -> None:
    with pytest.raises(ValueError, match=r"surrogates not allowed|not JSON compliant"):
        sent(item)
