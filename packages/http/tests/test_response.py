from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from contextvars import ContextVar, copy_context
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any
from wsgiref.validate import validator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, create_environ, run_wsgi_app
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as Plain
from werkzeug.wsgi import FileWrapper

from tantalus_http import ReadyBody, Response
from tantalus_http._locations import plain_url
from tantalus_http._response import is_known


def sent(response: Plain, method: str = "GET") -> tuple[Any, ...]:
    environ = EnvironBuilder(method=method).get_environ()
    body, status, headers = run_wsgi_app(response, environ)
    return b"".join(body), status, list(headers)


def attempt(response: Plain) -> Any:
    """Return what is sent, or the class of the error instead."""
    try:
        return sent(response)
    except ValueError as error:  # the URL can't be read
        return type(error)


BODIES = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.lists(st.text(max_size=3), max_size=3),
)
STATUSES = st.sampled_from(
    [None, 200, 201, 204, 304, 101, 404, 299, True, HTTPStatus.GONE, "299 Own", "own"]
)
HEADERS = st.sampled_from(
    [
        None,
        {"X-A": "1"},
        [("Content-Type", "text/plain")],
        [("content-length", "1")],
        {"Location": "/ö"},
        {"Content-Location": "/a b"},
    ]
)


UNCHOSEN = ("Content-Type", "text/plain; charset=utf-8")


def without_type_of_nothing(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what is sent, without the type that Werkzeug gives to no content."""
    body, status, headers = answer
    if status.startswith("204"):
        headers = [item for item in headers if item != UNCHOSEN]
    return body, status, headers


TYPES = st.sampled_from([None, "text/plain", "application/json", "image/png", ""])
METHODS = st.sampled_from(["GET", "HEAD", "POST"])


@given(BODIES, STATUSES, HEADERS, TYPES, TYPES, METHODS)
def test_a_response_is_made_and_sent_as_werkzeug_does(
    body: Any, status: Any, headers: Any, mimetype: Any, content_type: Any, method: str
) -> None:
    arguments = (body, status, headers, mimetype, content_type)

    theirs = without_type_of_nothing(sent(Plain(*arguments), method))
    assert sent(Response(*arguments), method) == theirs


def test_a_response_can_be_changed_before_it_is_sent() -> None:
    ours, theirs = Response("text"), Plain("text")
    for response in (ours, theirs):
        response.set_cookie("a", "b")
        response.headers.add("X-A", "1")
        response.status_code = 201
        response.vary.add("Cookie")

    assert sent(ours) == sent(theirs)
    assert ours.get_data(as_text=True) == "text"


def test_a_header_that_is_set_replaces_all_of_its_name() -> None:
    response = Response("text")
    response.headers.add("X-A", "1")
    response.headers.add("x-a", "2")

    response.headers["X-A"] = "3"

    assert response.headers.getlist("X-A") == ["3"]


def test_a_body_may_be_made_while_it_is_sent() -> None:
    assert sent(Response(iter("text"))) == sent(Plain(iter("text")))


def test_a_server_may_change_the_headers_it_is_given() -> None:
    response = Response("text")
    given: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        given.append(headers)

    response({"REQUEST_METHOD": "GET"}, start_response)
    given[0].clear()

    assert response.content_length == 4


def test_what_runs_on_close_is_run_by_the_server() -> None:
    closed: list[bool] = []
    response = Response("text")
    response.call_on_close(lambda: closed.append(True))

    body, _, _ = run_wsgi_app(response, EnvironBuilder().get_environ(), buffered=True)

    assert list(body) == [b"text"]
    assert closed == [True]


def test_a_subclass_may_change_how_it_is_made() -> None:
    class Own(Response):
        def set_data(self, value: bytes | str) -> None:
            super().set_data(b"own " + (value if isinstance(value, bytes) else b""))

    assert Own(b"text").get_data() == b"own text"


def test_a_subclass_may_change_how_it_is_sent() -> None:
    class Own(Response):
        def get_app_iter(self, environ: Any) -> Iterable[bytes]:
            return [b"own"]

    class Deeper(Own):
        pass

    assert sent(Own("text"))[0] == b"own"
    assert sent(Deeper("text"))[0] == b"own"


def test_a_class_mixed_in_may_change_how_it_is_made_and_sent() -> None:
    class Mixin:
        def set_data(self, value: bytes | str) -> None:
            Response.set_data(self, b"own")  # type: ignore[arg-type]  # mixed in

        def get_app_iter(self, environ: Any) -> Iterable[bytes]:
            return [*self.response, b" sent"]  # type: ignore[attr-defined]  # idem

    class Own(Mixin, Response):
        pass

    assert sent(Own("text"))[0] == b"own sent"


def test_headers_of_another_class_are_sent_too() -> None:
    class OwnHeaders(Headers):
        def __iter__(self) -> Any:
            return iter([*self._list, ("X-Own", "1")])

    response = Response("text")
    response.headers = OwnHeaders(response.headers)

    assert ("X-Own", "1") in sent(response)[2]


def test_a_subclass_may_have_another_status_and_type() -> None:
    class Own(Response):
        default_status = 202
        default_mimetype = None

    assert (Own("text").status, Own("text").headers.get("Content-Type")) == (
        "202 ACCEPTED",
        None,
    )


LOCATIONS = st.one_of(
    st.text("ab/?#=&%:;@!$'()*+,.~_-[]<\" \\", max_size=12),
    st.from_regex(plain_url(), fullmatch=True),
    st.builds("http://{}{}".format, st.text("aB1.-:", max_size=8), st.text(max_size=5)),
)


@given(LOCATIONS, st.booleans())
def test_a_location_is_sent_as_werkzeug_does(location: str, corrected: bool) -> None:
    assume(location.isprintable())  # others are errors
    responses = [Response(), Plain()]
    for response in responses:
        response.headers["Location"] = location
        response.autocorrect_location_header = corrected

    assert attempt(responses[0]) == attempt(responses[1])


@given(st.from_regex(plain_url(), fullmatch=True))
def test_a_plain_url_needs_no_rewriting(url: str) -> None:
    assert iri_to_uri(url) == url


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(Response(status=204), id="no content"),
        pytest.param(
            Response(status=304, mimetype="application/json"), id="not modified"
        ),
    ],
)
def test_no_content_has_no_type_that_nobody_chose(response: Response) -> None:

    def start_response(*answer: Any) -> Callable[[bytes], object]:
        return lambda piece: None

    # Asserts what PEP 3333 asks for.
    body = validator(response)(EnvironBuilder().get_environ(), start_response)

    assert list(body) == []
    body.close()  # type: ignore[attr-defined]  # as a server does


def set_later() -> Response:
    response = Response(status=204)
    response.mimetype = "application/json"
    return response


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(Response(status=204, mimetype="application/json"), id="mimetype"),
        pytest.param(Response(b"", 204, content_type="application/json"), id="type"),
        pytest.param(
            Response(status=204, headers={"content-type": "application/json"}),
            id="header",
        ),
        pytest.param(set_later(), id="set later"),
    ],
)
def test_a_type_that_was_chosen_for_no_content_is_sent(response: Response) -> None:
    assert ("content-type", "application/json") in [
        (name.lower(), value) for name, value in sent(response)[2]
    ]


def test_of_two_locations_the_last_is_sent() -> None:
    response = Response("", headers=[("Location", "/a"), ("Location", "/b")])

    assert sent(response)[2][0] == ("Location", "/b")


def test_no_length_is_added_if_none_is_wanted() -> None:
    response = Response()
    response.automatically_set_content_length = False

    assert sent(response)[2] == [("Content-Type", "text/plain; charset=utf-8")]


# Parts and tags are judged by rules of our own: `test_ranges.py`, `test_conditions.py`.
CONDITIONS = st.dictionaries(
    st.sampled_from(["HTTP_IF_RANGE", "HTTP_IF_MODIFIED_SINCE"]),
    st.sampled_from(['"tag"', 'W/"tag"', "*", "Sat, 01 Jan 2050 00:00:00 GMT", ""]),
    max_size=2,
)
KNOWN_HEADERS = st.lists(
    st.sampled_from(
        [
            ("Date", "now"),
            ("ETag", '"tag"'),
            ("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT"),
            ("Accept-Ranges", "none"),
        ]
    ),
    unique=True,
)


@given(
    st.sampled_from(["text", ["te", "xt"], None]),
    KNOWN_HEADERS,
    CONDITIONS,
    METHODS,
    st.sampled_from([True, False, "lines"]),
    st.sampled_from([None, 4]),
)
def test_conditions_are_answered_as_werkzeug_does(
    body: Any,
    headers: Any,
    conditions: dict[str, str],
    method: str,
    ranges: bool | str,
    length: int | None,
) -> None:
    environ = EnvironBuilder(method=method).get_environ() | conditions
    answers: list[Any] = []

    for response in (
        Response(body, headers=headers),
        Plain(body, None, headers),
    ):
        made = response.make_conditional(environ, ranges, length)
        made.headers.pop("Date", None)
        answers.append((made is response, "Date" in made.headers, sent(made, method)))

    assert answers[0] == answers[1]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_is_closed_by_the_server(method: str) -> None:
    file = io.BytesIO(b"content")
    response = Response(FileWrapper(file), direct_passthrough=True)
    response.headers["Content-Length"] = "7"
    environ = EnvironBuilder(method=method).get_environ()

    body = run_wsgi_app(response, environ)[0]
    body.close()  # type: ignore[attr-defined]  # as a server does

    assert file.closed


def test_another_werkzeug_is_recognised() -> None:
    headers = Headers()
    known = SimpleNamespace(headers=headers, _status="", _status_code=0)
    other = SimpleNamespace(headers=SimpleNamespace(other=[]), _status="", code=0)

    assert is_known(known)  # type: ignore[arg-type]  # has what is looked at
    assert not is_known(other)  # type: ignore[arg-type]  # idem


@given(BODIES, STATUSES, HEADERS, TYPES, METHODS)
def test_without_known_attributes_werkzeugs_way_is_taken(
    body: Any, status: Any, headers: Any, mimetype: Any, method: str
) -> None:
    class Unknown(Response):
        _is_made_directly = False

        def _headers_as_sent(self) -> None:
            return None

    arguments = (body, status, headers, mimetype)

    theirs = without_type_of_nothing(sent(Plain(*arguments), method))
    assert sent(Unknown(*arguments), method) == theirs


def test_a_conditional_response_keeps_the_date_that_it_has() -> None:
    response = Response("text", headers={"Date": "then"})

    response.make_conditional(EnvironBuilder().get_environ())

    assert response.headers.getlist("Date") == ["then"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_waits_for_the_end_is_called_once_when_the_server_has_sent_the_body(
    method: str,
) -> None:
    seen: list[str] = []
    response = Response("text")
    response.call_on_close(lambda: seen.append("first"))
    response.call_on_close(lambda: seen.append("second"))
    started: list[Any] = []

    body: Any = response(
        create_environ(method=method),
        lambda *start: started.extend(start),  # type: ignore[arg-type]
    )
    sent, early = b"".join(body), seen.copy()
    body.close()
    body.close()

    assert (type(body), early) == (ReadyBody, [])
    assert sent == (b"text" if method == "GET" else b"")
    assert ("Content-Length", "4") in started[1]
    assert seen == ["first", "second"]


def test_what_waits_for_the_end_is_called_in_the_context_variables_of_the_request() -> (
    None
):
    variable: ContextVar[str] = ContextVar("variable", default="none")
    seen: list[str] = []
    response = Response("text")
    response.call_on_close(lambda: seen.append(variable.get()))
    variables = copy_context()
    variables.run(variable.set, "of the request")

    body: Any = response(create_environ(), lambda *_: None)  # type: ignore[arg-type]
    body.variables = variables
    body.close()

    assert seen == ["of the request"]


def test_a_class_that_closes_in_its_own_way_is_closed_so() -> None:
    seen: list[str] = []

    class Own(Response):
        def close(self) -> None:
            seen.append("own")

    response = Own("text")
    response.call_on_close(lambda: seen.append("not called"))

    body: Any = response(create_environ(), lambda *_: None)  # type: ignore[arg-type]
    body.close()

    assert seen == ["own"]
