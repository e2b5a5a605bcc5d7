from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.test import create_environ
from werkzeug.wrappers import Response as WerkzeugResponse

from tantalus_http import NoResponse, Response, StrictJSONProvider, make_response


class Own(Response):
    """The class asked for."""

    default_mimetype = "text/x-own"


class Program:
    debug = False
    response_class = Own


PROGRAM = Program()
JSON = StrictJSONProvider(PROGRAM)


def made(value: Any, **environ: Any) -> Own:
    return make_response(value, Own, JSON, lambda: create_environ() | environ)


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    start_response("202 ACCEPTED", [("X-From", environ["REQUEST_METHOD"])])
    return [b"wsgi"]


def failing(environ: Any, start_response: Any) -> list[bytes]:
    raise TypeError("broken")


def pieces() -> Iterator[str]:
    yield "a"
    yield "b"


class Reader(list[str]):
    """A list, and an iterator over what is no item of it."""

    def __next__(self) -> str:
        return self.pop()

    def __iter__(self) -> Any:
        return iter(["read"])


class OwnAnswer(NotFound):
    def get_response(self, *args: Any) -> Any:
        return WerkzeugResponse("own answer", 410)


OWN = "text/x-own"
PLAIN = {"Content-Type": "text/plain"}
RETURNED: dict[str, tuple[Callable[[], Any], int, str, str]] = {
    "text": (lambda: "text", 200, "text", OWN),
    "bytes": (lambda: b"bytes", 200, "bytes", OWN),
    "bytearray": (lambda: bytearray(b"array"), 200, "array", OWN),
    "iterator": (pieces, 200, "ab", OWN),
    "dict": (lambda: {"a": 1}, 200, '{"a":1}\n', "application/json"),
    "list": (lambda: [1, 2], 200, "[1,2]\n", "application/json"),
    "list subclass": (lambda: Reader("ab"), 200, "read", OWN),
    "dict subclass": (lambda: Counter("a"), 200, '{"a":1}\n', "application/json"),
    "response": (lambda: Own("own", 201), 201, "own", OWN),
    "another class": (lambda: Response("other"), 200, "other", "text/plain"),
    "foreign": (lambda: WerkzeugResponse("foreign"), 200, "foreign", "text/plain"),
    "error": (NotFound, 404, NotFound().get_body(), "text/html"),
    "error of its own": (OwnAnswer, 410, "own answer", "text/plain"),
    "callable": (lambda: wsgi, 202, "wsgi", "text/plain"),
    "status": (lambda: ("text", 201), 201, "text", OWN),
    "status text": (lambda: ("text", "201 Made"), 201, "text", OWN),
    "dict, status": (lambda: ({"a": 1}, 201), 201, '{"a":1}\n', "application/json"),
    "error, status": (
        lambda: (NotFound(), 410),
        410,
        NotFound().get_body(),
        "text/html",
    ),
    "response, status": (lambda: (Own("own"), 201), 201, "own", OWN),
    "response, status text": (lambda: (Own("own"), "201 Made"), 201, "own", OWN),
    "headers": (lambda: ("text", PLAIN), 200, "text", "text/plain"),
    "response, headers": (
        lambda: (Own("own"), [*PLAIN.items()]),
        200,
        "own",
        "text/plain",
    ),
    "status, headers": (
        lambda: ("text", 201, Headers(PLAIN)),
        201,
        "text",
        "text/plain",
    ),
    "status, None": (lambda: (Own("own"), 201, None), 201, "own", OWN),
}


@pytest.mark.parametrize(
    ("make", "status", "body", "mimetype"), RETURNED.values(), ids=RETURNED
)
def test_a_response_is_made_of(
    make: Callable[[], Any], status: int, body: str, mimetype: str
) -> None:
    response = made(make())

    assert type(response) is Own
    assert response.status_code == status
    assert response.get_data(as_text=True) == body
    assert response.mimetype == mimetype


def test_a_response_of_the_class_asked_for_is_itself() -> None:
    response = Own("text")

    assert made(response) is response
    assert made((response, 201)) is response


def test_a_callable_is_called_with_the_environ() -> None:
    assert made(wsgi, REQUEST_METHOD="PUT").headers["X-From"] == "PUT"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "returned None or ended without a return statement"),
        (3, "but it was a int"),
        (int, "but it was a type"),
        (failing, r"but it was a function\. \(broken\)"),
        (("a", 1, {}, 4), r"\(body, status, headers\).*it has 4 items"),
        (("a",), "it has 1 items"),
        ((None, 200), "returned None"),
        ((("a", 1), 200), "but it was a tuple"),
    ],
    ids=["None", "int", "class", "error", "four", "one", "None inside", "tuple inside"],
)
def test_no_response_is_made_of(value: Any, problem: str) -> None:
    with pytest.raises(NoResponse, match=f"No response can be made.*{problem}") as told:
        made(value)

    assert isinstance(told.value, TypeError)
    assert told.value.problem in str(told.value)


class OwnNotFound(NotFound):
    """May have its page depend on the request."""


def test_the_environ_is_asked_for_only_if_something_is_called() -> None:
    def get_environ() -> Any:
        raise LookupError("nothing is asked")

    assert make_response(({"a": 1}, 201), Own, JSON, get_environ).status_code == 201
    with pytest.raises(LookupError):
        make_response(wsgi, Own, JSON, get_environ)
    # The page of an error of Werkzeug's own says the same to each request.
    assert make_response(NotFound(), Own, JSON, get_environ).status_code == 404
    with pytest.raises(LookupError):
        make_response(OwnNotFound(), Own, JSON, get_environ)
