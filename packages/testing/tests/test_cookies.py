from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import any_texts, plain_texts
from werkzeug.test import EnvironBuilder
from werkzeug.wsgi import get_current_url

from tantalus_testing._cookies import (
    Cookie,
    CookieJar,
    cookie_from_header,
    host_and_path,
)


def sent(jar: CookieJar, path: str = "/", host: str = "localhost") -> str | None:
    """Return the `Cookie` header of a request."""
    environ = EnvironBuilder(path, f"http://{host}/").get_environ()
    jar.fill(environ)
    header: str | None = environ.get("HTTP_COOKIE")
    return header


def jar_of(*headers: str, host: str = "localhost", path: str = "/") -> CookieJar:
    jar = CookieJar()
    jar.learn(host, path, list(headers))
    return jar


def parsed(header: str) -> Cookie:
    cookie = cookie_from_header("localhost", "/", header)
    assert cookie is not None
    return cookie


def test_a_cookie_goes_back_to_its_host() -> None:
    jar = jar_of("a=1", "b=2; Path=/")

    assert sent(jar) == "a=1; b=2"
    assert sent(jar, host="other.example") is None


def test_a_later_cookie_replaces_the_earlier() -> None:
    assert sent(jar_of("a=1", "a=2")) == "a=2"


@pytest.mark.parametrize(
    ("header", "jar", "result"),
    [
        ("mine=1", jar_of(), "mine=1"),
        ("mine=1", jar_of("a=1", host="other.example"), "mine=1"),
        ("mine=1", jar_of("a=1"), "mine=1; a=1"),
        ("a=2; mine=1", jar_of("a=1", "b=3"), "a=2; mine=1; b=3"),
        (" a = 2 ;; mine", jar_of("a=1"), " a = 2 ;; mine"),
    ],
    ids=["empty jar", "other host", "beside", "same name", "untidy"],
)
def test_the_cookies_that_a_test_gives_are_sent(
    header: str, jar: CookieJar, result: str
) -> None:
    environ = EnvironBuilder("/").get_environ() | {"HTTP_COOKIE": header}

    jar.fill(environ)

    assert environ["HTTP_COOKIE"] == result


def test_a_request_that_is_sent_again_has_the_cookies_of_then() -> None:
    environ = EnvironBuilder("/", headers=[("Cookie", "mine=1")]).get_environ()

    jar_of("a=1", "b=1").fill(environ)
    jar_of("a=2").fill(environ)
    assert environ["HTTP_COOKIE"] == "mine=1; a=2"

    CookieJar().fill(environ)
    assert environ["HTTP_COOKIE"] == "mine=1"


def test_a_request_that_only_had_cookies_of_the_jar_may_be_sent_without() -> None:
    environ = EnvironBuilder("/").get_environ()

    jar_of("a=1").fill(environ)
    CookieJar().fill(environ)

    assert "HTTP_COOKIE" not in environ


@given(plain_texts, plain_texts)
def test_filling_a_request_twice_is_filling_it_once(given: str, kept: str) -> None:
    environ = EnvironBuilder("/").get_environ() | {"HTTP_COOKIE": f"a={given}"}
    jar = jar_of(f"b={kept}")

    jar.fill(environ)
    once = dict(environ)
    jar.fill(environ)

    assert environ == once


@pytest.mark.parametrize(
    ("domain", "host", "goes"),
    [
        ("", "shop.example", True),
        ("", "www.shop.example", False),
        ("; Domain=shop.example", "shop.example", True),
        ("; Domain=.Shop.Example", "www.shop.example", True),
        ("; Domain=shop.example", "workshop.example", False),
        ("; Domain=shop.example", "shop.example:8080", True),
    ],
)
def test_the_domain_says_where_a_cookie_goes(
    domain: str, host: str, goes: bool
) -> None:
    jar = jar_of(f"a=1{domain}", host="shop.example")

    assert (sent(jar, host=host) == "a=1") is goes


@pytest.mark.parametrize(
    ("cookie_path", "path", "goes"),
    [
        ("/", "/", True),
        ("/", "/a/b", True),
        ("/a", "/a", True),
        ("/a", "/a/b", True),
        ("/a/", "/a/b", True),
        ("/a/", "/a", False),
        ("/a", "/ab", False),
        ("/a", "/", False),
    ],
)
def test_the_path_says_where_a_cookie_goes(
    cookie_path: str, path: str, goes: bool
) -> None:
    assert (sent(jar_of(f"a=1; Path={cookie_path}"), path) == "a=1") is goes


def test_a_cookie_without_path_is_for_the_folder_it_came_from() -> None:
    jar = jar_of("a=1", path="/shop/items/7")

    assert sent(jar, "/shop/items/8") == "a=1"
    assert sent(jar, "/shop") is None


def test_the_cookie_with_the_longest_path_comes_first() -> None:
    jar = jar_of("a=1; Path=/", "a=2; Path=/x/y", "a=3; Path=/x")

    assert sent(jar, "/x/y") == "a=2; a=3; a=1"


@pytest.mark.parametrize(
    "attribute",
    [
        "Max-Age=0",
        "Max-Age=-5",
        "Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires=Sat, 01 Jan 2000 00:00:00 GMT",
    ],
)
def test_an_expired_cookie_removes_its_predecessor(attribute: str) -> None:
    assert sent(jar_of("a=1", f"a=; {attribute}")) is None


@pytest.mark.parametrize(
    "attribute",
    [
        "Max-Age=60",
        "Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Max-Age=soon",
        "Max-Age",
        "Expires=someday",
    ],
)
def test_any_other_cookie_stays(attribute: str) -> None:
    assert sent(jar_of(f"a=1; {attribute}")) == "a=1"


def test_the_attributes_of_a_cookie_are_kept() -> None:
    cookie = parsed(
        "Na-me=%22x\\\\; Expires=Fri, 01 Jan 2100 00:00:00 GMT; max-age=60; "
        "Domain=shop.example; Path=/a; Secure; HttpOnly; SameSite=Lax"
    )

    assert cookie.key == "Na-me"
    assert cookie.expires == datetime(2100, 1, 1, tzinfo=UTC)
    assert cookie.max_age == 60
    assert cookie.domain == "shop.example"
    assert cookie.origin_only is False
    assert cookie.path == "/a"
    assert cookie.secure is True
    assert cookie.http_only is True
    assert cookie.same_site == "Lax"


def test_a_bare_cookie_has_no_attributes() -> None:
    cookie = parsed("a=1")

    assert cookie.expires is None
    assert cookie.max_age is None
    assert cookie.origin_only is True
    assert cookie.secure is False
    assert cookie.http_only is False
    assert cookie.same_site is None


def test_a_value_is_kept_as_sent_and_as_the_app_sees_it() -> None:
    cookie = parsed('a="x\\054y"')

    assert cookie.value == '"x\\054y"'
    assert cookie.decoded_value == "x,y"


@pytest.mark.parametrize("header", ["", ";", "=1; Path=/"])
def test_a_header_without_a_name_sets_nothing(header: str) -> None:
    assert sent(jar_of(header)) is None


def test_a_cookie_can_be_looked_up_and_removed() -> None:
    jar = jar_of("a=1")

    assert jar.get("localhost", "/", "a") == parsed("a=1")
    jar.remove("localhost", "/", "a")
    jar.remove("localhost", "/", "a")
    assert jar.get("localhost", "/", "a") is None


def test_a_copied_jar_goes_its_own_way() -> None:
    jar = jar_of("a=1")
    other = jar.copy()

    other.learn("localhost", "/", ["b=2"])

    assert sent(jar) == "a=1"
    assert sent(other) == "a=1; b=2"


@given(st.one_of(plain_texts, any_texts))
def test_no_header_of_an_app_raises(header: str) -> None:
    jar_of(f"a=1; {header}", header)


@given(
    root=st.sampled_from(["", "/root", "/ro ot", "/root/"]),
    path=st.one_of(
        st.sampled_from(["", "/", "/a/b", "/a//b", "//a", "/ä", "/a%2Fb", "/a b"]),
        st.builds("/{}".format, any_texts),
    ),
    host=st.sampled_from(["localhost", "a.example:81", "LOCAL.example", "[::1]:5000"]),
)
def test_host_and_path_agree_with_the_url_of_the_request(
    root: str, path: str, host: str
) -> None:
    environ = EnvironBuilder("/").get_environ()
    environ |= {
        "SCRIPT_NAME": root.encode().decode("latin1"),
        "PATH_INFO": path.encode().decode("latin1"),
        "HTTP_HOST": host,
    }

    url = urlsplit(get_current_url(environ))
    assert host_and_path(environ) == (url.hostname, url.path)


def test_a_request_without_a_host_is_for_localhost() -> None:
    environ = EnvironBuilder("/a").get_environ() | {"HTTP_HOST": ""}

    assert host_and_path(environ) == ("localhost", "/a")


def test_a_cookie_that_is_not_utf8_stays_as_it_is() -> None:
    cookie = parsed("caf\xe9 = \xe9")

    assert (cookie.decoded_key, cookie.decoded_value) == ("caf\xe9", "\xe9")
