from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tantalus import (
    App,
    Response,
    after_response,
    current_app,
    g,
    has_request_context,
)

FACES = pytest.mark.parametrize("protocol", ["wsgi", "asgi"])


@FACES
def test_work_is_done_after_the_answer_and_in_order(protocol: str) -> None:
    app = App("mail")
    seen: list[str] = []

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        seen.append("teardown")

    @app.get("/")
    def index() -> str:
        @after_response
        def first() -> None:
            seen.append("first")

        after_response(seen.append, "second")
        seen.append("view")
        return "answer"

    client = app.test_client(protocol=protocol)
    text = client.get("/", buffered=True).text
    client.close()

    assert text == "answer"
    assert seen == ["view", "teardown", "first", "second"]


def test_it_is_done_when_the_server_has_sent_the_last_byte() -> None:
    app = App("mail")
    seen: list[str] = []

    @app.get("/")
    def index() -> Iterator[str]:
        after_response(seen.append, "after")

        def pieces() -> Iterator[str]:
            yield "a"
            seen.append("sending")
            yield "b"

        return pieces()

    response = app.test_client().get("/")
    text, early = response.text, seen.copy()
    response.close()

    assert (text, early) == ("ab", ["sending"])
    assert seen == ["sending", "after"]


def test_it_has_an_app_context_of_its_own_and_no_request() -> None:
    app = App("mail")
    seen: list[Any] = []

    @app.get("/")
    def index() -> str:
        g.value = "of the request"

        @after_response
        def look() -> None:
            seen.extend([current_app.name, "value" in g, has_request_context()])

        return "answer"

    app.test_client().get("/", buffered=True)

    assert seen == ["mail", False, False]


def test_an_error_is_logged_and_what_follows_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App("mail")
    seen: list[str] = []

    def broken() -> None:
        raise OSError("no post")

    @app.get("/")
    def index() -> str:
        after_response(broken)
        after_response(seen.append, "second")
        return "answer"

    answer = app.test_client().get("/", buffered=True)

    assert (answer.status_code, seen) == (200, ["second"])
    assert "broken" in caplog.text
    assert "no post" in caplog.text


def test_a_coroutine_function_is_awaited() -> None:
    app = App("mail")
    seen: list[str] = []

    async def post(name: str) -> None:
        seen.append(name)

    @app.get("/")
    async def index() -> Response:
        after_response(post, "ada")
        return Response("answer")

    app.test_client().get("/", buffered=True)

    assert seen == ["ada"]


def test_it_is_done_after_the_answer_to_an_error_too() -> None:
    app = App("mail")
    seen: list[str] = []

    @app.get("/")
    def index() -> str:
        after_response(seen.append, "after")
        raise LookupError

    answer = app.test_client().get("/", buffered=True)

    assert (answer.status_code, seen) == (500, ["after"])


def test_under_asgi_it_is_done_in_a_worker() -> None:
    app = App("mail")
    threads: list[threading.Thread] = []

    @app.get("/")
    def index() -> str:
        after_response(lambda: threads.append(threading.current_thread()))
        connection = sqlite3.connect(":memory:")
        after_response(connection.close)  # in the thread that has opened it
        return "answer"

    with app.test_client(protocol="asgi") as client:
        client.get("/", buffered=True)

    assert threads[0].name.startswith("tantalus")
    assert threads[0] is not threading.current_thread()


def test_without_a_request_it_is_refused() -> None:
    with pytest.raises(RuntimeError, match="request"):
        after_response(list)
