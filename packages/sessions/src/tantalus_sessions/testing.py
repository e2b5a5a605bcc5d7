"""Tests that every `SessionStore` has to pass, ours and yours.

    class TestMyStore(SessionStoreSuite):
        def make_store(self, clock):
            return MyStore(..., clock=clock)

Run it with pytest. `make_store` returns an empty store each time; `clock` stands still
unless a test moves it.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ._store._record import SessionStore, StoredSession

NOW = 1_700_000_000.0
ODD_TEXTS = ("", "=", ":", "a:b", "a", "é☃", "x" * 500, "None", "0")


class Clock:
    """Stands still at `now` until a test sets it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        """Return seconds since 1970."""
        return self.now


def stored(id: str = "a", user: str | None = None, age: float = 0.0) -> StoredSession:
    """Return a first version that expires in an hour; `age` is in seconds."""
    return StoredSession(id, 1, '{"n":1}', user, NOW - age, NOW + 3600)


class SessionStoreSuite:
    """Subclass it, say how to make a store, and let pytest find it."""

    def make_store(self, clock: Callable[[], float]) -> SessionStore:
        """Return an empty store that takes the time from `clock`."""
        raise NotImplementedError

    def test_an_unknown_id_has_no_session(self) -> None:
        store = self.make_store(Clock())

        assert store.read("unknown") is None

    def test_what_was_written_is_read_back(self) -> None:
        store = self.make_store(Clock())
        session = replace(stored(user="é☃"), payload='{"n":"☃"}', created_at=NOW / 3)

        assert store.write(session, expected=None) is True
        assert store.read("a") == session

    def test_odd_ids_and_users_are_told_apart(self) -> None:
        store = self.make_store(Clock())
        for text in ODD_TEXTS:
            store.write(stored(id=f"id {text}", user=text), expected=None)
        store.write(stored(id="nobody"), expected=None)

        for text in ODD_TEXTS:
            found = store.list_user(text)
            assert [session.id for session in found] == [f"id {text}"]
        assert store.read("nobody") == stored(id="nobody")

    def test_creating_refuses_an_id_that_is_taken(self) -> None:
        store = self.make_store(Clock())
        store.write(stored(), expected=None)

        assert store.write(replace(stored(), payload="{}"), expected=None) is False
        assert store.read("a") == stored()

    def test_writing_replaces_the_expected_version(self) -> None:
        store = self.make_store(Clock())
        store.write(stored(), expected=None)
        newer = replace(stored(), version=2, payload="{}", expires_at=NOW + 7200)

        assert store.write(newer, expected=1) is True
        assert store.read("a") == newer

    def test_writing_refuses_another_version(self) -> None:
        store = self.make_store(Clock())
        store.write(replace(stored(), version=2), expected=None)

        assert store.write(replace(stored(), version=2), expected=1) is False
        assert store.write(replace(stored(), version=4), expected=3) is False

    def test_writing_never_brings_back_a_deleted_session(self) -> None:
        store = self.make_store(Clock())
        store.write(stored(), expected=None)
        store.delete("a")

        assert store.write(replace(stored(), version=2), expected=1) is False
        assert store.read("a") is None

    def test_deleting_tells_whether_there_was_a_session(self) -> None:
        store = self.make_store(Clock())
        store.write(stored(), expected=None)

        assert store.delete("a") is True
        assert store.delete("a") is False
        assert store.read("a") is None

    def test_deleting_can_insist_on_a_version(self) -> None:
        store = self.make_store(Clock())
        store.write(stored(), expected=None)

        assert store.delete("a", expected=2) is False
        assert store.read("a") == stored()
        assert store.delete("a", expected=1) is True

    def test_an_expired_session_is_not_read(self) -> None:
        clock = Clock()
        store = self.make_store(clock)
        store.write(stored(user="ada"), expected=None)

        clock.now = NOW + 3600

        assert store.read("a") is None
        assert store.list_user("ada") == []

    def test_a_user_is_listed_oldest_first(self) -> None:
        store = self.make_store(Clock())
        for session in (stored("b", "ada", 5), stored("c", "ada", 9), stored("d", "x")):
            store.write(session, expected=None)

        assert [session.id for session in store.list_user("ada")] == ["c", "b"]

    def test_a_session_changes_hands(self) -> None:
        store = self.make_store(Clock())
        store.write(stored(user="ada"), expected=None)
        theirs = replace(stored(user="bob"), version=2)

        store.write(theirs, expected=1)

        assert store.list_user("ada") == []
        assert store.list_user("bob") == [theirs]

    def test_a_deleted_session_is_not_listed(self) -> None:
        store = self.make_store(Clock())
        store.write(stored(user="ada"), expected=None)

        store.delete("a")

        assert store.list_user("ada") == []

    def test_of_writers_at_once_exactly_one_wins_each_version(self) -> None:
        store = self.make_store(Clock())
        store.write(stored(), expected=None)

        def write(_: int) -> int:
            session = replace(stored(), version=2)
            return store.write(session, expected=1)

        with ThreadPoolExecutor(16) as writers:
            assert sum(writers.map(write, range(64))) == 1
