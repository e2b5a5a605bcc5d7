from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import exact_payloads

from tantalus_sessions import (
    CookiePolicy,
    CookieSessions,
    MemoryStore,
    Reason,
    Rejection,
    Session,
    Sessions,
    SessionSigner,
    SessionTooLarge,
    StoreSessions,
)
from tantalus_sessions.testing import NOW, Clock

KINDS = ["cookie", "store"]


def make(kind: str, clock: Clock | None = None, **settings: Any) -> Any:
    clock = clock or Clock()
    if kind == "cookie":
        return CookieSessions("key", clock=clock, **settings)
    return StoreSessions(MemoryStore(clock=clock), clock=clock, **settings)


def cookie_after(sessions: Any, **changes: Any) -> str:
    session = sessions.open(None)
    session.update(changes)
    (header,) = sessions.save(session)
    return str(header).partition(";")[0]


def test_one_text_of_fallbacks_is_refused_as_its_letters_would_be_keys() -> None:
    with pytest.raises(TypeError, match="each of its letters would be a key") as error:
        CookieSessions("new", fallbacks="hidden")

    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    ("kind", "name"), [("cookie", "lifetime"), ("store", "idle"), ("store", "absolute")]
)
def test_a_bare_number_is_refused_as_a_lifetime(kind: str, name: str) -> None:
    with pytest.raises(TypeError, match=rf"{name}=3600 is no lifetime. Pass a timedel"):
        make(kind, None, **{name: 3600})


@pytest.mark.parametrize("store", ["sessions.db", MemoryStore, object()])
def test_what_can_be_no_store_is_refused_at_set_up(store: Any) -> None:
    with pytest.raises(TypeError, match=r"is no session store. Pass an object with"):
        StoreSessions(store)


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_survives_between_two_headers(kind: str) -> None:
    sessions: Sessions = make(kind)
    cookie = cookie_after(sessions, user_id=42)

    session = sessions.open(f"x=y; {cookie}")

    assert session == {"user_id": 42}
    assert sessions.save(session) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("header", [None, "", "x=y", "session=", "session=rubbish"])
def test_without_a_cookie_of_ours_the_session_is_empty(
    kind: str, header: str | None
) -> None:
    sessions = make(kind)

    session = sessions.open(header)

    assert session == {}
    assert sessions.save(session) == []


@pytest.mark.parametrize("kind", KINDS)
def test_emptying_a_session_deletes_the_cookie(kind: str) -> None:
    sessions = make(kind)
    session = sessions.open(cookie_after(sessions, a=1))
    session.clear()

    (header,) = sessions.save(session)

    assert header.startswith(
        "session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_permanent_session_is_refreshed_with_a_date(kind: str) -> None:
    sessions = make(kind)
    cookie = cookie_after(sessions, _permanent=True)

    (header,) = sessions.save(sessions.open(cookie))

    assert header.endswith(
        "; Expires=Fri, 15 Dec 2023 22:13:20 GMT; HttpOnly; Path=/; SameSite=Lax"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_by_https_gets_a_secure_cookie(kind: str) -> None:
    sessions = make(kind)
    session = sessions.open(None, over_https=True)
    session["a"] = 1

    (header,) = sessions.save(session)

    assert "; Secure;" in header


@pytest.mark.parametrize("kind", KINDS)
def test_an_old_session_is_refused_and_told(kind: str) -> None:
    clock = Clock()
    seen: list[Rejection] = []
    lifetime = "lifetime" if kind == "cookie" else "idle"
    sessions = make(kind, clock, **{lifetime: timedelta(minutes=1)})
    sessions.on_rejected(seen.append)
    cookie = cookie_after(sessions, a=1)

    clock.now = NOW + 61

    assert sessions.open(cookie) == {}
    reason = Reason.EXPIRED if kind == "cookie" else Reason.UNKNOWN
    assert seen == [Rejection(reason, "session", len(cookie) - len("session="))]


def test_a_signed_payload_that_is_no_dict_is_refused() -> None:
    sessions = make("cookie")
    seen: list[Rejection] = []
    sessions.on_rejected(seen.append)
    text = SessionSigner("key", clock=Clock()).dumps([1])

    assert sessions.open(f"session={text}") == {}
    assert [rejection.reason for rejection in seen] == [Reason.MALFORMED]


def test_an_older_key_is_accepted() -> None:
    cookie = cookie_after(CookieSessions("old", clock=Clock()), a=1)

    sessions = CookieSessions("new", fallbacks=["old"], clock=Clock())

    assert sessions.open(cookie) == {"a": 1}


def test_an_empty_key_is_refused_at_set_up() -> None:
    with pytest.raises(ValueError, match=r"secret key is empty\. Set it to a long"):
        CookieSessions("")


def test_a_session_too_large_for_the_cookie_is_an_error() -> None:
    sessions = CookieSessions("key", cookie=CookiePolicy(max_size=100))
    session = sessions.open(None)
    session["a"] = "".join(map(chr, range(33, 500)))

    with pytest.raises(SessionTooLarge, match="browsers keep at most 100"):
        sessions.save(session)


@given(exact_payloads.filter(bool))
def test_every_payload_survives(payload: dict[str, Any]) -> None:
    sessions = CookieSessions("key", cookie=CookiePolicy(max_size=100_000))

    assert sessions.open(cookie_after(sessions, **payload)) == payload


@given(st.text())
def test_no_header_raises_anything(header: str) -> None:
    for kind in KINDS:
        assert make(kind).open(header) == {}


def test_a_store_refuses_a_session_it_did_not_open() -> None:
    with pytest.raises(TypeError, match="Session is no StoreSession"):
        make("store").save(Session())


def test_a_late_request_does_not_take_the_cookie_of_a_renewed_session_away() -> None:
    sessions = StoreSessions(MemoryStore())
    cookie = cookie_after(sessions, a=1)
    late, login = sessions.open(cookie), sessions.open(cookie)
    login.renew()
    login["user"] = "ada"
    late["seen"] = "now"

    (renewed,) = sessions.save(login)

    assert sessions.save(late) == []
    assert sessions.open(renewed.partition(";")[0]) == {"a": 1, "user": "ada"}


def test_a_session_ended_meanwhile_is_told_and_its_cookie_left_alone() -> None:
    store = MemoryStore()
    seen: list[Rejection] = []
    sessions = StoreSessions(store)
    sessions.on_rejected(seen.append)
    session = sessions.open(cookie_after(sessions, a=1))
    store.delete(str(session.id))
    session["b"] = 2

    assert sessions.save(session) == []
    assert [rejection.reason for rejection in seen] == [Reason.ENDED_MEANWHILE]
