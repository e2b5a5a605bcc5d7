from __future__ import annotations

import sys
from typing import Any
from wsgiref.types import WSGIEnvironment

import pytest
from fakes import FakeApp
from hypothesis import event, given
from strategies import everyday_calls, options, paths
from werkzeug.datastructures import Authorization, Headers, MultiDict

from tantalus_testing import EnvironBuilder
from tantalus_testing._environ import NotPlain, frame, plain_environ

APP = FakeApp(SERVER_NAME="shop.example:8080", APPLICATION_ROOT="/shop")


def quick(app: object, path: str, **call: Any) -> WSGIEnvironment:
    return plain_environ(app, path, call)


def built(app: object, path: str, **call: Any) -> WSGIEnvironment:
    builder = EnvironBuilder(app, path, **call)
    try:
        return builder.get_environ()
    finally:
        builder.close()


def comparable(environ: WSGIEnvironment) -> WSGIEnvironment:
    """Return the environ with its body in place of the stream."""
    return {**environ, "wsgi.input": environ["wsgi.input"].read()}


@given(path=paths, call=options())
def test_a_quick_environ_equals_the_builders(path: str, call: dict[str, Any]) -> None:
    try:
        environ = quick(APP, path, **call)
    except NotPlain:
        event("left to the builder")
        return

    event("quick")
    assert comparable(environ) == comparable(built(APP, path, **call))


@given(everyday_calls())
def test_an_everyday_environ_equals_the_builders(call: tuple[str, Any]) -> None:
    path, given_options = call
    try:
        environ = quick(APP, path, **given_options)
    except NotPlain:
        event("left to the builder")
        return

    event("quick")
    assert comparable(environ) == comparable(built(APP, path, **given_options))


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "a path": ("/items/7", {}),
    "a path with a query": ("/items?sort=name&page=2", {"method": "GET"}),
    "a query as text": ("/", {"query_string": "a=1"}),
    "a query as a dict": ("/", {"query_string": {"q": "ä b", "n": [1, 2]}}),
    "JSON": ("/", {"method": "POST", "json": {"name": "Zoë", "n": None}}),
    "JSON of another type": ("/", {"json": [1], "content_type": "application/x+json"}),
    "an empty JSON value": ("/", {"json": []}),
    "a form": ("/", {"method": "POST", "data": {"a": "ö", "b": ["1", 2]}}),
    "a form with its type": (
        "/",
        {
            "data": {"a": "1"},
            "content_type": "application/x-www-form-urlencoded; charset=utf-8",
        },
    ),
    "text": ("/", {"data": "grüße", "content_type": "text/plain"}),
    "bytes": ("/", {"data": b"\0\1"}),
    "a type without a body": ("/", {"content_type": "text/plain"}),
    "headers as a dict": ("/", {"headers": {"X-Token": "t", "content-type": "a/b"}}),
    "headers as pairs": ("/", {"headers": [("Accept", "a"), ("accept", "b")]}),
    "headers as an object": ("/", {"headers": Headers({"Content-Length": "5"})}),
    "a header that loses to auth": (
        "/",
        {"headers": {"authorization": "none"}, "auth": ("ada", "pass:word")},
    ),
    "a token": ("/", {"auth": Authorization("bearer", token="abc")}),
    "a base URL": ("/", {"base_url": "https://other.example/root/"}),
    "a subdomain and a scheme": ("/", {"subdomain": "www", "url_scheme": "https"}),
    "environ values": (
        "/",
        {
            "environ_base": {"HTTP_X_A": "base", "PATH_INFO": "never"},
            "environ_overrides": {"REMOTE_USER": "ada", "PATH_INFO": "always"},
        },
    ),
}


@pytest.mark.parametrize(("path", "call"), CALLS.values(), ids=CALLS.keys())
def test_an_everyday_request_needs_no_builder(path: str, call: dict[str, Any]) -> None:
    environ = comparable(quick(APP, path, **call))

    assert environ == comparable(built(APP, path, **call))


OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "a whole URL": ("https://example.org/", {}),
    "a quoted path": ("/caf%C3%A9", {}),
    "a path with two slashes first": ("//a", {}),
    "a fragment": ("/#top", {}),
    "two queries": ("/?a=1", {"query_string": {"b": 2}}),
    "a query that is not ASCII": ("/", {"query_string": "ä"}),
    "a query without fields": ("/", {"query_string": {}}),
    "a query with None": ("/", {"query_string": {"a": None}}),
    "a query as a multi-dict": ("/", {"query_string": MultiDict({"a": "1"})}),
    "headers that are read once": ("/", {"headers": iter([("A", "1")])}),
    "JSON and a form": ("/", {"json": 1, "data": {"a": "1"}}),
    "a file": ("/", {"data": {"file": (sys.stdin, "name")}}),
    "a form of another type": ("/", {"data": {"a": 1}, "content_type": "a/b"}),
    "an empty form": ("/", {"content_type": "application/x-www-form-urlencoded"}),
    "a form with a key that is no text": ("/", {"data": {1: "1"}}),
    "a base URL and a subdomain": ("/", {"base_url": "http://a/", "subdomain": "b"}),
    "an argument of the builder": ("/", {"mimetype": "text/plain"}),
}


@pytest.mark.parametrize(("path", "call"), OTHERS.values(), ids=OTHERS.keys())
def test_anything_else_is_left_to_the_builder(path: str, call: dict[str, Any]) -> None:
    with pytest.raises(NotPlain):
        quick(APP, path, **call)


def test_the_json_encoder_of_the_app_is_used() -> None:
    class AppWithJSON(FakeApp):
        json: Any = None

    class Encoder:
        def dumps(self, value: object) -> str:
            return f"<{value}>"

    app = AppWithJSON()
    app.json = Encoder()

    assert quick(app, "/", json=1)["wsgi.input"].read() == b"<1>"


def test_a_changed_setting_makes_another_frame() -> None:
    app = FakeApp()
    before = quick(app, "/")["HTTP_HOST"]

    app.config["SERVER_NAME"] = "later.example"

    assert before == "localhost"
    assert quick(app, "/")["HTTP_HOST"] == "later.example"


def test_a_frame_is_made_once_and_not_for_ever() -> None:
    settings = ("localhost", "/", "http")

    made = [frame(settings, None, f"s{number}", None) for number in range(100)]

    assert frame(settings, None, "s99", None) is made[99]
    assert frame(settings, None, "s0", None) is not made[0]


def test_errors_go_to_the_standard_error_of_the_moment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert quick(APP, "/")["wsgi.errors"] is sys.stderr
