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

from tantalus_http import Response, error_page
from tantalus_http._pages import _texts


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


ERRORS: list[HTTPException] = [
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
    HTTPException(),
    OwnText(),
    OwnHeaders(),
    OwnCode(),
]
HAS_NO_PAGE = [
    replaced(),
    NotFound(response=WerkzeugResponse("made before", 202, {"Location": "/ö"})),
    OwnResponse(),
    OwnCall(),
]


def sent(response: Any) -> tuple[Any, ...]:
    environ = EnvironBuilder().get_environ()
    body, status, headers = run_wsgi_app(response, environ)
    return b"".join(body), status, list(headers)


def page_of(error: HTTPException, kind: type[Response] = Response) -> Response | None:
    return error_page(error, EnvironBuilder().get_environ(), kind)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_page_of_an_error_is_what_running_it_gives(error: HTTPException) -> None:
    run = WerkzeugResponse.force_type(error, EnvironBuilder().get_environ())  # type: ignore[arg-type]  # it takes WSGI applications

    assert sent(page_of(error)) == sent(run)


@pytest.mark.parametrize("error", HAS_NO_PAGE, ids=lambda error: type(error).__name__)
def test_an_error_that_answers_in_its_own_way_has_to_be_run(
    error: HTTPException,
) -> None:
    assert page_of(error) is None


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_page_of_an_error_is_of_the_class_asked_for_and_new(
    error: HTTPException,
) -> None:
    class Own(Response):
        def __init__(self) -> None:
            raise AssertionError("Werkzeug converts without it")

    first, second = (page_of(error, Own) for _ in range(2))

    assert first is not None
    assert second is not None
    assert [type(first), type(second)] == [Own, Own]
    assert first is not second
    assert first.headers is not second.headers


def test_the_page_of_an_error_follows_its_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors = [NotFound(), NotFound("own"), NotFound()]
    errors[2].code = 410

    pages = [sent(page_of(error)) for error in errors * 2]
    monkeypatch.setattr(NotFound, "description", "patched")
    patched = sent(page_of(NotFound()))

    assert pages[:3] == pages[3:]
    assert b"own" in pages[1][0]
    assert pages[2][1] == "410 GONE"
    assert b"patched" in patched[0]


def test_a_page_cannot_have_a_header_of_two_lines() -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        page_of(MethodNotAllowed(["GET\r\nX-Own: 1"]))


class NeverInitialised(HTTPException):
    code = 418
    description = "Short"

    def __init__(self, cup: str) -> None:
        self.cup = cup


class OwnResponseOfNothing(NeverInitialised):
    def get_response(self, *args: Any) -> Any:
        return WerkzeugResponse(f"no {self.cup}", 410)


def test_an_error_that_was_never_initialised_has_its_page() -> None:
    answer = error_page(NeverInitialised("tea"), {}, Response)

    assert answer is not None
    assert (answer.status_code, "Short" in answer.get_data(as_text=True)) == (418, True)


def test_an_error_with_a_response_of_its_own_is_run_initialised_or_not() -> None:
    error = OwnResponseOfNothing("tea")

    assert error_page(error, {}, Response) is None
    text = b"".join(run_wsgi_app(error, EnvironBuilder().get_environ())[0])
    assert text == b"no tea"


def test_a_description_that_is_translated_when_read_is_read_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Translated:
        language = "one"
        __hash__ = None  # type: ignore[assignment]  # as a list or a dict

        def __str__(self) -> str:
            return self.language

    description: Any = Translated()
    monkeypatch.setattr(NotFound, "description", description)
    texts = []
    for language in ("first", "second"):
        description.language = language
        page = error_page(NotFound(), {}, Response)
        assert page is not None
        texts.append(page.get_data(as_text=True))

    assert "first" in texts[0]
    assert "second" in texts[1]


def test_no_text_of_a_single_error_is_remembered() -> None:
    page_of(NotFound())
    known = dict(_texts)

    for number in range(100):
        page_of(NotFound(f"There is no {number}."))

    assert _texts == known
