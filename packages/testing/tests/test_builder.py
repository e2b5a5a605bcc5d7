from __future__ import annotations

from types import SimpleNamespace

import pytest
from fakes import FakeApp, echo

from tantalus_testing import BaseUrlConflictError, EnvironBuilder


def bare(environ: object, start_response: object) -> list[bytes]:
    return []


def test_a_bare_callable_is_served_at_localhost() -> None:
    builder = EnvironBuilder(bare, "/a")

    assert builder.base_url == "http://localhost/"
    assert builder.path == "/a"


def test_a_config_that_is_no_mapping_is_left_alone() -> None:
    app = SimpleNamespace(config=7)

    assert EnvironBuilder(app).base_url == "http://localhost/"


def test_the_config_says_where_the_app_is_served() -> None:
    app = FakeApp(
        SERVER_NAME="shop.example:8080",
        APPLICATION_ROOT="/shop",
        PREFERRED_URL_SCHEME="https",
    )

    assert EnvironBuilder(app).base_url == "https://shop.example:8080/shop/"


def test_settings_without_a_value_count_as_absent() -> None:
    app = FakeApp(SERVER_NAME=None, APPLICATION_ROOT="/", PREFERRED_URL_SCHEME="http")

    assert EnvironBuilder(app).base_url == "http://localhost/"


def test_a_subdomain_stands_before_the_server_name() -> None:
    app = FakeApp(SERVER_NAME="shop.example")

    builder = EnvironBuilder(app, subdomain="www", url_scheme="https")

    assert builder.base_url == "https://www.shop.example/"


def test_the_host_and_scheme_of_a_whole_url_win() -> None:
    app = FakeApp(SERVER_NAME="shop.example")

    builder = EnvironBuilder(app, "https://other.example/a?b=c")

    assert builder.base_url == "https://other.example/"
    assert builder.path == "/a"
    assert builder.query_string == "b=c"


def test_a_base_url_is_taken_as_it_is() -> None:
    app = FakeApp(SERVER_NAME="shop.example", APPLICATION_ROOT="/shop")

    builder = EnvironBuilder(app, "/a", "https://other.example/root")

    assert builder.base_url == "https://other.example/root/"


@pytest.mark.parametrize("part", ["subdomain", "url_scheme"])
def test_a_base_url_contains_subdomain_and_scheme(part: str) -> None:
    with pytest.raises(
        BaseUrlConflictError,
        match=r'Cannot pass "subdomain" or "url_scheme" with "base_url"\. '
        r"Write host and scheme into base_url='http://a/', or leave it out\.",
    ):
        EnvironBuilder(bare, base_url="http://a/", **{part: "x"})


def test_json_is_made_by_the_standard_encoder() -> None:
    builder = EnvironBuilder(bare, json={"a": None})

    assert builder.get_request().get_data() == b'{"a": null}'
    assert builder.content_type == "application/json"


def test_json_is_made_by_the_app_if_it_can() -> None:
    app = SimpleNamespace(json=SimpleNamespace(dumps=lambda value: f"<{value}>"))

    assert EnvironBuilder(app, json=1).get_request().get_data() == b"<1>"


def test_an_environ_becomes_a_builder_again() -> None:
    app = FakeApp({"/": echo})
    environ = EnvironBuilder(app, "/a?b=c", method="PUT", data="x").get_environ()

    builder = EnvironBuilder.from_environ(environ, app=app)

    assert (builder.path, builder.query_string) == ("/a", "b=c")
    assert builder.method == "PUT"
