"""Tests that every `SessionStore` has to pass, ours and yours.

    class TestMyStore(SessionStoreSuite):
        def make_store(self, clock):
            return MyStore(..., clock=clock)

Run it with pytest. `make_store` returns an empty store each time, of plain functions or
to be awaited; `clock` stands still unless a test moves it. Stores that are awaited are
called on one event loop in each test, and closed by their `aclose`, if they have it.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import cast

from ._errors import SessionStoreError
from ._exact_json import exact_json_serializer
from ._kit._driven import Driven, LoopThread
from ._kit._failing import NOW, AsyncFailingStore, Clock, FailingStore, stored
from ._store._keeper import Keeper
from ._store._record import (
    AsyncSessionStore,
    SessionStore,
    is_async_store,
)
from ._store._rules import id_of
from ._store._store_session import Outcome, StoreSession

__all__ = [
    "NOW",
    "AsyncFailingStore",
    "Clock",
    "FailingStore",
    "SessionStoreSuite",
    "stored",
]

ODD_TEXTS = ("", "=", ":", "a:b", "a", "é☃", "x" * 500, "None", "0")


class _Browser:
    """Ada, who is logged in, and a store that fails at one call of her next request."""

    def __init__(self, store: SessionStore, clock: Clock) -> None:
        self.clock = clock
        self.store = FailingStore(store)
        self.keeper = Keeper(self.store, exact_json_serializer, None, clock)
        session = StoreSession({"n": 1})
        # Another one each time, as a store may still hold what others left.
        session.user = self.user = secrets.token_hex(8)
        self.keeper.save(session, _IDLE)
        self.token = str(session.token)
        clock.now += 600

    def request(
        self, change: Callable[[StoreSession], object], meanwhile: bool, fail_at: int
    ) -> bool:
        """Make a request; return whether it was answered without an error.

        Args:
            meanwhile: Another request changes the session while this one runs.
        """
        self.store.fail_at(fail_at)
        try:
            session, _ = self.keeper.open(self.token)
            change(session)
            if meanwhile:
                self._write_from_another_request()
            outcome = self.keeper.save(session, _IDLE)
        except SessionStoreError:
            return False
        # As the response does, whose cookie is deleted with the session.
        self.token = "" if outcome is Outcome.ENDED else str(session.token)
        return True

    def _write_from_another_request(self) -> None:
        calls, failing = self.store.calls, self.store._failing
        self.store.fail_at(0)
        other, _ = self.keeper.open(self.token)
        other["other"] = 1
        self.keeper.save(other, _IDLE)
        self.store.calls, self.store._failing = calls, failing


_IDLE = timedelta(hours=1)


class SessionStoreSuite:
    """Subclass it, say how to make a store, and let pytest find it."""

    _loop: LoopThread | None = None
    _awaited: tuple[AsyncSessionStore, ...] = ()

    def make_store(
        self, clock: Callable[[], float]
    ) -> SessionStore | AsyncSessionStore:
        """Return an empty store that takes the time from `clock`."""
        raise NotImplementedError

    def teardown_method(self) -> None:
        """End the event loop of a test; who overrides it calls this."""
        if self._loop is None:
            return
        for store in self._awaited:
            if close := getattr(store, "aclose", None):
                self._loop.run(close())
        self._loop.end()

    def _made(self, clock: Callable[[], float]) -> SessionStore:
        store = self.make_store(clock)
        if not is_async_store(store):
            return cast("SessionStore", store)  # as it is not awaited
        self._loop = self._loop or LoopThread()
        awaited = cast("AsyncSessionStore", store)  # as it is
        self._awaited = (*self._awaited, awaited)
        return Driven(awaited, self._loop)

    def test_an_unknown_id_has_no_session(self) -> None:
        store = self._made(Clock())

        assert store.read("unknown") is None

    def test_what_was_written_is_read_back(self) -> None:
        store = self._made(Clock())
        session = replace(stored(user="é☃"), payload='{"n":"☃"}', created_at=NOW / 3)

        assert store.write(session, expected=None) is True
        assert store.read("a") == session

    def test_odd_ids_and_users_are_told_apart(self) -> None:
        store = self._made(Clock())
        for text in ODD_TEXTS:
            store.write(stored(id=f"id {text}", user=text), expected=None)
        store.write(stored(id="nobody"), expected=None)

        for text in ODD_TEXTS:
            found = store.list_user(text)
            assert [session.id for session in found] == [f"id {text}"]
        assert store.read("nobody") == stored(id="nobody")

    def test_creating_refuses_an_id_that_is_taken(self) -> None:
        store = self._made(Clock())
        store.write(stored(), expected=None)

        assert store.write(replace(stored(), payload="{}"), expected=None) is False
        assert store.read("a") == stored()

    def test_writing_replaces_the_expected_version(self) -> None:
        store = self._made(Clock())
        store.write(stored(), expected=None)
        newer = replace(stored(), version=2, payload="{}", expires_at=NOW + 7200)

        assert store.write(newer, expected=1) is True
        assert store.read("a") == newer

    def test_writing_refuses_another_version(self) -> None:
        store = self._made(Clock())
        store.write(replace(stored(), version=2), expected=None)

        assert store.write(replace(stored(), version=2), expected=1) is False
        assert store.write(replace(stored(), version=4), expected=3) is False

    def test_writing_never_brings_back_a_deleted_session(self) -> None:
        store = self._made(Clock())
        store.write(stored(), expected=None)
        store.delete("a")

        assert store.write(replace(stored(), version=2), expected=1) is False
        assert store.read("a") is None

    def test_deleting_tells_whether_there_was_a_session(self) -> None:
        store = self._made(Clock())
        store.write(stored(), expected=None)

        assert store.delete("a") is True
        assert store.delete("a") is False
        assert store.read("a") is None

    def test_deleting_can_insist_on_a_version(self) -> None:
        store = self._made(Clock())
        store.write(stored(), expected=None)

        assert store.delete("a", expected=2) is False
        assert store.read("a") == stored()
        assert store.delete("a", expected=1) is True

    def test_an_expired_session_is_not_read(self) -> None:
        clock = Clock()
        store = self._made(clock)
        store.write(stored(user="ada"), expected=None)

        clock.now = NOW + 3600

        assert store.read("a") is None
        assert store.list_user("ada") == []

    def test_a_user_is_listed_oldest_first(self) -> None:
        store = self._made(Clock())
        for session in (stored("b", "ada", 5), stored("c", "ada", 9), stored("d", "x")):
            store.write(session, expected=None)

        assert [session.id for session in store.list_user("ada")] == ["c", "b"]

    def test_a_session_changes_hands(self) -> None:
        store = self._made(Clock())
        store.write(stored(user="ada"), expected=None)
        theirs = replace(stored(user="bob"), version=2)

        store.write(theirs, expected=1)

        assert store.list_user("ada") == []
        assert store.list_user("bob") == [theirs]

    def test_a_deleted_session_is_not_listed(self) -> None:
        store = self._made(Clock())
        store.write(stored(user="ada"), expected=None)

        store.delete("a")

        assert store.list_user("ada") == []

    def test_of_writers_at_once_exactly_one_wins_each_version(self) -> None:
        store = self._made(Clock())
        store.write(stored(), expected=None)

        def write(_: int) -> int:
            session = replace(stored(), version=2)
            return store.write(session, expected=1)

        with ThreadPoolExecutor(16) as writers:
            assert sum(writers.map(write, range(64))) == 1

    def test_a_user_whose_name_has_no_utf8_is_kept_or_refused(self) -> None:
        store = self._made(Clock())
        session = stored(user="\ud800")
        try:
            kept = store.write(session, expected=None)
            found = store.list_user("\ud800")
        except SessionStoreError:
            return

        assert kept
        assert found == [session]

    def test_an_id_that_has_no_utf8_is_unknown_or_refused(self) -> None:
        store = self._made(Clock())
        try:
            found = store.read("\ud800")
            deleted = store.delete("\ud800")
        except SessionStoreError:
            return

        assert found is None
        assert deleted is False

    def test_a_user_that_is_no_text_is_refused(self) -> None:
        store = self._made(Clock())
        refused = False
        try:
            store.list_user(42)  # type: ignore[arg-type] # the mistake that is tested
        except TypeError:
            refused = True

        assert refused, "list_user(42) was accepted"

    def test_a_change_that_fails_at_any_call_loses_no_session(self) -> None:
        self._fail_at_each_call(lambda session: session.update(n=2), left={"n": 2})

    def test_a_renewal_that_fails_at_any_call_logs_nobody_out(self) -> None:
        def log_in(session: StoreSession) -> None:
            session.renew()
            session["n"] = 2

        self._fail_at_each_call(log_in, left={"n": 2})

    def test_a_logout_that_fails_at_any_call_is_an_error_or_is_done(self) -> None:
        self._fail_at_each_call(StoreSession.clear, left={})

    def test_a_logout_with_a_message_that_fails_at_any_call_is_no_half_of_it(
        self,
    ) -> None:
        def log_out(session: StoreSession) -> None:
            session.clear()
            session["bye"] = 1

        self._fail_at_each_call(log_out, left={"bye": 1})

    def test_a_session_emptied_while_any_call_fails_is_ended_or_as_it_was(self) -> None:
        def empty(session: StoreSession) -> None:
            del session["n"]
            session.user = None

        self._fail_at_each_call(empty, left={})

    def test_an_extension_that_fails_at_any_call_loses_nothing(self) -> None:
        self._fail_at_each_call(lambda session: session.get("n"), left={"n": 1})

    def _fail_at_each_call(
        self, change: Callable[[StoreSession], object], left: dict[str, object]
    ) -> None:
        for meanwhile in (False, True):
            fail_at = 1
            while self._fail_once(change, left, meanwhile, fail_at):
                fail_at += 1

    def _fail_once(
        self,
        change: Callable[[StoreSession], object],
        left: dict[str, object],
        meanwhile: bool,
        fail_at: int,
    ) -> bool:
        """Return whether the request came as far as the call that fails."""
        clock = Clock()
        browser = _Browser(self._made(clock), clock)
        before = browser.token
        answered = browser.request(change, meanwhile, fail_at)
        failed = browser.store.calls >= fail_at
        browser.store.fail_at(0)
        _assert_whole(browser, before, answered, left)
        return failed


def _assert_whole(
    browser: _Browser, before: str, answered: bool, left: dict[str, object]
) -> None:
    """Assert that all of a request was done, or nothing; and no row more is there."""
    now = browser.keeper.open(browser.token)[0]
    ours = {key: value for key, value in now.items() if key != "other"}
    assert ours == (left if answered else {"n": 1})
    if browser.token != before:
        assert browser.store.read(id_of(before)) is None
    live = browser.store.list_user(browser.user)
    assert [row.id for row in live] == ([now.id] if now.user else [])
