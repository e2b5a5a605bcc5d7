from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

from tantalus import App, Response, make_response


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    start_response("202 ACCEPTED", [("X-From", environ["REQUEST_METHOD"])])
    return [b"wsgi"]


def pieces() -> Iterator[str]:
    yield "a"
    yield "b"


class Reader(list[str]):
    """A list, and an iterator over what is no item of it."""

    def __next__(self) -> str:
        return self.pop()

    def __iter__(self) -> Any:
        return iter(["read"])


RETURNED: dict[str, tuple[Callable[[], Any], int, str, str]] = {
    "text": (lambda: "text", 200, "text", "text/html"),
    "bytes": (lambda: b"bytes", 200, "bytes", "text/html"),
    "bytearray": (lambda: bytearray(b"array"), 200, "array", "text/html"),
    "iterator": (pieces, 200, "ab", "text/html"),
    "dict": (lambda: {"a": 1}, 200, '{"a":1}\n', "application/json"),
    "list": (lambda: [1, 2], 200, "[1,2]\n", "application/json"),
    "list subclass": (lambda: Reader("ab"), 200, "read", "text/html"),
    "dict subclass": (lambda: Counter("a"), 200, '{"a":1}\n', "application/json"),
    "response": (lambda: Response("own", 201), 201, "own", "text/html"),
    "foreign": (lambda: WerkzeugResponse("foreign"), 200, "foreign", "text/plain"),
    "error": (NotFound, 404, NotFound().get_body(), "text/html"),
    "status": (lambda: ("text", 201), 201, "text", "text/html"),
    "status text": (lambda: ("text", "201 Made"), 201, "text", "text/html"),
    "dict, status": (lambda: ({"a": 1}, 201), 201, '{"a":1}\n', "application/json"),
    "response, status": (lambda: (Response("own"), 201), 201, "own", "text/html"),
    "response, status text": (
        lambda: (Response("own"), "201 Made"),
        201,
        "own",
        "text/html",
    ),
    "headers": (
        lambda: ("text", {"Content-Type": "text/plain"}),
        200,
        "text",
        "text/plain",
    ),
    "response, headers": (
        lambda: (Response("own"), [("Content-Type", "text/plain")]),
        200,
        "own",
        "text/plain",
    ),
    "status, headers": (
        lambda: ("text", 201, Headers({"Content-Type": "text/plain"})),
        201,
        "text",
        "text/plain",
    ),
    "status, None": (lambda: (Response("own"), 201, None), 201, "own", "text/html"),
}


@pytest.mark.parametrize(
    ("view", "status", "body", "mimetype"), RETURNED.values(), ids=RETURNED
)
def test_a_view_may_return(
    app: App, view: Callable[[], Any], status: int, body: str, mimetype: str
) -> None:
    app.add_url_rule("/", "index", view)

    response = app.test_client().get("/")

    assert response.status_code == status
    assert response.text == body
    assert response.mimetype == mimetype


def test_a_view_may_return_a_wsgi_callable(app: App) -> None:
    app.add_url_rule("/", "index", lambda: wsgi)

    response = app.test_client().get("/")

    assert (response.status_code, response.text) == (202, "wsgi")
    assert response.headers["X-From"] == "GET"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "returned None or ended without a return statement"),
        (3, "but it was a int"),
        (("a", 1, {}, 4), r"\(body, status, headers\).*it has 4 items"),
        (("a",), "it has 1 items"),
        ((None, 200), "returned None"),
    ],
    ids=["None", "int", "four", "one", "None in a tuple"],
)
def test_a_view_may_not_return(app: App, value: Any, problem: str) -> None:
    app.add_url_rule("/", "index", lambda: value)

    with pytest.raises(TypeError, match=f"function for 'index' did not.*{problem}"):
        app.test_client().get("/")


class Async:
    """What could be gone through asynchronously, too: Flask does not look for that."""

    async def __aiter__(self) -> AsyncIterator[str]:
        raise AssertionError("It was taken for an asynchronous stream.")
        yield ""


class AsyncIterable(Async, Iterator[str]):
    def __init__(self) -> None:
        self.left = ["b", "a"]

    def __next__(self) -> str:
        if not self.left:
            raise StopIteration
        return self.left.pop()


class AsyncCallable(Async):
    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        return wsgi(environ, start_response)


class AsyncDict(Async, dict[str, int]):
    pass


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(AsyncIterable(), "ab", id="iterator"),
        pytest.param((AsyncIterable(), 200), "ab", id="iterator, status"),
        pytest.param(AsyncCallable(), "wsgi", id="WSGI callable"),
        pytest.param(AsyncDict(a=1), '{"a":1}\n', id="dict"),
        pytest.param(MagicMock(), "", id="stand-in of tests"),
    ],
)
def test_what_flask_takes_is_no_asynchronous_stream(
    app: App, value: Any, text: str
) -> None:
    app.get("/")(lambda: value)

    assert app.test_client().get("/").text == text


def test_a_callable_that_is_no_wsgi_application_is_refused(app: App) -> None:
    view: Any = lambda: int  # noqa: E731 - typed as wrongly as it is
    app.add_url_rule("/", "index", view)

    with pytest.raises(TypeError, match="but it was a type"):
        app.test_client().get("/")


def test_make_response_takes_what_a_view_returns(app: App) -> None:
    with app.test_request_context():
        empty = make_response()
        text = make_response("text")
        pair = make_response("text", 201)

    assert (empty.status_code, empty.get_data(True)) == (200, "")
    assert (text.status_code, text.get_data(True)) == (200, "text")
    assert (pair.status_code, pair.get_data(True)) == (201, "text")


def test_a_response_class_of_the_app_is_used(app: App) -> None:
    class Own(Response):
        default_mimetype = "text/x-own"

    app.response_class = Own
    app.add_url_rule("/", "index", lambda: "text")
    app.add_url_rule("/foreign", "foreign", lambda: Response("text"))
    client = app.test_client()

    assert client.get("/").mimetype == "text/x-own"
    assert client.get("/foreign").status_code == 200
    assert client.get("/nowhere").status_code == 404
