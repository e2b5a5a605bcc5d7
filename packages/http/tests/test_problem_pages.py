"""Errors as problem documents."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    Unauthorized,
    default_exceptions,
)
from werkzeug.routing import RequestRedirect
from werkzeug.test import EnvironBuilder

from tantalus_http import Response, prefers_problem, problem_page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Page(Response):
    pass


def page_of(error: HTTPException, path: str = "/a", base: str = "http://h/") -> Page:
    environ = EnvironBuilder(path, base).get_environ()
    page = problem_page(error, environ, Page)
    assert page is not None
    return page


@pytest.mark.parametrize(
    ("accept", "by_default", "expected"),
    [
        (None, True, True),
        (None, False, False),
        ("*/*", True, True),
        ("*/*", False, False),
        ("application/json", False, True),
        ("application/problem+json", False, True),
        ("application/vnd.api+json, */*", False, True),
        ("application/json, text/plain, */*", False, True),
        ("text/html, application/json", True, False),
        ("text/html;q=0.1, application/json", False, True),
        ("text/html, application/json;q=0", True, False),
        ("TEXT/HTML", True, False),
        ("APPLICATION/JSON", False, True),
        ("image/png", True, True),
        ("json", False, True),
        ("json;q=x,,", True, True),
        (BROWSER, True, False),
    ],
)
def test_who_wants_a_document_says_so_or_has_it_by_default(
    accept: str | None, by_default: bool, expected: bool
) -> None:
    assert prefers_problem(accept, by_default=by_default) is expected


def test_a_document_tells_what_the_page_tells() -> None:
    page = page_of(NotFound("No such shop."), "/a b/ü?q=1", "http://h/mount")

    assert type(page) is Page
    assert (page.status_code, page.mimetype) == (404, "application/problem+json")
    assert page.content_length == len(page.get_data())
    assert page.get_json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "No such shop.",
        "instance": "/mount/a%20b/%C3%BC",
    }


@pytest.mark.parametrize("code", sorted(default_exceptions))
def test_every_error_has_a_document(code: int) -> None:
    page = page_of(default_exceptions[code]())

    assert page.get_json()["status"] == code
    assert page.get_json()["detail"]


def test_headers_of_the_error_are_kept() -> None:
    denied = page_of(MethodNotAllowed(["GET", "PUT"]))
    unknown = page_of(Unauthorized(www_authenticate=WWWAuthenticate("basic")))

    assert denied.headers["Allow"] == "GET, PUT"
    assert unknown.headers["WWW-Authenticate"] == "Basic"
    assert denied.headers.getlist("Content-Type") == ["application/problem+json"]


class Listed(NotFound):
    title = "Listed"

    @property
    def problem_members(self) -> dict[str, Any]:
        return {"errors": [1]}


def test_an_error_may_say_more() -> None:
    document = page_of(Listed()).get_json()

    assert (document["title"], document["errors"]) == ("Listed", [1])


class OwnBody(NotFound):
    def get_body(self, *args: Any) -> str:
        return "own"


class OwnResponse(NotFound):
    def get_response(self, *args: Any) -> Any:
        return Response("own")


def patched() -> HTTPException:
    error = NotFound()
    error.get_body = lambda *args: "own"  # type: ignore[method-assign]  # as tests do
    return error


@pytest.mark.parametrize(
    "error",
    [
        RequestRedirect("/there"),
        HTTPException(),
        NotFound(response=Response("own")),
        OwnBody(),
        OwnResponse(),
        patched(),
    ],
    ids=["redirect", "no code", "response", "class's body", "class's response", "own"],
)
def test_what_has_a_page_of_its_own_keeps_it(error: HTTPException) -> None:
    assert problem_page(error, EnvironBuilder().get_environ(), Response) is None
