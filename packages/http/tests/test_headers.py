from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.test import create_environ, run_wsgi_app
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Plain

import tantalus_http._headers as module
from tantalus_http import (
    DefaultJSONProvider,
    Response,
    has_header,
    make_response,
    send_file,
)
from tantalus_http._headers import (
    CheckedHeaders,
    DirectHeaders,
    check_header,
    checked,
    unchecked,
)

# What no part of a message may have, and what may stand in none of ours.
CONTROLS = ["\r", "\n", "\r\n", "\0", "\x01", "\x1b", "\x7f"]
UNSENDABLE = [*CONTROLS, "東", "\ud800", "\u2028"]
NO_TOKENS = [*UNSENDABLE, " ", ":", "é", "\t", "(", '"']


# By us, or by what Werkzeug or Python says of the same.
REFUSED = "cannot carry|no name of a header|contain newline|surrogates not allowed"


class Program:
    debug = False
    response_class = Response


program = Program()
json = DefaultJSONProvider(program)


def own_type(text: str) -> Response:
    class Own(Response):
        default_mimetype = text

    return Own("x")


def own_json_type(text: str) -> Any:
    provider = DefaultJSONProvider(program)
    provider.mimetype = text
    return provider.response(1)


def own_status(text: str) -> Response:
    class Own(Response):
        default_status = f"200 {text}"  # type: ignore[assignment]  # Werkzeug takes it

    return Own("x")


def changed(change: Callable[[Response, str], object]) -> Callable[[str], Response]:
    """Return what makes a response directly, and changes it by a text."""

    def make(text: str) -> Response:
        response = Response("x")
        change(response, text)
        return response

    return make


def answer(value: Any) -> Response:
    return make_response(value, Response, json, create_environ)


def raised(text: str) -> Any:
    error = HTTPException(response=Plain("x", headers={"X-A": text}))
    return answer(error)


def file(text: str) -> Any:
    return send_file(__file__, create_environ(), mimetype=text)


VALUES: dict[str, Callable[[str], Any]] = {
    "mimetype": lambda text: Response("x", mimetype=f"text/html{text}"),
    "mimetype of bytes": lambda text: Response(b"x", mimetype=f"image/{text}"),
    "mimetype of nothing": lambda text: Response(mimetype=f"text/{text}"),
    "mimetype of a stream": lambda text: Response(iter("x"), mimetype=f"text/{text}"),
    "mimetype set": changed(lambda made, text: setattr(made, "mimetype", text)),
    "default mimetype": own_type,
    "mimetype of JSON": own_json_type,
    "content type": lambda text: Response("x", content_type=f"text/html{text}"),
    "content type set": changed(lambda made, text: setattr(made, "content_type", text)),
    "status": lambda text: Response("x", f"200 OK{text}X: 1"),
    "status of a stream": lambda text: Response(iter("x"), f"200 OK{text}X: 1"),
    "status set": changed(lambda made, text: setattr(made, "status", f"200 {text}X")),
    "default status": own_status,
    "status in a tuple": lambda text: answer(("x", f"200 OK{text}X: 1")),
    "status of JSON": lambda text: answer(({}, f"200 OK{text}X: 1")),
    "headers": lambda text: Response("x", headers={"X-A": text}),
    "headers as a list": lambda text: Response("x", headers=[("X-A", text)]),
    "many of a header": lambda text: Response("x", headers={"X-A": ["a", text]}),
    "plain headers": lambda text: Response("x", headers=plain([("X-A", text)])),
    "headers of a stream": lambda text: Response(iter("x"), headers={"X-A": text}),
    "headers in a tuple": lambda text: answer(("x", {"X-A": text})),
    "headers of JSON": lambda text: answer(({}, 200, {"X-A": text})),
    "headers of another": lambda text: answer(Plain("x", headers=plain([("X", text)]))),
    "headers of an error": raised,
    "a header": changed(lambda made, text: made.headers.__setitem__("X-A", text)),
    "a header by place": changed(
        lambda made, text: made.headers.__setitem__(0, ("X-A", text))
    ),
    "a slice": changed(
        lambda made, text: made.headers.__setitem__(slice(0, 1), [("X-A", text)])
    ),
    "a header added": changed(lambda made, text: made.headers.add("X-A", text)),
    "add_header": changed(lambda made, text: made.headers.add_header("X-A", text)),
    "a header with its name": changed(lambda made, text: made.headers.set("X-A", text)),
    "setdefault": changed(lambda made, text: made.headers.setdefault("X-A", text)),
    "setlist": changed(lambda made, text: made.headers.setlist("X-A", ["a", text])),
    "extend": changed(lambda made, text: made.headers.extend({"X-A": text})),
    "update": changed(lambda made, text: made.headers.update([("X-A", text)])),
    "|=": changed(lambda made, text: made.headers.__ior__({"X-A": text})),
    "|": changed(lambda made, text: made.headers.update(made.headers | {"X-A": text})),
    "an object": changed(lambda made, text: made.headers.add("X-A", Text(text))),
    "cache control": changed(
        lambda made, text: made.cache_control.__setitem__("a", text)
    ),
    "the age of a cookie": changed(
        lambda made, text: made.set_cookie("a", "b", expires=text)
    ),
    "the type of a file": file,
    "the etag of a file": lambda text: send_file(
        __file__, create_environ(), etag=f"a{text}"
    ),
    "the type of an opened file": lambda text: send_file(
        io.BytesIO(), create_environ(), mimetype=text
    ),
}

# What may have any letter that ends no line, because it is percent-encoded.
URLS: dict[str, Callable[[str], Any]] = {
    "location": lambda text: Response(headers={"Location": f"/{text}"}),
    "location set": changed(lambda made, text: setattr(made, "location", f"/{text}")),
    "content location": lambda text: Response(headers={"Content-Location": f"/{text}"}),
    "redirect": lambda text: redirect(f"/{text}", Response=Response),
}
# What may have letters beyond Latin-1, because these are encoded.
COOKIES: dict[str, Callable[[str], Any]] = {
    "cookie": changed(lambda made, text: made.set_cookie(f"a{text}", "b")),
}
ENCODED = URLS | COOKIES

NAMES: dict[str, Callable[[str], Any]] = {
    "headers": lambda text: Response("x", headers={f"X{text}A": "1"}),
    "headers as a list": lambda text: Response("x", headers=[(f"X{text}A", "1")]),
    "plain headers": lambda text: Response("x", headers=plain([(f"X{text}A", "1")])),
    "headers in a tuple": lambda text: answer(("x", 200, {f"X{text}A": "1"})),
    "headers of JSON": lambda text: answer(([], {f"X{text}A": "1"})),
    "a header": changed(lambda made, text: made.headers.__setitem__(f"X{text}", "1")),
    "a header added": changed(lambda made, text: made.headers.add(f"X{text}", "1")),
    "a header by place": changed(
        lambda made, text: made.headers.__setitem__(0, (f"X{text}", "1"))
    ),
    "setdefault": changed(lambda made, text: made.headers.setdefault(f"X{text}", "1")),
}


class Text:
    """An object that is made a text by whoever needs one."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def plain(items: list[tuple[str, str]]) -> Headers:
    """Return headers of Werkzeug's, past its own check."""
    headers = Headers()
    headers._list = items
    return headers


@pytest.mark.parametrize("text", UNSENDABLE, ids=ascii)
@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)
def test_what_http_cannot_carry_is_an_error_where_it_is_set(
    make: Callable[[str], Any], text: str
) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        make(text)


@pytest.mark.parametrize("text", CONTROLS, ids=ascii)
@pytest.mark.parametrize("make", COOKIES.values(), ids=COOKIES)
def test_a_control_character_is_an_error_where_letters_are_encoded(
    make: Callable[[str], Any], text: str
) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        make(text)


@pytest.mark.parametrize("text", ["\r", "\n", "\r\n", "\0"], ids=ascii)
@pytest.mark.parametrize("make", URLS.values(), ids=URLS)
def test_what_ends_a_line_is_an_error_in_a_url(
    make: Callable[[str], Any], text: str
) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        make(text)


@pytest.mark.parametrize("text", ["\x01", "\x1b", "\x7f"], ids=ascii)
@pytest.mark.parametrize("make", URLS.values(), ids=URLS)
def test_any_other_control_character_is_encoded_in_a_url(
    make: Callable[[str], Any], text: str
) -> None:
    headers = run_wsgi_app(make(text), create_environ())[2]

    url = headers.get("Location") or headers["Content-Location"]
    assert url.endswith(f"%{ord(text):02X}")


@pytest.mark.parametrize("make", ENCODED.values(), ids=ENCODED)
def test_letters_beyond_latin_1_are_encoded_in_urls_and_cookies(
    make: Callable[[str], Any],
) -> None:
    headers = run_wsgi_app(make("東"), create_environ())[2]

    assert all(value.encode("latin-1") for _, value in headers if value)


@pytest.mark.parametrize(
    "headers", [Response("x").headers, Headers([("content-type", "text/html")])]
)
def test_whether_a_header_is_set_can_be_asked(headers: Headers) -> None:
    assert has_header(headers, "content-type")
    assert not has_header(headers, "set-cookie")


@pytest.mark.parametrize("name", ["Location", "Content-Location"])
def test_half_a_letter_cannot_be_encoded(name: str) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        Response(headers={name: "/\ud800"})


@pytest.mark.parametrize("text", NO_TOKENS, ids=ascii)
@pytest.mark.parametrize("make", NAMES.values(), ids=NAMES)
def test_what_is_no_token_is_no_name_of_a_header(
    make: Callable[[str], Any], text: str
) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        make(text)


@pytest.mark.parametrize("name", ["", b"X-A", None], ids=repr)
def test_a_name_of_a_header_is_a_text_of_some_length(name: Any) -> None:
    with pytest.raises(ValueError, match="is no name of a header"):
        Response().headers.add(name, "1")


def test_the_error_says_where_the_letter_stands_and_what_to_do() -> None:
    with pytest.raises(ValueError, match=REFUSED) as info:
        Response().headers["X-Title"] = "to 東京"

    assert str(info.value).startswith("Header 'X-Title' has '東' at position 3")
    assert "urllib.parse.quote()" in str(info.value)


@pytest.mark.parametrize("make", [*VALUES.values(), *NAMES.values()])
def test_what_http_can_carry_is_set(make: Callable[[str], Any]) -> None:
    made = make("plain")

    made.close()
    assert made.status_code == 200


@pytest.mark.parametrize("text", ["a\tb", "é", "\x80", "\xad", "a b", ""], ids=ascii)
def test_latin_1_and_tabs_are_values(text: str) -> None:
    response = Response("x", f"200 O{text}", {"X-A": text})
    response.headers["X-B"] = text

    _, status, headers = run_wsgi_app(response, create_environ())

    assert (status, headers["X-A"], headers["X-B"]) == (
        f"200 O{text}".strip(),
        text,
        text,
    )


def left(make: Callable[[Response], object]) -> list[tuple[str, str]]:
    """Return the headers of a response whose change failed."""
    response = Response("x", headers={"X-A": "old"})
    with pytest.raises(ValueError, match=REFUSED):
        make(response)
    return list(response.headers)


@pytest.mark.parametrize(
    "make",
    [
        lambda made: made.headers.__setitem__("X-A", "\0"),
        lambda made: made.headers.set("X-A", "\0"),
        lambda made: made.headers.add("X-A", "\0"),
        lambda made: made.headers.__setitem__(
            slice(None), [("X-A", "1"), ("X-B", "\0")]
        ),
    ],
    ids=["[]", "set", "add", "slice"],
)
def test_headers_that_could_not_be_set_are_what_they_were(
    make: Callable[[Response], object],
) -> None:
    assert left(make) == list(Response("x", headers={"X-A": "old"}).headers)


class OwnHeaders(Headers):
    """Headers of a class of somebody's own, which checks nothing."""


def replaced_headers(text: str) -> Response:
    response = Response("x")
    response.headers = plain([("X-A", text)])
    return response


def headers_of_own(text: str) -> Response:
    headers = OwnHeaders()
    headers._list = [("X-A", text)]
    return Response("x", headers=headers)


def added_on_the_way(text: str) -> Response:
    class Own(Response):
        def get_wsgi_headers(self, environ: Any) -> Headers:
            return plain([("X-A", text)])

    return Own("x")


def status_on_the_way(text: str) -> Response:
    class Own(Response):
        def get_wsgi_response(self, environ: Any) -> Any:
            return [b"x"], f"200 {text}", []

    return Own("x")


@pytest.mark.parametrize("text", UNSENDABLE, ids=ascii)
@pytest.mark.parametrize(
    "make", [replaced_headers, headers_of_own, added_on_the_way, status_on_the_way]
)
def test_nothing_is_sent_of_an_invalid_message(
    make: Callable[[str], Response], text: str
) -> None:
    sent: list[Any] = []
    closed: list[bool] = []
    response = make(text)
    response.call_on_close(partial(closed.append, True))

    with pytest.raises(ValueError, match=REFUSED):
        response(create_environ(), lambda *answer: sent.append(answer))  # type: ignore[arg-type]  # writes nothing

    assert (sent, closed) == ([], [True])


@given(st.text(max_size=4), st.text(max_size=6))
def test_headers_either_refuse_a_text_or_can_send_it(name: str, value: str) -> None:
    try:
        check_header(name, value)
    except ValueError:
        return

    assert re.fullmatch(r"[!-~]+", name)
    assert re.fullmatch(rb"[\t -~\x80-\xff]*", value.encode("latin-1"))


KEYS = st.sampled_from(["X-A", "x-a", "X-B", "Content-Type", 0, slice(0, 1)])
VALID = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=3)
SET = VALID | st.integers() | st.tuples(KEYS, VALID)


def outcome(headers: Headers, key: Any, value: Any) -> Any:
    try:
        headers[key] = value
    except Exception:
        return "an error"
    return list(headers)


@given(st.lists(st.tuples(KEYS, SET), max_size=6), st.lists(st.sampled_from("aA")))
def test_headers_are_set_as_by_werkzeug(
    changes: list[tuple[Any, Any]], doubled: list[str]
) -> None:
    ours, theirs = Response("x").headers, Headers(Response("x").headers)
    for headers in (ours, theirs):
        for letter in doubled:
            headers.add(f"X-{letter}", "old")

    for key, value in changes:
        assert outcome(ours, key, value) == outcome(theirs, key, value)


@given(VALID)
def test_parameters_of_a_header_are_written_as_by_werkzeug(value: str) -> None:
    ours, theirs = DirectHeaders(), Headers()
    for headers in (ours, theirs):
        headers.add("X-A", "a", some_name=value, other=None)
        headers.set("X-B", "b", name=value)

    assert list(ours) == list(theirs)


def test_parameters_of_a_header_are_checked() -> None:
    with pytest.raises(ValueError, match=REFUSED):
        DirectHeaders().add("Content-Disposition", "attachment", filename="a\0")


def test_headers_are_equal_to_those_of_werkzeug() -> None:
    items = [("X-A", "1"), ("X-B", "2")]

    assert DirectHeaders(items) == Headers(items) == CheckedHeaders(items)
    assert Headers(items) == DirectHeaders(items)
    assert DirectHeaders(items) != Headers(items[:1])
    assert DirectHeaders(items) != items


def test_headers_given_to_a_response_stay_the_same_object() -> None:
    headers = Headers({"X-A": "1"})
    response = Response("x", headers=headers)

    headers.add("X-B", "2")

    assert response.headers is headers
    with pytest.raises(ValueError, match=REFUSED):
        headers.add("X-C", "\0")


def test_the_page_of_an_error_has_checked_headers() -> None:
    class Own(HTTPException):
        code = 418

        def get_headers(self, *args: Any) -> list[tuple[str, str]]:
            return [("X-A", "\0")]

    with pytest.raises(ValueError, match=REFUSED):
        answer(Own())


def test_the_memory_of_names_is_bounded() -> None:
    for number in range(2000):
        check_header(f"X-{number}", "")

    assert len(module._names) <= 512


def test_headers_are_checked_where_their_attributes_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = [("X-A", "1")]
    monkeypatch.setattr(module, "_KEEPS_LIST", False)

    headers = unchecked(items)

    assert type(headers) is CheckedHeaders
    assert list(headers) == items
    assert headers._list is not items


def test_a_response_without_headers_gets_some_of_ours() -> None:
    assert checked(None) == Headers()
    assert type(checked(())) is DirectHeaders
