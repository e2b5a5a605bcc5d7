"""Cookies that one application writes and another one gets."""

from __future__ import annotations

from typing import Any

import pytest
from hosts import Host, JSONHost, request
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Request, Response

from tantalus_sessions import (
    ExactCookieSessionInterface,
    Reason,
    Rejection,
    SecureCookieSessionInterface,
    SessionValueError,
)


class NamedHost(Host):
    def __init__(self, name: str, secret_key: str = "key", **config: Any) -> None:
        super().__init__(secret_key, **{"BIND_SESSION_COOKIE": True, **config})
        self.name = name


def cookie_of(host: Any, **payload: Any) -> str:
    """Return the cookie that `host` would write."""
    interface = SecureCookieSessionInterface()
    signer: Any = interface.get_signing_serializer(host)
    return f"{interface.get_cookie_name(host)}={signer.dumps(payload)}"


def found(host: Any, cookie: str) -> dict[str, Any] | None:
    return SecureCookieSessionInterface().open_session(host, request(cookie))


def test_a_cookie_of_the_same_application_is_read() -> None:
    assert found(NamedHost("shop"), cookie_of(NamedHost("shop"), a=1)) == {"a": 1}


def test_a_cookie_of_another_application_with_the_same_key_is_nothing() -> None:
    assert found(NamedHost("shop"), cookie_of(NamedHost("admin"), a=1)) == {}


def test_a_cookie_that_is_given_another_name_is_nothing() -> None:
    cookie = cookie_of(NamedHost("shop", SESSION_COOKIE_NAME="s"), a=1)

    assert found(NamedHost("shop"), cookie.replace("s=", "session=", 1)) == {}


@pytest.mark.parametrize("accept", [True, False])
def test_a_cookie_of_flask_is_read_while_the_setting_says_so(accept: bool) -> None:
    host = NamedHost("shop", ACCEPT_UNBOUND_SESSION_COOKIE=accept)

    assert found(host, cookie_of(Host(), a=1)) == ({"a": 1} if accept else {})


def test_an_application_that_binds_nothing_does_not_read_what_is_bound() -> None:
    assert found(Host(), cookie_of(NamedHost("shop"), a=1)) == {}


def test_applications_that_agree_on_a_name_share_their_sessions() -> None:
    one = NamedHost("shop", BIND_SESSION_COOKIE="company")
    other = NamedHost("admin", BIND_SESSION_COOKIE="company")

    assert found(one, cookie_of(other, a=1)) == {"a": 1}


def test_an_older_key_reads_what_it_has_bound_and_what_it_has_not() -> None:
    host = NamedHost("shop", "new", SECRET_KEY_FALLBACKS=["key"])

    assert found(host, cookie_of(NamedHost("shop"), a=1)) == {"a": 1}
    assert found(host, cookie_of(Host(), a=1)) == {"a": 1}


def test_no_two_purposes_have_one_salt() -> None:
    interface = SecureCookieSessionInterface()
    hosts = [NamedHost("a", SESSION_COOKIE_NAME="bc"), NamedHost("ab"), Host()]
    hosts[1].config["SESSION_COOKIE_NAME"] = "c"

    signers: list[Any] = [interface.get_signing_serializer(host) for host in hosts]
    assert len({str(signer.salt) for signer in signers}) == 3
    assert signers[2].salt == b"cookie-session"


def test_a_salt_of_bytes_is_bound_as_well() -> None:
    interface = SecureCookieSessionInterface()
    interface.salt = b"salt"  # type: ignore[assignment] # itsdangerous takes them
    signer: Any = interface.get_signing_serializer(NamedHost("shop"))

    assert signer.salt == b"salt\0shop\0session"


def test_what_is_no_name_cannot_be_bound_to() -> None:
    with pytest.raises(TypeError, match="BIND_SESSION_COOKIE=42 is neither True, "):
        found(NamedHost("shop", BIND_SESSION_COOKIE=42), "session=x")


def test_without_binding_the_cookie_is_flasks() -> None:
    text = cookie_of(Host(), a=1).partition("=")[2]
    flasks = URLSafeTimedSerializer(
        "key", salt="cookie-session", signer_kwargs={"key_derivation": "hmac"}
    )

    assert flasks.loads(text) == {"a": 1}


def test_a_host_whose_changes_are_not_counted_can_bind_itself_later() -> None:
    interface, host = SecureCookieSessionInterface(), NamedHost("shop")
    host.config["BIND_SESSION_COOKIE"] = False
    unbound: Any = interface._settings(host).signer

    host.config["BIND_SESSION_COOKIE"] = True

    bound: Any = interface._settings(host).signer
    assert bound.salt != unbound.salt


# Several applications on one host.


def mounted(script_name: str, *cookies: str) -> Request:
    made = request("; ".join(cookies) if cookies else None)
    return Request({**made.environ, "SCRIPT_NAME": script_name})


def mountable(name: str = "shop", **config: Any) -> NamedHost:
    return NamedHost(name, SESSION_COOKIE_PATH="auto", **config)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_our_cookie_is_found_beside_those_of_other_applications(position: int) -> None:
    cookies = [cookie_of(NamedHost("admin"), a=2), "session=rubbish"]
    cookies.insert(position, cookie_of(NamedHost("shop"), a=1))
    rejections: list[Rejection] = []
    interface = SecureCookieSessionInterface()
    interface.on_rejected(rejections.append)

    session = interface.open_session(NamedHost("shop"), mounted("", *cookies))

    assert session == {"a": 1}
    assert rejections == []


def test_many_cookies_of_others_are_not_all_looked_at() -> None:
    cookies = [f"session={n}" for n in range(50)]
    rejections: list[Rejection] = []
    interface = SecureCookieSessionInterface()
    interface.on_rejected(rejections.append)

    ours = cookie_of(NamedHost("shop"), a=1)
    session = interface.open_session(NamedHost("shop"), mounted("", *cookies, ours))

    assert session == {}
    assert [rejection.reason for rejection in rejections] == [Reason.BAD_SIGNATURE]


class OwnCookies(Request):
    @property
    def cookies(self) -> Any:
        return {"session": "mine"}


def test_a_request_class_with_cookies_of_its_own_has_one_of_a_name() -> None:
    made = OwnCookies({**request().environ, "HTTP_COOKIE": "session=a; session=b"})

    assert SecureCookieSessionInterface().open_session(NamedHost("shop"), made) == {}


def headers_of(host: Any, session: Any) -> list[str]:
    response = Response()
    SecureCookieSessionInterface().save_session(host, session, response)
    return response.headers.getlist("Set-Cookie")


def test_the_cookie_lives_below_the_path_that_the_application_is_mounted_at() -> None:
    session: Any = SecureCookieSessionInterface().open_session(
        mountable(), mounted("/shop")
    )
    session["a"] = 1

    (header,) = headers_of(mountable(), session)
    assert header.endswith("; Path=/shop")


@pytest.mark.parametrize("script_name", ["", "shop", "@evil.example"])
def test_what_is_no_mount_has_the_cookie_at_the_root(script_name: str) -> None:
    session: Any = SecureCookieSessionInterface().open_session(
        mountable(), mounted(script_name)
    )
    session["a"] = 1

    (header,) = headers_of(mountable(), session)
    assert header.endswith("; Path=/")


@pytest.mark.parametrize(
    ("cookies", "paths"),
    [
        ([cookie_of(NamedHost("shop"), a=1)], ["/shop", "/"]),
        ([cookie_of(NamedHost("shop"), a=1), cookie_of(Host(), a=2)], ["/shop", "/"]),
        (
            [cookie_of(NamedHost("shop"), a=1), cookie_of(NamedHost("admin"), a=2)],
            ["/shop"],
        ),
    ],
    ids=["one", "both ours", "another's"],
)
def test_logging_out_deletes_our_cookies_and_nobody_elses(
    cookies: list[str], paths: list[str]
) -> None:
    session: Any = SecureCookieSessionInterface().open_session(
        mountable(), mounted("/shop", *cookies)
    )
    session.clear()

    headers = headers_of(mountable(), session)

    assert [header.partition("; Path=")[2] for header in headers] == paths
    assert all("Max-Age=0" in header for header in headers)


# What the application's JSON writes.


def test_what_json_does_not_know_is_written_as_the_application_does() -> None:
    interface, host = ExactCookieSessionInterface(), JSONHost()
    session: Any = interface.open_session(host, request())
    session["a"] = {1}
    response = Response()
    interface.save_session(host, session, response)

    cookie = response.headers["Set-Cookie"].partition(";")[0]
    assert interface.open_session(host, request(cookie)) == {"a": "taught"}


def test_a_number_that_is_none_is_an_error_that_says_its_key() -> None:
    interface, host = ExactCookieSessionInterface(), Host()
    session: Any = interface.open_session(host, request())
    session["score"] = float("nan")

    with pytest.raises(SessionValueError, match=r"session\['score'\]: nan is no numb"):
        interface.save_session(host, session, Response())


@pytest.mark.parametrize(
    ("cache_control", "refreshed"),
    [("public", False), ("max-age=5, s-maxage=60", False), ("no-cache", True)],
)
def test_a_public_response_does_not_extend_a_life(
    cache_control: str, refreshed: bool
) -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    cookie = cookie_of(host, _permanent=True)
    session: Any = interface.open_session(host, request(cookie))
    response = Response(headers={"Cache-Control": cache_control})

    interface.save_session(host, session, response)

    assert ("Set-Cookie" in response.headers) is refreshed


def test_a_change_is_saved_on_a_public_response_too() -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    session: Any = interface.open_session(host, request())
    session["a"] = 1
    response = Response(headers={"Cache-Control": "public"})

    interface.save_session(host, session, response)

    assert "Set-Cookie" in response.headers


def test_a_session_with_nan_that_flask_wrote_is_lost_once_and_not_in_the_way() -> None:
    host = NamedHost("shop")
    signer: Any = SecureCookieSessionInterface().get_signing_serializer(Host())
    cookie = f"session={signer.dumps({'score': float('nan'), 'user': 'ada'})}"

    session = ExactCookieSessionInterface().open_session(host, request(cookie))

    assert session is not None
    assert dict(session) == {}
    session["user"] = "ada"
    response = Response()
    ExactCookieSessionInterface().save_session(host, session, response)
    assert "Set-Cookie" in response.headers
