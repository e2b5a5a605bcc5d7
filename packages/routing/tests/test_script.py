"""Where an application is mounted never leads to another host."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tantalus_routing import Map, Redirect, Router, Rule, script_path

MAP = Map(
    [
        Rule("/a/", endpoint="a"),
        Rule("/page", endpoint="page"),
        Rule("/alias", endpoint="page", alias=True),
        Rule("/old", endpoint="old", redirect_to="page"),
        Rule("/old/<path:p>", endpoint="filled", redirect_to="<p>"),
        Rule("/root/<path:p>", endpoint="filled root", redirect_to="/<p>"),
        Rule("/all/", endpoint="all", defaults={"n": 1}),
        Rule("/all/<int:n>", endpoint="all"),
        Rule("/away", endpoint="away", redirect_to="https://else.example/x"),
    ]
)
PATHS = ["/a", "/alias", "/old", "/old/x", "/root/x", "/all/1"]
PREFIXES = [
    "@evil.example",
    ".evil.example",
    ":80@evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "/\t/evil.example",
    "?",
    "#",
]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("", "/"),
        ("/", "/"),
        ("//", "/"),
        ("/app", "/app/"),
        ("/app/", "/app/"),
        ("app", "/app/"),
        ("//a/b//", "/a/b/"),
        ("/a b/ü", "/a%20b/%C3%BC/"),
        ("/a%20b", "/a%20b/"),
        ("\\x?y#z", "/x%3Fy%23z/"),
    ],
)
def test_a_mount_point_is_a_path(name: str, path: str) -> None:
    assert script_path(name) == path


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", PATHS)
def test_no_redirect_leaves_the_host(prefix: str, path: str) -> None:
    result = MAP.match("GET", path)
    bound = MAP.bind("example.com", prefix, path_info=path)

    assert isinstance(result, Redirect)
    location = result.location(scheme="http", host="example.com", script_name=prefix)
    assert urlsplit(location).netloc == "example.com"
    assert urlsplit(result.url(bound, None)).netloc == "example.com"


@given(prefix=st.text(alphabet="/\\@.:e x?#\t%", max_size=8))
def test_no_built_url_leaves_the_host(prefix: str) -> None:
    bound = MAP.bind("example.com", prefix)

    for external in (False, True):
        url = urljoin("http://example.com/", bound.build("page", None, None, external))
        assert urlsplit(url).netloc == "example.com"
        assert "\\" not in url


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", PATHS)
def test_no_redirect_of_a_router_leaves_the_host(prefix: str, path: str) -> None:
    router = Router()
    for rule in MAP.rules_in_order():
        router.url_map.add(rule.empty())
    environ = EnvironBuilder(path).get_environ()
    environ["SCRIPT_NAME"] = prefix

    _, _, headers = run_wsgi_app(router, environ)

    assert urlsplit(headers["Location"]).netloc == "localhost"


@pytest.mark.parametrize("text", ["https://evil.example", "evil:x", "a:b@c", "x//y"])
@pytest.mark.parametrize("start", ["/old/", "/root/"])
def test_what_is_filled_in_stays_a_path(start: str, text: str) -> None:
    result = MAP.match("GET", start + text)

    assert isinstance(result, Redirect)
    location = result.location(scheme="http", host="example.com")
    # What joins URLs merges slashes, except in a path from the root.
    assert urlsplit(location).netloc == "example.com"
    assert location.replace("//", "/") == f"http:/example.com/{text.replace('//', '/')}"


def test_the_programmer_may_name_another_host() -> None:
    result = MAP.match("GET", "/away")

    assert isinstance(result, Redirect)
    location = result.location(scheme="http", host="example.com")
    assert location == "https://else.example/x"
