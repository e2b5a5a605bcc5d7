from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request as WerkzeugRequest

from tantalus_http import Request, computed

ATTRIBUTES = (
    "method",
    "scheme",
    "server",
    "root_path",
    "path",
    "query_string",
    "remote_addr",
    "host",
    "url",
    "full_path",
    "is_secure",
)


@pytest.mark.parametrize(
    "environ",
    [
        {"REQUEST_METHOD": "post", "PATH_INFO": "//a//b"},
        {"PATH_INFO": "/sm\xc3\xb6r", "QUERY_STRING": "a=\xc3\xb6&b=1"},
        {"PATH_INFO": "/\xff", "SCRIPT_NAME": "/mount/"},
        {"wsgi.url_scheme": "https", "SERVER_PORT": "443", "REMOTE_ADDR": "::1"},
        {"SERVER_PORT": "none"},
        {"HTTP_HOST": "example.org:8000"},
    ],
    ids=["method", "utf-8", "invalid", "https", "port", "host"],
)
def test_attributes_are_werkzeugs(environ: dict[str, Any]) -> None:
    made = {**EnvironBuilder().get_environ(), **environ}
    expected = WerkzeugRequest(made.copy())

    ours = Request(made)

    assert [getattr(ours, name) for name in ATTRIBUTES] == [
        getattr(expected, name) for name in ATTRIBUTES
    ]
    assert dict(ours.headers) == dict(expected.headers)


def test_an_environ_without_a_server_has_none() -> None:
    environ = EnvironBuilder().get_environ()
    del environ["SERVER_NAME"]

    assert Request(environ).server is None


class Replaced(Request):
    """Has properties where `Request` computes attributes, and asks those."""

    @property
    def args(self) -> Any:
        return super().args.getlist("a")

    @property
    def remote_addr(self) -> Any:
        return f"<{super().remote_addr}>"

    @remote_addr.setter
    def remote_addr(self, value: Any) -> None:
        raise AssertionError


class Closed(Request):
    """Takes attributes only until it is made."""

    def __setattr__(self, name: str, value: Any) -> None:
        if "has_read_files" in vars(self):
            raise AttributeError(name)
        super().__setattr__(name, value)


def test_a_property_may_ask_for_the_attribute_that_it_replaces() -> None:
    for _ in range(2):
        request = Replaced(EnvironBuilder(query_string="a=1&a=2").get_environ())
        request.environ["REMOTE_ADDR"] = "10.0.0.1"

        assert request.args == request.args == ["1", "2"]
        assert request.remote_addr == "<10.0.0.1>"


def test_a_class_that_refuses_attributes_has_them_computed() -> None:
    request = Closed(EnvironBuilder(query_string="a=1").get_environ())

    assert request.args["a"] == "1"
    assert request.args is request.args


def test_an_attribute_is_computed_once_and_can_be_replaced() -> None:
    asked = Request(EnvironBuilder("/a").get_environ())
    headers = asked.headers

    asked.environ["SCRIPT_NAME"] = "/b"

    assert asked.headers is headers
    assert asked.root_path == "/b"
    asked.environ["SCRIPT_NAME"] = "/c"
    assert asked.root_path == "/b"
    asked.root_path = "/d"
    assert asked.root_path == "/d"
    assert isinstance(Request.root_path, computed)


@pytest.mark.parametrize(
    ("mount", "path"),
    [
        ("/a/", "/a"),
        ("a", "/a"),
        ("@evil.example", "/@evil.example"),
        ("//evil.example", "/evil.example"),
        ("/\\\t/evil.example", "/evil.example"),
        ("//", ""),
    ],
)
def test_a_mount_point_is_a_path_with_one_slash_in_front(mount: str, path: str) -> None:
    asked = Request({"SCRIPT_NAME": mount})

    assert (asked.root_path, asked.script_root) == (path, path)


def test_a_request_is_found_in_the_environ_unless_shallow() -> None:
    environ = EnvironBuilder().get_environ()

    Request(environ, shallow=True)
    assert "werkzeug.request" not in environ
    Request(environ, populate_request=False)
    assert "werkzeug.request" not in environ
    asked = Request(environ)
    assert environ["werkzeug.request"] is asked


FORM = "application/x-www-form-urlencoded"


def posted(body: bytes, kind: type[Request] = Request, **changes: Any) -> Request:
    return kind(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": FORM,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            **changes,
        }
    )


@pytest.mark.parametrize(
    "limit", ["max_content_length", "max_form_memory_size", "max_form_parts"]
)
def test_the_limits_are_werkzeugs_unless_set(limit: str) -> None:
    assert getattr(Request({}), limit) == getattr(WerkzeugRequest({}), limit)


def test_a_limit_may_be_that_of_one_request() -> None:
    asked = posted(b"a=12345678")
    asked.max_content_length = 5

    with pytest.raises(RequestEntityTooLarge):
        _ = asked.form
    assert posted(b"a=12345678").form["a"] == "12345678"


class Small(Request):
    max_form_memory_size = 10
    max_form_parts = 3


@pytest.mark.parametrize("body", [b"a&b=2&c=3", b"a=12345678", b"a=%FF&b=2"])
def test_a_form_within_the_limits_is_read(body: bytes) -> None:
    assert len(posted(body, Small).form) >= 1


@pytest.mark.parametrize("body", [b"a=1&b&c&d", b"a=123456789", b"a=%FF&b&c&d"])
@pytest.mark.parametrize(
    "changes", [{}, {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": 1}]
)
def test_a_form_beyond_the_limits_is_refused(
    body: bytes, changes: dict[str, Any]
) -> None:
    with pytest.raises(RequestEntityTooLarge):
        _ = posted(body, Small, **changes).form


def test_the_limits_may_be_those_of_multipart_bodies_only() -> None:
    class Unlimited(Small):
        limits_urlencoded_forms = False

    assert len(posted(b"a&b&c&d", Unlimited).form) == 4
    with pytest.raises(RequestEntityTooLarge):
        _ = posted(b"a=123456789&b=%FF", Small).form
    assert posted(b"a=123456789&b=%FF", Unlimited).form["b"] == "%FF"


def test_there_may_be_no_limits() -> None:
    class Unlimited(Request):
        max_form_memory_size = None
        max_form_parts = None

    body = b"&".join(b"a%d=1" % number for number in range(200_000))

    assert len(posted(body, Unlimited).form) == 200_000


def test_an_own_form_parser_is_left_alone() -> None:
    class Own(Small):
        form_data_parser_class = FormDataParser

    assert posted(b"a&b&c&d", Own).form == MultiDict(dict.fromkeys("abcd", ""))


def test_uploaded_files_are_closed_with_the_request() -> None:
    asked = Request(EnvironBuilder(data={"f": (BytesIO(b"x"), "x")}).get_environ())
    file = asked.files["f"]

    asked.close()

    assert isinstance(file, FileStorage)
    assert file.stream.closed


def test_closing_a_request_that_was_not_read_reads_nothing() -> None:
    asked = posted(b"a=1")

    asked.close()

    assert "form" not in vars(asked)


def test_a_body_that_was_read_can_be_read_again() -> None:
    asked = posted(b'{"a": [1]}', CONTENT_TYPE="application/json")

    assert asked.get_data(as_text=True) == '{"a": [1]}'
    assert asked.get_data() == b'{"a": [1]}'
    assert asked.get_json() == {"a": [1]}


def asked_with(**headers: str) -> dict[str, Any]:
    return {**EnvironBuilder().get_environ(), **headers}


@pytest.mark.parametrize(
    "header", ["", "a=b", 'a="b  c"; a=d; e', "a=\xc3\xb6", f'a="{" " * 63}"']
)
def test_cookies_are_werkzeugs(header: str) -> None:
    environ = asked_with(HTTP_COOKIE=header)

    ours = Request(environ.copy()).cookies

    theirs = WerkzeugRequest(environ.copy()).cookies
    assert type(ours) is type(theirs)
    assert list(ours.items(multi=True)) == list(theirs.items(multi=True))


def test_without_a_header_there_are_no_cookies() -> None:
    assert not Request(asked_with()).cookies


@pytest.mark.parametrize("blanks", [" " * 64, "\t" * 64, " \t" * 32])
@pytest.mark.parametrize("before", ["", "a=", "a=b; c"])
def test_cookies_with_64_blanks_in_a_row_are_a_400(blanks: str, before: str) -> None:
    asked = Request(asked_with(HTTP_COOKIE=f'{before}{blanks}"'))

    with pytest.raises(BadRequest, match="64 blanks in a row"):
        asked.cookies  # noqa: B018 - raises


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("text/html, a/b;q=0.5", "text/html"),
        ("text/html  ;  q=0.1,\t\ta/b", "a/b"),
        (f'W/"{" " * 5000}", a/b', "a/b"),
        (None, None),
    ],
)
def test_the_best_media_type_is_told(header: str | None, best: str | None) -> None:
    asked = Request(asked_with() if header is None else asked_with(HTTP_ACCEPT=header))

    assert asked.accept_mimetypes.best_match(["text/html", "a/b"]) == best
