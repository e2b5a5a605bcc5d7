from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given
from strategies import cookie_headers, names
from werkzeug.datastructures import Headers, ImmutableMultiDict, MultiDict
from werkzeug.wrappers import Request, Response

from tantalus_sessions._exchange import (
    _Entries,
    add_set_cookie,
    cookie_value,
    other_cookie_values,
    vary_by_cookie,
)


def request(header: str | None, kind: type[Request] = Request) -> Request:
    environ = {} if header is None else {"HTTP_COOKIE": header}
    return kind(environ)


@given(cookie_headers, names)
def test_the_value_is_that_of_request_cookies(header: str, name: str) -> None:
    assert cookie_value(request(header), name) == request(header).cookies.get(name)


def test_without_a_header_there_is_no_value() -> None:
    assert cookie_value(request(None), "session") is None


class OwnCookies(Request):
    @property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        return ImmutableMultiDict({"session": "own"})


class LastWins(Request):
    class dict_storage_class(ImmutableMultiDict[str, str]):  # noqa: N801 Werkzeug's name
        def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
            return self.getlist(key)[-1]


class Quiet(Request):
    pass


@pytest.mark.parametrize(
    ("kind", "value"), [(OwnCookies, "own"), (LastWins, "2"), (Quiet, "1")]
)
def test_a_request_class_decides_what_its_cookies_are(
    kind: type[Request], value: str
) -> None:
    found = cookie_value(request("session=1; session=2", kind), "session")

    assert found == value


class FromHeader(property):
    reads_header = True


class SaysSo(Request):
    """Reads the header itself, which here nobody has to see."""

    @FromHeader
    def cookies(self) -> ImmutableMultiDict[str, str]:
        raise NotImplementedError


def test_cookies_that_are_said_to_be_of_the_header_are_read_there() -> None:
    assert cookie_value(request("session=1", SaysSo), "session") == "1"


def test_further_cookies_are_none_if_the_header_has_64_blanks_in_a_row() -> None:
    header = f'session=1; session=2; a={" " * 64}"'

    assert other_cookie_values(request(header), "session") == []


class Duck:
    cookies = MultiDict({"session": "duck"})


def test_a_request_that_is_not_of_werkzeug_is_asked_for_its_cookies() -> None:
    assert cookie_value(Duck(), "session") == "duck"  # type: ignore[arg-type] # on purpose


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "Cookie"),
        ("Accept", "Accept, Cookie"),
        ("cookie", "cookie"),
        ("*", "*, Cookie"),
    ],
)
def test_vary_becomes_what_werkzeug_makes_of_it(before: str | None, after: str) -> None:
    ours, theirs = Response(), Response()
    if before:
        ours.headers["vary"] = theirs.headers["vary"] = before

    vary_by_cookie(ours)
    theirs.vary.add("Cookie")

    assert ours.headers["Vary"] == after
    assert list(ours.headers) == list(theirs.headers)


class OwnVary(Response):
    varied: list[str]

    @property
    def vary(self) -> Any:
        return self

    def add(self, name: str) -> None:
        self.varied = [name]


def test_a_response_class_decides_how_it_varies() -> None:
    response = OwnVary()

    vary_by_cookie(response)

    assert response.varied == ["Cookie"]


def test_vary_is_set_where_a_dict_has_taken_the_place_of_the_headers() -> None:
    response = Response()
    response.headers = {}  # type: ignore[assignment] # as programs do

    vary_by_cookie(response)

    assert response.headers["Vary"] == "Cookie"


class OwnCookie(Response):
    def set_cookie(self, *args: Any, **kwargs: Any) -> None:
        raise AssertionError


def test_a_response_class_with_its_own_cookies_is_left_alone() -> None:
    response = OwnCookie()

    assert add_set_cookie(response, "a=b") is False
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("entries", [attrgetter("_list"), _Entries])
def test_with_and_without_the_private_list_the_header_is_the_same(
    entries: Callable[[Headers], list[tuple[str, str]]],
) -> None:
    headers = Headers([("A", "b")])

    found = entries(headers)

    assert found == [("A", "b")]
    found.append(("Set-Cookie", "c"))
    assert list(headers) == [("A", "b"), ("Set-Cookie", "c")]
