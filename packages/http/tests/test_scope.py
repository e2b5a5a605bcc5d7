from __future__ import annotations

import sys
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.validate import check_environ  # type: ignore[attr-defined]  # not in typeshed

import pytest
from driver import Headers, scope_of
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import SecurityError

from tantalus_http import HostCheck, environ_of
from tantalus_http._scope import announces_body, headers_of, length_of


def test_an_environ_is_what_pep_3333_asks_for() -> None:
    environ = environ_of(scope_of("/a b", "POST", b"x=1"))

    check_environ(environ)
    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["PATH_INFO"] == "/a b"
    assert environ["SCRIPT_NAME"] == ""
    assert environ["QUERY_STRING"] == "x=1"
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "8000")
    assert (environ["REMOTE_ADDR"], environ["REMOTE_PORT"]) == ("192.0.2.7", "50000")
    assert environ["HTTP_HOST"] == "example.org"
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["wsgi.errors"] is sys.stderr
    assert environ["wsgi.input"].read() == b""
    assert environ["wsgi.input_terminated"] is True


def test_an_environ_holds_the_scope_and_the_body_that_is_given() -> None:
    scope, body = scope_of(), BytesIO(b"text")

    environ = environ_of(scope, body)

    assert environ["asgi.scope"] is scope
    assert environ["wsgi.input"] is body


def test_a_scope_with_nothing_but_the_necessary_is_enough() -> None:
    environ = environ_of({"type": "http", "path": "/", "headers": []})

    check_environ(environ)
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("localhost", "80")
    assert "REMOTE_ADDR" not in environ


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([(b"content-type", b"text/plain")], {"CONTENT_TYPE": "text/plain"}),
        ([(b"content-length", b"5")], {"CONTENT_LENGTH": "5"}),
        ([(b"x-a", b"1"), (b"x-a", b"2")], {"HTTP_X_A": "1,2"}),
        ([(b"cookie", b"a=1"), (b"cookie", b"b=2")], {"HTTP_COOKIE": "a=1; b=2"}),
        ([(b"X-Case", b"1"), (b"x-case", b"2")], {"HTTP_X_CASE": "1,2"}),
        ([(b"x-name", b"\xc3\xb6\xff")], {"HTTP_X_NAME": "\xc3\xb6\xff"}),
        ([(b"x-\xff\xb5", b"1")], {"HTTP_X_\xff\xb5": "1"}),
    ],
    ids=["type", "length", "twice", "cookies", "case", "bytes", "name of bytes"],
)
def test_a_header_has_one_place_in_the_environ(
    headers: Headers, expected: dict[str, str]
) -> None:
    environ = environ_of(scope_of(headers=headers))

    assert {name: environ.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    "name",
    [b"x_real_ip", b"x-real_ip", b"content_length", b"proxy", b"Proxy", b"_"],
    ids=bytes.decode,
)
def test_a_header_that_would_pass_for_another_is_dropped(name: bytes) -> None:
    environ = environ_of(scope_of(headers=[(name, b"forged")]))

    assert "forged" not in environ.values()


def test_two_hosts_are_no_host() -> None:
    environ = environ_of(scope_of(headers=[(b"host", b"evil.example")]))

    assert environ["HTTP_HOST"] == "example.org,evil.example"
    with pytest.raises(SecurityError, match="malformed"):
        HostCheck(None, strict=True).host_of(environ)


@pytest.mark.parametrize(
    ("root", "path", "mount", "below"),
    [
        ("", "/a", "", "/a"),
        ("/app", "/app/a", "/app", "/a"),
        ("/app/", "/app/a", "/app", "/a"),
        ("/app/", "/app//a", "/app", "/a"),
        ("app", "app/a", "/app", "/a"),
        ("/app", "/app", "/app", ""),
        ("/app", "/app/", "/app", "/"),
        ("/app", "/apple", "/app", "/apple"),
        ("/app", "/a", "/app", "/a"),
        ("/", "/a", "", "/a"),
        ("/", "//a", "", "/a"),
        ("/", "/", "", "/"),
        ("/a/b", "/a/b/c", "/a/b", "/c"),
        (None, "/a", "", "/a"),
    ],
)
def test_a_mount_is_taken_off_the_path(
    root: str | None, path: str, mount: str, below: str
) -> None:
    environ = environ_of(scope_of(path, root_path=root))

    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (mount, below)


@pytest.mark.parametrize(
    ("raw", "path", "root", "below"),
    [
        (b"/%C3%B6", "/ö", "", "/\xc3\xb6"),
        (b"/%FF", "/\ufffd", "", "/\xff"),
        (b"/app/%FFa", "/app/\ufffda", "/app", "/\xffa"),
        (b"/%C3%B6/%FF", "/ö/\ufffd", "/ö", "/\xff"),
        (b"/other", "/ö", "", "/\xc3\xb6"),
        (b"/%FF?a=1", "/\ufffd", "", "/\xef\xbf\xbd"),
        (None, "/ö", "", "/\xc3\xb6"),
        (b"/a%2Fb", "/a/b", "", "/a/b"),
        (None, "/\ud800", "", "/?"),
    ],
    ids=[
        "utf-8",
        "other bytes",
        "below a mount",
        "below a mount in utf-8",
        "rewritten",
        "with the query",
        "unknown",
        "slash",
        "surrogate",
    ],
)
def test_a_path_keeps_the_bytes_that_were_sent(
    raw: bytes | None, path: str, root: str, below: str
) -> None:
    environ = environ_of(scope_of(path, root_path=root, raw_path=raw))

    assert environ["PATH_INFO"] == below


def test_what_the_client_wrote_is_kept_with_its_escapes() -> None:
    asked = environ_of(scope_of("/a/b", raw_path=b"/a%2Fb", query=b"c=%20"))
    plain = environ_of(scope_of("/a/b", raw_path=b"/a%2Fb"))

    assert asked["RAW_URI"] == asked["REQUEST_URI"] == "/a%2Fb?c=%20"
    assert plain["RAW_URI"] == "/a%2Fb"


@given(st.binary(max_size=20))
def test_any_path_reads_as_a_wsgi_server_gives_it(tail: bytes) -> None:
    raw = b"/" + b"".join(b"%%%02X" % byte for byte in tail)
    path = unquote_to_bytes(raw)

    environ = environ_of(scope_of(path.decode(errors="replace"), raw_path=raw))

    assert environ["PATH_INFO"] == path.decode("latin1")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"server": ("/run/app.sock", None)}, ("localhost", "80", "http")),
        (
            {"server": ("/run/app.sock", None), "scheme": "https"},
            ("localhost", "443", "https"),
        ),
        ({"server": None, "scheme": "gopher"}, ("localhost", "80", "gopher")),
        ({"server": ("::1", 443), "scheme": "wss"}, ("::1", "443", "https")),
        ({"type": "websocket", "scheme": "ws"}, ("127.0.0.1", "8000", "http")),
    ],
    ids=["socket", "socket, https", "none", "wss", "ws"],
)
def test_a_server_is_always_named(
    scope: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    environ = environ_of(scope_of(**scope))

    names = "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme"
    assert tuple(environ[name] for name in names) == expected


def test_a_scope_without_a_request_is_refused() -> None:
    with pytest.raises(ValueError, match="type 'lifespan' has no request"):
        environ_of({"type": "lifespan"})


def test_names_of_clients_are_not_remembered_without_end() -> None:
    for number in range(600):
        name = f"x-{number}".encode()
        environ = environ_of(scope_of(headers=[(name, b"1")]))
        assert environ[f"HTTP_X_{number}"] == "1"


@pytest.mark.parametrize(
    ("headers", "version", "expected"),
    [
        ([], "1.1", (False, None)),
        ([], "2", (True, None)),
        ([(b"content-length", b"0")], "2", (False, 0)),
        ([(b"content-length", b"")], "1.1", (True, 0)),
        ([(b"content-length", b"5")], "1.1", (True, 5)),
        ([(b"content-length", b"five")], "1.1", (True, 0)),
        ([(b"content-length", b"9" * 9_999)], "1.1", (True, 0)),
        ([(b"transfer-encoding", b"chunked")], "1.1", (True, None)),
        (
            [(b"content-length", b"5"), (b"transfer-encoding", b"chunked")],
            "1.1",
            (True, None),
        ),
    ],
    ids=[
        "none",
        "http/2",
        "zero",
        "empty",
        "length",
        "text",
        "huge",
        "chunked",
        "both",
    ],
)
def test_a_body_is_announced_by_its_headers(
    headers: Headers, version: str, expected: tuple[bool, int | None]
) -> None:
    scope = scope_of(headers=headers, http_version=version)

    found = headers_of(scope)
    assert (announces_body(scope, found), length_of(found)) == expected
