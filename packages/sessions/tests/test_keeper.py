from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import Any

import pytest

from tantalus_sessions import (
    MemoryStore,
    Reason,
    SessionStoreError,
    StoredSession,
    StoreSession,
    TaggedJSON,
)
from tantalus_sessions._store import _saving
from tantalus_sessions._store._keeper import Keeper
from tantalus_sessions._store._rules import id_of
from tantalus_sessions._store._saving import finish
from tantalus_sessions._store._store_session import Outcome
from tantalus_sessions.testing import NOW, Clock

IDLE = timedelta(hours=1)


class Visitor:
    """A browser that remembers its cookie, and the server it talks to."""

    def __init__(self, absolute: timedelta | None = timedelta(days=1)) -> None:
        self.clock = Clock()
        self.store = MemoryStore(clock=self.clock)
        self.keeper = Keeper(self.store, TaggedJSON(), absolute, self.clock)
        self.token: str | None = None

    def open(self) -> StoreSession:
        return self.keeper.open(self.token)[0]

    def save(self, session: StoreSession) -> Outcome:
        outcome = self.keeper.save(session, IDLE)
        self.token = session.token
        return outcome

    def visit(self, **changes: Any) -> StoreSession:
        session = self.open()
        session.update(changes)
        self.save(session)
        return session

    def rows(self) -> list[StoredSession]:
        return list(self.store._sessions.values())


def test_a_session_survives_from_one_request_to_the_next() -> None:
    visitor = Visitor()
    visitor.visit(cart=(1, 2))

    session = visitor.open()

    assert session == {"cart": (1, 2)}
    assert (session.new, session.modified) == (False, False)
    assert visitor.store.read(str(session.id)) == session.stored


def test_a_new_session_has_no_id_until_it_is_saved() -> None:
    visitor = Visitor()
    session = visitor.open()

    assert session.new
    assert session.id is None


def test_a_token_has_256_random_bits_and_the_store_does_not_know_it() -> None:
    visitors = [Visitor() for _ in range(50)]
    tokens = {visitor.visit(a=1).token for visitor in visitors}

    assert len(tokens) == 50
    assert all(len(str(token)) == 43 for token in tokens)
    assert visitors[0].rows()[0].id == id_of(str(visitors[0].token))
    assert str(visitors[0].token) not in repr(visitors[0].rows())


def test_an_unknown_token_is_not_adopted() -> None:
    visitor = Visitor()
    visitor.token = "x" * 43

    session, reason = visitor.keeper.open(visitor.token)
    session["a"] = 1
    visitor.save(session)

    assert reason is Reason.UNKNOWN
    assert visitor.token != "x" * 43


@pytest.mark.parametrize(
    "token", ["x", "x" * 44, "é" * 43, "x" * 42 + "\n", "../" * 20]
)
def test_what_is_no_token_does_not_reach_the_store(token: str) -> None:
    keeper = Keeper(Failing(), TaggedJSON(), None)

    session, reason = keeper.open(token)

    assert session == {}
    assert reason is Reason.MALFORMED


def test_an_empty_session_leaves_no_row() -> None:
    visitor = Visitor()
    session = visitor.open()
    session["a"] = 1
    del session["a"]

    assert visitor.save(session) is Outcome.NOTHING
    assert visitor.rows() == []


def test_a_session_that_becomes_empty_is_deleted() -> None:
    visitor = Visitor()
    visitor.visit(a=1)
    session = visitor.open()
    del session["a"]

    assert visitor.save(session) is Outcome.ENDED
    assert visitor.rows() == []


def test_renewing_gives_a_new_token_and_kills_the_old_at_once() -> None:
    visitor = Visitor()
    visitor.visit(cart=1)
    old = visitor.token
    session = visitor.open()
    session.renew()
    session["user_id"] = 42

    assert visitor.save(session) is Outcome.SAVED_UNDER_NEW_ID

    assert visitor.token != old
    assert visitor.open() == {"cart": 1, "user_id": 42}
    assert visitor.keeper.open(old) == ({}, Reason.UNKNOWN)
    assert len(visitor.rows()) == 1


def test_clearing_ends_the_session_whatever_others_wrote() -> None:
    visitor = Visitor()
    visitor.visit(user_id=42)
    logout = visitor.open()
    logout.clear()
    visitor.visit(user_id=43)

    assert visitor.keeper.save(logout, IDLE) is Outcome.ENDED
    assert visitor.rows() == []


def test_what_is_set_after_clearing_lives_under_a_new_id() -> None:
    visitor = Visitor()
    visitor.visit(user_id=42)
    old = visitor.token
    session = visitor.open()
    session.clear()
    session["message"] = "Bye"

    assert visitor.save(session) is Outcome.SAVED_UNDER_NEW_ID
    assert visitor.open() == {"message": "Bye"}
    assert visitor.keeper.open(old)[1] is Reason.UNKNOWN


def test_two_requests_that_change_different_keys_both_win() -> None:
    visitor = Visitor()
    visitor.visit(kept=0, gone=0)
    one, other = visitor.open(), visitor.open()
    one["one"] = 1
    del one["gone"]
    other["other"] = 2

    assert visitor.save(one) is Outcome.SAVED
    assert visitor.save(other) is Outcome.SAVED

    assert visitor.open() == {"kept": 0, "one": 1, "other": 2}


def test_of_two_that_change_one_key_the_later_to_save_wins() -> None:
    visitor = Visitor()
    visitor.visit(n=0)
    one, other = visitor.open(), visitor.open()
    one["n"] = 1
    other["n"] = 2

    visitor.save(other)
    visitor.save(one)

    assert visitor.open() == {"n": 1}


def test_a_change_of_type_alone_is_a_change() -> None:
    visitor = Visitor()
    visitor.visit(n=1)
    one, other = visitor.open(), visitor.open()
    one["n"] = True
    other["x"] = 1
    visitor.save(other)
    visitor.save(one)

    assert visitor.open()["n"] is True


def test_emptying_a_session_keeps_the_keys_that_another_request_set() -> None:
    visitor = Visitor()
    visitor.visit(a=1)
    one, other = visitor.open(), visitor.open()
    del one["a"]
    other["b"] = 2
    visitor.save(other)

    assert visitor.save(one) is Outcome.SAVED
    assert visitor.open() == {"b": 2}


def test_renewing_takes_the_keys_along_that_another_request_set() -> None:
    visitor = Visitor()
    visitor.visit(a=1)
    login, other = visitor.open(), visitor.open()
    login.renew()
    other["b"] = 2
    visitor.save(other)
    visitor.save(login)

    assert visitor.open() == {"a": 1, "b": 2}
    assert len(visitor.rows()) == 1


END: dict[str, Callable[[StoreSession], object]] = {
    "change": lambda session: session.update(b=2),
    "renew": lambda session: session.renew(),
    "empty": lambda session: session.pop("a"),
}


@pytest.mark.parametrize("change", END.values(), ids=END)
def test_a_session_that_another_request_ended_stays_ended(
    change: Callable[[StoreSession], object],
) -> None:
    visitor = Visitor()
    visitor.visit(a=1)
    late = visitor.open()
    change(late)
    visitor.store.delete(visitor.rows()[0].id)

    assert visitor.keeper.save(late, IDLE) is Outcome.ENDED_MEANWHILE
    assert visitor.rows() == []


def test_the_user_is_stored_and_found() -> None:
    visitor = Visitor()
    session = visitor.open()
    session.user = "ada"
    visitor.save(session)

    assert visitor.open().user == "ada"
    assert [row.user for row in visitor.store.list_user("ada")] == ["ada"]


def test_clearing_forgets_the_user() -> None:
    visitor = Visitor()
    session = visitor.open()
    session.user = "ada"
    session.clear()

    assert session.user is None
    assert visitor.save(session) is Outcome.NOTHING


@pytest.mark.parametrize("change", ["ada", None])
def test_the_user_is_merged_like_a_key(change: str | None) -> None:
    visitor = Visitor()
    visitor.visit(a=1)
    login, other = visitor.open(), visitor.open()
    login.user = "bob"
    visitor.save(login)
    other["b"] = 2
    if change:
        other.user = change
    visitor.save(other)

    assert visitor.open().user == (change or "bob")


def test_reading_extends_the_life_but_not_at_each_request() -> None:
    visitor = Visitor()
    visitor.visit(a=1)
    versions = []
    for _ in range(4):
        visitor.clock.now += 100
        visitor.save(visitor.open())
        versions.append(visitor.rows()[0].version)

    assert versions == [1, 2, 2, 3]


def test_an_extension_that_came_second_changes_nothing() -> None:
    visitor = Visitor()
    visitor.visit(a=1)
    visitor.clock.now += 1000
    one, other = visitor.open(), visitor.open()
    visitor.save(one)

    assert visitor.save(other) is Outcome.NOTHING
    assert visitor.rows()[0].version == 2


def test_an_idle_session_expires() -> None:
    visitor = Visitor()
    visitor.visit(a=1)

    visitor.clock.now += 3600

    assert visitor.keeper.open(visitor.token) == ({}, Reason.UNKNOWN)


@pytest.mark.parametrize(
    ("absolute", "alive"), [(timedelta(hours=3), False), (None, True)]
)
def test_a_busy_session_expires_at_its_absolute_age(
    absolute: timedelta | None, alive: bool
) -> None:
    visitor = Visitor(absolute)
    visitor.visit(a=1)
    for minute in range(0, 180, 30):
        visitor.clock.now = NOW + 60 * minute
        visitor.visit(n=minute)
        assert visitor.open() != {}

    visitor.clock.now = NOW + 3 * 3600

    assert (visitor.open() != {}) is alive


class Failing:
    """A store that is down, or does what `answers` says."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def read(self, id: str, /) -> StoredSession | None:
        return self._answer("read")  # type: ignore[no-any-return] # whatever the test wants

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        return self._answer("write")  # type: ignore[no-any-return] # whatever the test wants

    def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        return self._answer("delete")  # type: ignore[no-any-return] # whatever the test wants

    def list_user(self, user: str, /) -> list[StoredSession]:
        return self._answer("list_user")  # type: ignore[no-any-return] # whatever the test wants

    def _answer(self, method: str) -> Any:
        if method not in self.answers:
            raise SessionStoreError("down")
        return self.answers[method]


ROW = StoredSession("id", 1, '{"a":1}', None, NOW, NOW + 60)


def test_a_store_that_is_down_is_an_error_and_no_log_out() -> None:
    keeper = Keeper(Failing(), TaggedJSON(), None, Clock())

    with pytest.raises(SessionStoreError, match="down"):
        keeper.open("x" * 43)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (replace(ROW, payload="{"), Reason.MALFORMED),
        (replace(ROW, payload="[1]"), Reason.MALFORMED),
        (replace(ROW, expires_at=NOW), Reason.EXPIRED),
    ],
)
def test_a_row_that_cannot_be_used_opens_an_empty_session(
    row: StoredSession, reason: Reason
) -> None:
    keeper = Keeper(Failing(read=row), TaggedJSON(), None, Clock())

    assert keeper.open("x" * 43) == ({}, reason)


def test_a_store_that_refuses_a_new_id_is_an_error() -> None:
    keeper = Keeper(Failing(write=False), TaggedJSON(), None, Clock())
    session = StoreSession()
    session["a"] = 1

    with pytest.raises(SessionStoreError, match="refused a new id"):
        keeper.save(session, IDLE)


def test_a_store_whose_versions_never_match_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_saving, "ATTEMPTS", 3)
    keeper = Keeper(Failing(read=ROW, write=False), TaggedJSON(), None, Clock())
    session, _ = keeper.open("x" * 43)
    session["b"] = 1

    with pytest.raises(SessionStoreError, match="3 other writers came first"):
        keeper.save(session, IDLE)


@pytest.mark.parametrize("user", [42, b"ada", ["ada"]], ids=["int", "bytes", "list"])
def test_a_user_that_is_no_text_is_refused_where_it_is_set(user: Any) -> None:
    session = StoreSession()

    with pytest.raises(TypeError, match=r"Pass text, such as str\(user.id\)"):
        session.user = user

    assert session.user is None


class Role(str, Enum):  # noqa: UP042 - a StrEnum has another idea of itself
    ADMIN = "admin"


def test_a_user_is_plain_text_whatever_kind_of_text_it_was() -> None:
    session = StoreSession()

    session.user = Role.ADMIN

    assert type(session.user) is str
    assert session.user == "admin"


def full_visitor() -> Visitor:
    visitor = Visitor()
    visitor.store._max_sessions = 1
    visitor.visit(user_id=42)
    return visitor


@pytest.mark.parametrize("change", [StoreSession.renew, StoreSession.clear])
def test_a_full_store_takes_the_new_id_in_place_of_the_old(
    change: Callable[[StoreSession], None],
) -> None:
    visitor = full_visitor()
    session = visitor.open()
    change(session)
    session["a"] = 1

    assert visitor.save(session) is Outcome.SAVED_UNDER_NEW_ID
    assert visitor.open()["a"] == 1
    assert len(visitor.rows()) == 1


def test_a_full_store_takes_no_new_id_for_a_session_that_changed_meanwhile() -> None:
    visitor = full_visitor()
    late = visitor.open()
    visitor.visit(b=2)
    late.renew()
    late["a"] = 1

    assert visitor.save(late) is Outcome.SAVED_UNDER_NEW_ID
    assert visitor.open() == {"user_id": 42, "a": 1, "b": 2}


def test_a_row_that_was_damaged_meanwhile_is_replaced_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    visitor = Visitor()
    visitor.visit(a=1)
    session = visitor.open()
    session["b"] = 2
    row = visitor.rows()[0]
    visitor.store.write(replace(row, version=2, payload="{"), expected=1)

    assert visitor.save(session) is Outcome.SAVED
    assert visitor.open() == {"a": 1, "b": 2}
    assert "damaged and lost: its payload cannot be read" in caplog.text


def test_a_damaged_payload_is_a_log_line(caplog: pytest.LogCaptureFixture) -> None:
    keeper = Keeper(
        Failing(read=replace(ROW, payload="[1]")), TaggedJSON(), None, Clock()
    )

    keeper.open("x" * 43)

    assert "The stored session id is damaged and lost: its payload is no dict." in (
        caplog.text
    )


def test_a_life_that_cannot_be_extended_is_a_log_line_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    keeper = Keeper(Failing(read=ROW), TaggedJSON(), None, Clock())
    session, _ = keeper.open("x" * 43)

    assert keeper.save(session, IDLE) is Outcome.NOTHING
    assert "down. The life of a session is not extended." in caplog.text


def test_a_store_of_plain_functions_cannot_wait() -> None:
    with pytest.raises(AssertionError, match="waits for something"):
        finish(asyncio.sleep(0))
