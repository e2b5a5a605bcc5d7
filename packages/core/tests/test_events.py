from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tantalus import (
    App,
    Event,
    Response,
    event_stream,
    last_event_id,
    render_block,
    request,
    stream_with_context,
)

FACES = pytest.mark.parametrize("protocol", ["wsgi", "asgi"])


@FACES
@pytest.mark.parametrize("path", ["/sync", "/async", "/awaited"])
def test_a_view_answers_with_events(protocol: str, path: str) -> None:
    app = App("clock")

    @app.get("/sync")
    def sync() -> Response:
        begin = last_event_id(int) or 0
        return event_stream(Event(n, id=str(n)) for n in range(begin + 1, 3))

    async def source(begin: int) -> AsyncIterator[Event]:
        for n in range(begin + 1, 3):
            yield Event(n, id=str(n))

    @app.get("/async")
    def from_plain_view() -> Response:
        return event_stream(source(last_event_id(int) or 0), retry=100)

    @app.get("/awaited")
    async def awaited() -> Response:
        return event_stream(source(last_event_id(int) or 0))

    with app.test_client(protocol=protocol) as client:
        answer = client.get(path, headers={"Last-Event-ID": "1"})
        text = answer.text

    assert answer.content_type == "text/event-stream; charset=utf-8"
    assert text.endswith("\n\nid: 2\ndata: 2\n\n")


def test_data_is_written_by_the_provider_of_the_app() -> None:
    app = App("clock")

    @app.get("/")
    def index() -> Response:
        return event_stream([{"on": dt.date(2026, 1, 31)}])

    assert 'data: {"on": "2026-01-31"}\n' in app.test_client().get("/").text


def test_the_response_is_of_the_class_of_the_app() -> None:
    class Own(Response):
        pass

    app = App("clock")
    app.response_class = Own

    with app.test_request_context():
        assert type(event_stream([])) is Own


def test_what_is_no_id_is_a_400() -> None:
    app = App("clock")

    @app.get("/")
    def index() -> str:
        return str(last_event_id(int))

    client = app.test_client()

    assert client.get("/").text == "None"
    assert client.get("/", headers={"Last-Event-ID": "x"}).status_code == 400


def test_a_source_may_keep_the_request_and_send_parts_of_a_page() -> None:
    app = App("clock")
    seen: list[str] = []
    page = "<h1>{% block hour %}{{ hour }}\n{{ request.args.zone }}{% endblock %}</h1>"
    app.jinja_options = {"loader": None}
    app.jinja_env.loader = _loader(page)

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        seen.append("teardown")

    @app.get("/")
    def index() -> Response:
        @stream_with_context
        def hours() -> Iterator[str]:
            for hour in range(2):
                seen.append(request.args["zone"])
                yield render_block("page.html", "hour", hour=hour)

        return event_stream(hours())

    text = app.test_client().get("/?zone=UTC", buffered=True).text

    assert text == ":\n\ndata: 0\ndata: UTC\n\ndata: 1\ndata: UTC\n\n"
    assert seen == ["UTC", "UTC", "teardown"]


def _loader(page: str) -> Any:
    from jinja2 import DictLoader  # noqa: PLC0415 - of this test alone

    return DictLoader({"page.html": page})
