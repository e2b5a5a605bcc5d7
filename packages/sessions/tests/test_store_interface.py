from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, session
from hosts import Host, JSONHost, request
from werkzeug.wrappers import Response

from tantalus_sessions import (
    MemoryStore,
    Reason,
    Rejection,
    SecureCookieSession,
    SessionStoreError,
    StoreSession,
    StoreSessionInterface,
)


def saved(interface: StoreSessionInterface, host: Any, session: Any) -> dict[str, str]:
    response = Response()
    interface.save_session(host, session, response)
    return dict(response.headers)


def interface_and_cookie(**payload: Any) -> tuple[StoreSessionInterface, str]:
    interface = StoreSessionInterface(MemoryStore())
    session = interface.open_session(Host(), request())
    session.update(payload or {"a": 1})
    session.user = "ada"
    header = saved(interface, Host(), session)["Set-Cookie"]
    return interface, header.partition(";")[0]


def test_a_session_survives_and_the_cookie_holds_only_a_token() -> None:
    interface, cookie = interface_and_cookie(secret="s3cr3t")

    session = interface.open_session(Host(), request(cookie))

    assert session == {"secret": "s3cr3t"}
    assert cookie == f"session={session.token}"


def test_it_needs_no_secret_key() -> None:
    interface = StoreSessionInterface(MemoryStore())

    session = interface.open_session(Host(secret_key=None), request())

    assert isinstance(session, StoreSession)
    assert interface.opens_lazily


@pytest.mark.parametrize(
    ("base_url", "secure"), [("https://localhost", True), ("http://localhost", False)]
)
def test_automatic_secure_follows_the_request(base_url: str, secure: bool) -> None:
    interface, host = StoreSessionInterface(MemoryStore()), Host()
    host.config["SESSION_COOKIE_SECURE"] = "auto"
    session = interface.open_session(host, request(base_url=base_url))
    session["a"] = 1

    header = saved(interface, host, session)["Set-Cookie"]

    assert ("; Secure" in header) is secure


def test_reading_sets_no_cookie_but_varies() -> None:
    interface, cookie = interface_and_cookie()
    session = interface.open_session(Host(), request(cookie))
    assert session["a"] == 1

    headers = saved(interface, Host(), session)

    assert headers["Vary"] == "Cookie"
    assert "Set-Cookie" not in headers


def test_a_session_nobody_looked_at_leaves_no_trace() -> None:
    interface, cookie = interface_and_cookie()

    headers = saved(interface, Host(), interface.open_session(Host(), request(cookie)))

    assert not {"Vary", "Set-Cookie"} & headers.keys()


def test_a_permanent_session_is_refreshed() -> None:
    interface, cookie = interface_and_cookie(_permanent=True)

    headers = saved(interface, Host(), interface.open_session(Host(), request(cookie)))

    assert headers["Set-Cookie"].startswith(f"{cookie}; Expires=")
    assert headers["Vary"] == "Cookie"


def test_clearing_deletes_cookie_and_row() -> None:
    interface, cookie = interface_and_cookie()
    session = interface.open_session(Host(), request(cookie))
    session.clear()

    headers = saved(interface, Host(), session)

    assert headers["Set-Cookie"].startswith("session=; Expires=Thu, 01 Jan 1970")
    assert interface.list_user("ada") == []


def test_a_session_ended_meanwhile_is_told_and_its_cookie_left_alone() -> None:
    interface, cookie = interface_and_cookie()
    seen: list[Rejection] = []
    interface.on_rejected(seen.append)
    session = interface.open_session(Host(), request(cookie))
    session["b"] = 2
    assert interface.revoke(str(session.id))

    headers = saved(interface, Host(), session)

    assert "Set-Cookie" not in headers
    assert headers["Vary"] == "Cookie"
    assert seen == [Rejection(Reason.ENDED_MEANWHILE, "session")]


@pytest.mark.parametrize(
    ("token", "reason"), [("x", Reason.MALFORMED), ("x" * 43, Reason.UNKNOWN)]
)
def test_a_token_that_is_not_accepted_is_told(token: str, reason: Reason) -> None:
    interface = StoreSessionInterface(MemoryStore())
    seen: list[Rejection] = []
    interface.on_rejected(seen.append)

    session = interface.open_session(Host(), request(f"session={token}"))

    assert session == {}
    assert seen == [Rejection(reason, "session", len(token))]


def test_all_sessions_of_a_user_are_listed_and_revoked() -> None:
    interface, cookie = interface_and_cookie()
    other = interface.open_session(Host(), request())
    other.user = "ada"
    saved(interface, Host(), other)
    listed = [found.id for found in interface.list_user("ada")]
    assert len(listed) == 2

    assert interface.revoke_user("ada", keep=other.id) == 1
    assert interface.open_session(Host(), request(cookie)) == {}
    assert interface.revoke_user("ada") == 1
    assert interface.revoke(str(other.id)) is False


class OwnResponse(Response):
    def set_cookie(self, key: str, *args: Any, **kwargs: Any) -> None:
        super().set_cookie("own-" + key, *args, **kwargs)


def test_a_response_class_decides_how_cookies_are_set() -> None:
    interface = StoreSessionInterface(MemoryStore())
    session = interface.open_session(Host(), request())
    session["a"] = 1
    response = OwnResponse()

    interface.save_session(Host(), session, response)

    assert response.headers["Set-Cookie"].startswith("own-session=")


def test_a_session_of_another_interface_is_refused() -> None:
    with pytest.raises(TypeError, match="SecureCookieSession is no StoreSession"):
        saved(StoreSessionInterface(MemoryStore()), Host(), SecureCookieSession())


def test_it_serves_an_application_of_flask() -> None:
    app = Flask("tests")
    app.session_interface = StoreSessionInterface(  # type: ignore[assignment] # ours is no subclass of Flask's
        MemoryStore(), absolute=timedelta(days=1)
    )

    @app.get("/login")
    def login() -> str:
        session.clear()
        session["user_id"] = 42
        return "in"

    @app.get("/me")
    def me() -> str:
        return str(session.get("user_id"))

    client = app.test_client()

    assert client.get("/login").text == "in"
    assert client.get("/me").text == "42"


def test_the_error_of_a_store_is_a_503_that_tells_the_client_nothing() -> None:
    error = SessionStoreError("password=hunter2 was refused")

    response = error.get_response()

    assert response.status_code == 503
    assert "hunter2" not in response.get_data(as_text=True)
    assert str(error) == "Session store: password=hunter2 was refused."


def test_the_sessions_of_a_user_that_is_no_text_are_not_looked_for() -> None:
    interface, _ = interface_and_cookie()

    with pytest.raises(TypeError, match="Pass text"):
        interface.revoke_user(42)  # type: ignore[arg-type] # the mistake that is tested


@pytest.mark.parametrize(
    ("cookies", "found"),
    [
        (f"session={'x' * 43}; {{ours}}", True),
        (f"session=none; session={'x' * 43}; {{ours}}", True),
        (f"session={'x' * 43}; session=none", False),
    ],
    ids=["second", "third", "none"],
)
def test_a_cookie_of_another_application_does_not_hide_ours(
    cookies: str, found: bool
) -> None:
    interface, ours = interface_and_cookie(a=1)

    session = interface.open_session(Host(), request(cookies.format(ours=ours)))

    assert session == ({"a": 1} if found else {})


def test_a_session_lives_below_the_path_that_its_application_is_mounted_at() -> None:
    interface, host = StoreSessionInterface(MemoryStore()), Host()
    host.config["SESSION_COOKIE_PATH"] = "auto"
    session = interface.open_session(host, request(base_url="http://localhost/shop"))
    session["a"] = 1

    assert "; Path=/shop" in saved(interface, host, session)["Set-Cookie"]


def test_what_json_does_not_know_is_written_as_the_application_does() -> None:
    interface, host = StoreSessionInterface(MemoryStore()), JSONHost()
    session = interface.open_session(host, request())
    session["a"] = {1}
    cookie = saved(interface, host, session)["Set-Cookie"].partition(";")[0]

    assert interface.open_session(host, request(cookie)) == {"a": "taught"}


def test_a_serializer_of_ones_own_does_without_the_applications_json() -> None:
    class Plain:
        dumps, loads = staticmethod(json.dumps), staticmethod(json.loads)

    interface = StoreSessionInterface(MemoryStore(), serializer=Plain())
    session = interface.open_session(JSONHost(), request())
    session["a"] = {1}

    with pytest.raises(TypeError, match="set is not JSON serializable"):
        saved(interface, JSONHost(), session)


def test_a_public_response_does_not_extend_a_life() -> None:
    interface, cookie = interface_and_cookie(_permanent=True)
    session = interface.open_session(Host(), request(cookie))
    response = Response(headers={"Cache-Control": "public, max-age=60"})

    interface.save_session(Host(), session, response)

    assert "Set-Cookie" not in response.headers
    assert "Set-Cookie" in saved(interface, Host(), session)


def test_requests_at_once_merge_what_the_applications_json_wrote() -> None:
    interface, cookie = interface_and_cookie(a=1)
    one, other = (interface.open_session(JSONHost(), request(cookie)) for _ in "12")
    one["b"], other["c"] = {1}, {2}

    saved(interface, JSONHost(), one)
    saved(interface, JSONHost(), other)

    session = interface.open_session(Host(), request(cookie))
    assert session == {"a": 1, "b": "taught", "c": "taught"}
