"""What a type checker infers; it is checked and never run."""

from __future__ import annotations

from typing import Any, assert_type

from tantalus_sessions import (
    CookieSessions,
    MemoryStore,
    Rejection,
    Session,
    SessionStore,
    StoredSession,
    StoreSession,
    StoreSessionInterface,
    StoreSessions,
)

sessions = CookieSessions("key")
assert_type(sessions.open(None), Session)
assert_type(sessions.save(Session()), list[str])
assert_type(Session()["a"], Any)
assert_type(Session().permanent, bool)

store: SessionStore = MemoryStore()
assert_type(StoreSessions(store).open(""), StoreSession)
assert_type(StoreSession().user, str | None)
assert_type(StoreSessionInterface(store).list_user("ada"), list[StoredSession])


@sessions.on_rejected
def note(rejection: Rejection) -> None:
    assert_type(rejection.cookie_name, str)
