from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as WerkzeugResponse

from tantalus import Response
from tantalus._response import _PLAIN_URL, is_known


class HTMLResponse(WerkzeugResponse):
    """Werkzeug's response with our default type: what ours is compared with."""

    default_mimetype = "text/html"


def sent(response: WerkzeugResponse, method: str = "GET") -> tuple[Any, ...]:
    environ = EnvironBuilder(method=method).get_environ()
    body, status, headers = run_wsgi_app(response, environ)
    return b"".join(body), status, list(headers)


def attempt(response: WerkzeugResponse) -> Any:
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
TYPES = st.sampled_from([None, "text/plain", "application/json", "image/png", ""])
METHODS = st.sampled_from(["GET", "HEAD", "POST"])


@given(BODIES, STATUSES, HEADERS, TYPES, TYPES, METHODS)
def test_a_response_is_made_and_sent_as_werkzeug_does(
    body: Any, status: Any, headers: Any, mimetype: Any, content_type: Any, method: str
) -> None:
    arguments = (body, status, headers, mimetype, content_type)

    assert sent(Response(*arguments), method) == sent(HTMLResponse(*arguments), method)


def test_a_response_can_be_changed_before_it_is_sent() -> None:
    ours, theirs = Response("text"), HTMLResponse("text")
    for response in (ours, theirs):
        response.set_cookie("a", "b")
        response.headers.add("X-A", "1")
        response.status_code = 201
        response.vary.add("Cookie")

    assert sent(ours) == sent(theirs)
    assert ours.get_data(as_text=True) == "text"


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
    st.from_regex(_PLAIN_URL, fullmatch=True),
    st.builds("http://{}{}".format, st.text("aB1.-:", max_size=8), st.text(max_size=5)),
)


@given(LOCATIONS, st.booleans())
def test_a_location_is_sent_as_werkzeug_does(location: str, corrected: bool) -> None:
    assume("\n" not in location and "\r" not in location)
    responses = [Response(), HTMLResponse()]
    for response in responses:
        response.headers["Location"] = location
        response.autocorrect_location_header = corrected

    assert attempt(responses[0]) == attempt(responses[1])


@given(st.from_regex(_PLAIN_URL, fullmatch=True))
def test_a_plain_url_needs_no_rewriting(url: str) -> None:
    assert iri_to_uri(url) == url


def test_of_two_locations_the_last_is_sent() -> None:
    response = Response("", headers=[("Location", "/a"), ("Location", "/b")])

    assert sent(response)[2][0] == ("Location", "/b")


def test_no_length_is_added_if_none_is_wanted() -> None:
    response = Response()
    response.automatically_set_content_length = False

    assert sent(response)[2] == [("Content-Type", "text/html; charset=utf-8")]


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
        _is_sent_directly = False

    arguments = (body, status, headers, mimetype)

    assert sent(Unknown(*arguments), method) == sent(HTMLResponse(*arguments), method)
