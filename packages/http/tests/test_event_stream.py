from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from queue import SimpleQueue
from typing import Any

import pytest
from driver import Exchange, ask, scope_of
from event_source import EventSource, Told
from werkzeug.test import Client, create_environ

from tantalus_http import Event, Request, Response, event_stream

#: A heartbeat that comes at once, and one that never does while a test runs.
SOON, LATE = 0.001, 60.0
UNTYPED: Callable[[Any], Any] = lambda value: value  # noqa: E731 - hides a type
BOTH = pytest.mark.parametrize("heartbeat", [None, LATE], ids=["here", "in a thread"])


class Source:
    """An iterator that waits where a test wants it to, and notes its threads."""

    def __init__(self, *items: Any) -> None:
        self.items: SimpleQueue[Any] = SimpleQueue()
        for item in items:
            self.items.put(item)
        self.closed = threading.Event()
        self.threads: set[threading.Thread] = set()

    def __call__(self) -> Iterator[Any]:
        try:
            while (item := self.items.get()) is not Source:
                self.threads.add(threading.current_thread())
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.threads.add(threading.current_thread())
            self.closed.set()


def pieces_of(response: Response) -> Iterator[bytes]:
    return iter(response(create_environ(), lambda *_: None))  # type: ignore[arg-type]


@BOTH
def test_events_are_sent_in_order_until_the_source_ends(
    heartbeat: float | None,
) -> None:
    response = event_stream(["a", Event("b", id="2"), {"c": 3}], heartbeat=heartbeat)

    page = EventSource().read(b"".join(pieces_of(response)))

    assert page.told == [
        Told("a"), Told("b", last_id="2"), Told('{"c":3}', last_id="2")
    ]  # fmt: skip


def test_nobody_on_the_way_keeps_changes_or_collects_the_stream() -> None:
    answer = Client(lambda *start: event_stream(["a"])(*start)).get("/")

    assert answer.status_code == 200
    assert answer.content_type == "text/event-stream; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert "Content-Length" not in answer.headers


def test_the_client_hears_something_before_the_source_makes_a_step() -> None:
    source = Source()

    pieces = pieces_of(event_stream(source()))

    assert next(pieces) == b":\n\n"
    assert source.threads == set()


def test_the_time_until_a_new_connection_is_told_first() -> None:
    pieces = pieces_of(event_stream(["a"], retry=2_500))

    assert list(pieces) == [b"retry: 2500\n\n", b"data: a\n\n"]


def test_a_silent_source_is_given_a_heartbeat_and_goes_on() -> None:
    source = Source("a")
    pieces = pieces_of(event_stream(source(), heartbeat=SOON))
    assert next(pieces) == b":\n\n"
    assert b"data: a\n\n" in pieces

    beats = [next(pieces), next(pieces)]
    source.items.put("b")

    assert beats == [b":\n\n"] * 2
    assert b"data: b\n\n" in pieces


def test_a_step_is_made_when_the_one_before_was_sent() -> None:
    made: list[int] = []

    def source() -> Iterator[str]:
        for number in range(3):
            made.append(number)
            yield str(number)

    pieces = pieces_of(event_stream(source(), heartbeat=LATE))
    next(pieces)
    next(pieces)

    assert made == [0]


def test_a_source_has_one_thread_from_its_first_step_to_its_last() -> None:
    source = Source("a", "b")
    pieces = pieces_of(event_stream(source(), heartbeat=LATE))
    assert [next(pieces) for _ in range(3)][1:] == [b"data: a\n\n", b"data: b\n\n"]

    pieces.close()  # type: ignore[attr-defined]  # as a server does

    assert source.closed.is_set()
    assert len(source.threads) == 1
    assert threading.current_thread() not in source.threads


def test_without_a_heartbeat_a_source_runs_in_the_thread_of_the_server() -> None:
    source = Source("a", Source)

    assert len(list(pieces_of(event_stream(source(), heartbeat=None)))) == 2

    assert source.threads == {threading.current_thread()}


def test_a_source_sees_the_context_variables_of_the_server() -> None:
    variable: ContextVar[str] = ContextVar("variable")

    def source() -> Iterator[str]:
        yield variable.get()

    variable.set("seen")

    assert b"data: seen\n\n" in pieces_of(event_stream(source()))


@BOTH
def test_a_source_is_closed_when_the_client_leaves(heartbeat: float | None) -> None:
    source = Source("a")
    response = event_stream(source(), heartbeat=heartbeat)
    pieces = pieces_of(response)
    next(pieces)
    next(pieces)

    response.close()
    response.close()

    assert source.closed.is_set()
    assert list(response.response) == []


def test_a_source_that_waits_is_closed_after_its_step_and_nobody_waits() -> None:
    source = Source()
    response = event_stream(source(), heartbeat=SOON)
    pieces = pieces_of(response)
    assert [next(pieces), next(pieces)] == [b":\n\n"] * 2

    response.close()
    is_closed_early = source.closed.is_set()
    source.items.put("late")

    assert not is_closed_early
    assert source.closed.wait(60)


class Closing:
    """An iterator that notes that it was closed."""

    def __init__(self, error: Exception | None = None) -> None:
        self.closed = 0
        self._error = error

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return "a"

    def close(self) -> None:
        self.closed += 1
        if self._error is not None:
            raise self._error


@BOTH
def test_a_source_is_closed_that_was_never_asked(heartbeat: float | None) -> None:
    source = Closing()

    event_stream(source, heartbeat=heartbeat).close()

    assert source.closed == 1


def test_a_stream_that_is_dropped_closes_its_source() -> None:
    source = Source("a")
    response = event_stream(source(), heartbeat=LATE)
    pieces = pieces_of(response)
    next(pieces)
    next(pieces)

    del response, pieces

    assert source.closed.wait(60)


@BOTH
def test_an_error_of_a_source_ends_the_stream_and_is_told(
    heartbeat: float | None,
) -> None:
    source = Source("a", LookupError("gone"))
    response = event_stream(source(), heartbeat=heartbeat)
    pieces = pieces_of(response)
    next(pieces)
    next(pieces)

    with pytest.raises(LookupError, match="gone"):
        next(pieces)

    assert source.closed.is_set()
    response.close()


@BOTH
def test_an_error_while_a_source_is_closed_is_told(heartbeat: float | None) -> None:
    response = event_stream(Closing(OSError("broken")), heartbeat=heartbeat)
    pieces = pieces_of(response)
    next(pieces)
    next(pieces)

    with pytest.raises(OSError, match="broken"):
        response.close()


def test_an_error_that_nobody_waits_for_is_told_by_the_hook_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: SimpleQueue[Any] = SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", lambda told_of: told.put(told_of))
    source = Source()
    response = event_stream(source(), heartbeat=SOON)
    pieces = pieces_of(response)
    next(pieces)
    next(pieces)

    response.close()
    source.items.put(LookupError("late"))

    assert told.get(timeout=60).exc_type is LookupError


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: event_stream("abc"), TypeError, "'abc' is no source of events"),
        (lambda: event_stream({"a": 1}), TypeError, "is no source of events"),
        (
            lambda: event_stream(UNTYPED(Source)),
            TypeError,
            "what it returns when it is called",
        ),
        (lambda: event_stream([], heartbeat=0), ValueError, "heartbeat=0 is no time"),
        (lambda: event_stream([], heartbeat=float("nan")), ValueError, "is no time"),
        (lambda: event_stream([], heartbeat=float("inf")), ValueError, "is no time"),
        (lambda: event_stream([], retry=-1), ValueError, "retry=-1 milliseconds"),
        (
            lambda: event_stream([], retry=UNTYPED(0.5)),
            TypeError,
            "retry=0.5 is no number",
        ),
    ],
)
def test_what_is_no_stream_is_refused_where_it_is_made(
    make: Callable[[], Response], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


def test_the_class_of_the_response_and_the_writer_of_json_may_be_others() -> None:
    class Own(Response):
        pass

    response = event_stream([1], dumps=lambda value: f"<{value}>", response_class=Own)

    assert type(response) is Own
    assert list(response.response)[1] == b"data: <1>\n\n"


def test_head_has_the_headers_and_closes_the_source() -> None:
    source = Closing()
    app: Any = lambda *start: event_stream(source)(*start)  # noqa: E731 - an application

    answer = Client(app).head("/")
    answer.close()

    assert answer.content_type == "text/event-stream; charset=utf-8"
    assert (answer.data, source.closed) == (b"", 1)


def test_a_synchronous_source_is_sent_under_asgi(at_once: None) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        request = Request.from_scope(scope)
        await event_stream(["a", "b"]).send_asgi(request, receive, send)

    made = ask(app, scope_of())

    assert EventSource().read(made.body).told == [Told("a"), Told("b")]


def test_a_client_that_leaves_under_asgi_closes_a_synchronous_source(
    at_once: None,
) -> None:
    source = Source("a")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def leaving(message: Any) -> None:
            await send(message)
            if message.get("body") == b"data: a\n\n":
                exchange.leave()
                source.items.put("b")

        exchange: Exchange = receive.__self__
        response = event_stream(source(), heartbeat=SOON)
        await response.send_asgi(Request.from_scope(scope), receive, leaving)

    ask(app, scope_of())
    source.items.put("c")

    assert source.closed.wait(60)
