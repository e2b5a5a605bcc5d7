from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    BadRequestKeyError,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestedRangeNotSatisfiable,
    ServiceUnavailable,
    Unauthorized,
)
from werkzeug.routing import RequestRedirect
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response as WerkzeugResponse

from tantalus import App, Response


class OwnText(NotFound):
    def get_body(self, *args: Any) -> str:
        return "own text"


class OwnHeaders(NotFound):
    def get_headers(self, *args: Any) -> list[tuple[str, str]]:
        return [("X-Own", "1"), *super().get_headers(*args)]


class OwnResponse(NotFound):
    def get_response(self, *args: Any) -> Any:
        return WerkzeugResponse("own response", 410)


class OwnCall(NotFound):
    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("499 Own", [("X-Own", "1")])
        return [b"own call"]


class OwnCode(HTTPException):
    code = 507
    description = "Full"


def replaced() -> NotFound:
    error = NotFound()
    error.get_response = OwnResponse().get_response  # type: ignore[assignment]  # of this one
    return error


ERRORS = [
    replaced(),
    NotFound(),
    NotFound("<no>\nnot here"),
    MethodNotAllowed(),
    MethodNotAllowed(["POST", "GET"]),
    Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "a b"})),
    ServiceUnavailable(retry_after=datetime(2026, 1, 2, tzinfo=UTC)),
    RequestedRangeNotSatisfiable(10),
    BadRequestKeyError("key"),
    InternalServerError(original_exception=ValueError()),
    RequestRedirect('http://localhost/a?b=<"ö>&c'),
    NotFound(response=WerkzeugResponse("made before", 202, {"Location": "/ö"})),
    HTTPException(),
    OwnText(),
    OwnHeaders(),
    OwnResponse(),
    OwnCall(),
    OwnCode(),
]


def sent(response: Any) -> tuple[Any, ...]:
    environ = EnvironBuilder().get_environ()
    body, status, headers = run_wsgi_app(response, environ)
    return b"".join(body), status, list(headers)


def page_of(app: App, error: HTTPException) -> Response:
    with app.test_request_context():
        return app.make_response(error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_page_of_an_error_is_what_running_it_gives(
    app: App, error: HTTPException
) -> None:
    run = WerkzeugResponse.force_type(error, EnvironBuilder().get_environ())  # type: ignore[arg-type]  # it takes WSGI applications

    assert sent(page_of(app, error)) == sent(run)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_page_of_an_error_is_of_the_apps_class_and_new(
    app: App, error: HTTPException
) -> None:
    class Own(Response):
        def __init__(self) -> None:
            raise AssertionError("Werkzeug converts without it")

    app.response_class = Own

    pages = [page_of(app, error) for _ in range(2)]

    assert [type(page) for page in pages] == [Own, Own]
    assert pages[0] is not pages[1]
    assert pages[0].headers is not pages[1].headers


def test_the_page_of_an_error_follows_its_text(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = [NotFound(), NotFound("own"), NotFound()]
    errors[2].code = 410

    pages = [sent(page_of(app, error)) for error in errors * 2]
    monkeypatch.setattr(NotFound, "description", "patched")
    patched = sent(page_of(app, NotFound()))

    assert pages[:3] == pages[3:]
    assert b"own" in pages[1][0]
    assert pages[2][1] == "410 GONE"
    assert b"patched" in patched[0]


def test_a_page_cannot_have_a_header_of_two_lines(app: App) -> None:
    with pytest.raises(ValueError, match="newline"):
        page_of(app, MethodNotAllowed(["GET\r\nX-Own: 1"]))
