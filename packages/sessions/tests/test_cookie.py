from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import cookie_headers, names
from werkzeug.http import dump_cookie
from werkzeug.sansio.http import parse_cookie

from tantalus_sessions import CookiePolicy, CookiePolicyError
from tantalus_sessions._cookie import cookie_frame, first_cookie

MOMENTS = [
    None,
    datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC),
    datetime(2026, 1, 2, 3, 4, 5),
    datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=5))),
    datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC),
    0,
    1.5,
    "Fri, 02 Jan 2026 03:04:05 GMT",
]


@given(cookie_headers, names)
@example("session=1\tsession", "session")
@example("session=a b", "session")
@example("session=; session=a", "session")
@example("x=1\n; session=a", "session")
@example("x=\n=; session=a", "session")
@example("\nsession=a", "session")
@example("x; \nsession=a; session=b", "session")
@example("session=a\n", "session")
def test_the_first_cookie_is_the_one_werkzeug_returns(header: str, name: str) -> None:
    assert first_cookie(header, name) == parse_cookie(header).get(name)


@given(st.text(), st.text(max_size=3))
def test_any_header_is_read_as_werkzeug_reads_it(header: str, name: str) -> None:
    assert first_cookie(header, name) == parse_cookie(header).get(name)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("session=a", "a"),
        ("x=1; session=a; session=b", "a"),
        ("session =a; session=b", "a"),
        ("session; session=b", ""),
        ("x=session=b; session=a", "a"),
        ("xsession=b; session=a", "a"),
        ('x="; session=evil"; session=a', "a"),
        ('session="a\\073b"', "a;b"),
        ("x=1;session=a ", "a"),
        ("session=a ", "a"),
        ("xsession=1", None),
        ("", None),
    ],
)
def test_a_header_has_this_session(header: str, value: str | None) -> None:
    assert first_cookie(header, "session") == value


@pytest.mark.parametrize("blanks", [" " * 64, "\t" * 64, " \t" * 32])
@pytest.mark.parametrize("before", ["session=", "session=a; b=", 'x="'])
def test_a_header_with_64_blanks_in_a_row_has_no_cookies(
    blanks: str, before: str
) -> None:
    header = f'{before}{blanks}"; session=a'

    assert first_cookie(header, "session") is None


def test_a_header_may_have_fewer_blanks_in_a_row() -> None:
    header = f'session="{" " * 63}"'

    assert first_cookie(header, "session") == " " * 63


@given(
    name=st.sampled_from(["session", "a-b", "é"]),
    domain=st.sampled_from([None, "", "example.com", ".example.com:80", "bücher.de"]),
    path=st.sampled_from(["/", "/a b;", None]),
    secure=st.booleans(),
    httponly=st.booleans(),
    samesite=st.sampled_from([None, "Lax", "strict", "None"]),
    partitioned=st.booleans(),
    expires=st.sampled_from(MOMENTS),
)
def test_the_header_is_the_one_werkzeug_writes(expires: Any, **attributes: Any) -> None:
    frame = cookie_frame(**attributes)

    assert frame.render("a.b-c_", expires) == dump_cookie(
        value="a.b-c_", key=attributes.pop("name"), expires=expires, **attributes
    )


def test_the_deletion_is_the_one_werkzeug_writes() -> None:
    frame = cookie_frame("s", "example.com", "/x", True, True, "Lax", True)

    assert frame.render_deletion() == dump_cookie(
        "s",
        expires=0,
        max_age=0,
        domain="example.com",
        path="/x",
        secure=True,
        httponly=True,
        samesite="Lax",
        partitioned=True,
    )


def test_true_and_one_are_written_as_werkzeug_writes_them() -> None:
    one = cookie_frame("s", None, "/", 1, False, None, False)
    true = cookie_frame("s", None, "/", True, False, None, False)

    assert one.render("v") == "s=v; Secure=1; Path=/"
    assert true.render("v") == "s=v; Secure; Path=/"


@pytest.mark.parametrize(
    "attributes", [("a\nb", None, "/"), ("a", "x\r\ny", "/"), ("a\r", None, "/")]
)
def test_a_line_break_never_reaches_a_header(
    attributes: tuple[str, str | None, str],
) -> None:
    with pytest.raises(ValueError, match=r"line break|codepoint|label"):
        cookie_frame(*attributes, False, False, None, False)


def test_the_default_policy_is_the_safe_one() -> None:
    policy = CookiePolicy()

    assert policy.set_cookie("v") == "session=v; HttpOnly; Path=/; SameSite=Lax"
    assert policy.set_cookie("v", over_https=True) == (
        "session=v; Secure; HttpOnly; Path=/; SameSite=Lax"
    )
    assert policy.delete_cookie() == (
        "session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly;"
        " Path=/; SameSite=Lax"
    )


def test_a_policy_writes_all_its_attributes() -> None:
    policy = CookiePolicy(
        name="__Secure-s",
        domain="example.com",
        path="/shop",
        secure=True,
        httponly=False,
        samesite="None",
        partitioned=True,
    )
    expires = datetime(2026, 1, 2, tzinfo=UTC)

    assert policy.set_cookie("v", expires=expires) == (
        "__Secure-s=v; Domain=example.com; Expires=Fri, 02 Jan 2026 00:00:00 GMT;"
        " Secure; Path=/shop; SameSite=None; Partitioned"
    )


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"name": ""}, "no cookie name"),
        ({"name": "a b"}, "no cookie name"),
        ({"name": "a=b"}, "no cookie name"),
        ({"name": "é"}, "no cookie name"),
        ({"name": "a\n"}, "no cookie name"),
        ({"name": "__Host-s"}, "'__Host-' needs Secure"),
        ({"name": "__HOST-s", "secure": True, "path": "/x"}, "only Path=/"),
        ({"name": "__Host-s", "secure": True, "domain": "x.y"}, "no Domain"),
        ({"name": "__Secure-s", "secure": False}, "'__Secure-' needs Secure"),
        ({"samesite": "None"}, "SameSite=None needs it"),
        ({"samesite": "Relaxed"}, "SameSite 'Relaxed' does not exist"),
        ({"partitioned": True}, "Partitioned needs it"),
        ({"domain": "http://x.example"}, "'http://x.example' is no name of a host"),
        ({"domain": "localhost:8000"}, "without scheme, port and path"),
        ({"path": "shop"}, "browsers would not take Path 'shop' for one"),
        ({"path": "/a; Domain=b"}, "quote ';'"),
    ],
)
def test_a_cookie_that_browsers_would_drop_is_refused_at_set_up(
    settings: dict[str, Any], problem: str
) -> None:
    with pytest.raises(CookiePolicyError, match=problem):
        CookiePolicy(**settings)


def test_a_host_cookie_with_all_it_needs_is_accepted() -> None:
    policy = CookiePolicy(name="__Host-s", secure=True)

    assert policy.set_cookie("v").startswith("__Host-s=v; Secure")
