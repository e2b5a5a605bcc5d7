from __future__ import annotations

import multiprocessing
import os
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import redis
from conftest import RedisServer, StartRedis

from tantalus_sessions import (
    MemoryStore,
    RedisStore,
    SessionError,
    SessionStore,
    SessionStoreError,
    SessionStoreFull,
    SQLiteStore,
)
from tantalus_sessions.testing import NOW, Clock, SessionStoreSuite, stored

_numbers = count()


class TestMemoryStore(SessionStoreSuite):
    def make_store(self, clock: Callable[[], float]) -> SessionStore:
        return MemoryStore(clock=clock)


class TestSQLiteStore(SessionStoreSuite):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "sessions.db"

    def make_store(self, clock: Callable[[], float]) -> SessionStore:
        return SQLiteStore(self.path, clock=clock)


class TestRedisStore(SessionStoreSuite):
    @pytest.fixture(autouse=True)
    def server(self, redis_server: RedisServer) -> None:
        self.client: Any = redis.Redis(port=redis_server.port)

    def make_store(self, clock: Callable[[], float]) -> SessionStore:
        return RedisStore(self.client, namespace=f"n{next(_numbers)}", clock=clock)


class TestRedisStoreOfText(TestRedisStore):
    """With a client that decodes what Redis answers."""

    @pytest.fixture(autouse=True)
    def server(self, redis_server: RedisServer) -> None:
        self.client = redis.Redis(port=redis_server.port, decode_responses=True)


def test_the_suite_asks_for_a_store() -> None:
    with pytest.raises(NotImplementedError):
        SessionStoreSuite().make_store(Clock())


def test_a_full_memory_store_refuses_a_new_session_and_keeps_the_old() -> None:
    store = MemoryStore(2, clock=Clock())
    store.write(stored("a"), expected=None)
    store.write(stored("b"), expected=None)

    with pytest.raises(SessionStoreFull, match="full with 2 live sessions"):
        store.write(stored("c"), expected=None)

    assert store.write(replace(stored("a"), version=2), expected=1)
    assert store.read("b") == stored("b")


def test_a_full_memory_store_makes_room_of_expired_sessions() -> None:
    clock = Clock()
    store = MemoryStore(2, clock=clock)
    store.write(replace(stored("a"), expires_at=NOW + 1), expected=None)
    store.write(stored("b"), expected=None)

    clock.now += 1

    assert store.write(stored("c"), expected=None)
    assert store.read("b") == stored("b")


@pytest.mark.parametrize("path", [":memory:", ""])
def test_sqlite_without_a_file_is_refused_as_no_thread_would_see_the_other(
    path: str,
) -> None:
    with pytest.raises(ValueError, match=r"Pass the path of a file, or use MemoryS"):
        SQLiteStore(path)


def test_two_sqlite_stores_share_one_file(tmp_path: Path) -> None:
    one, other = (SQLiteStore(tmp_path / "s.db", clock=Clock()) for _ in range(2))

    one.write(stored(), expected=None)

    assert other.read("a") == stored()


def test_expired_sessions_are_swept_from_the_file(tmp_path: Path) -> None:
    clock = Clock()
    with SQLiteStore(tmp_path / "s.db", clock=clock) as store:
        store.write(stored("a"), expected=None)
        clock.now += 3600
        store.write(replace(stored("b"), expires_at=clock.now + 1), expected=None)

        assert store.sweep() == 1
        assert store.read("b") is not None


def test_creating_sessions_sweeps_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tantalus_sessions._store._sqlite._SWEEP_EVERY", 2)
    clock = Clock()
    store = SQLiteStore(tmp_path / "s.db", clock=clock)
    store.write(stored("a"), expected=None)
    clock.now += 3600

    store.write(replace(stored("b"), expires_at=clock.now + 1), expected=None)

    assert store.sweep() == 0


def test_a_file_that_is_no_database_is_refused_at_set_up(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_text("This is a text and no database, and long enough to tell." * 20)

    with pytest.raises(
        SessionStoreError, match=r"SQLite file '.*s\.db': file is not a"
    ):
        SQLiteStore(path)


def test_a_folder_that_does_not_exist_is_refused_at_set_up(tmp_path: Path) -> None:
    with pytest.raises(SessionStoreError, match="unable to open database file"):
        SQLiteStore(tmp_path / "none" / "s.db")


def test_a_database_that_stays_locked_is_an_error_after_the_timeout(
    tmp_path: Path,
) -> None:
    store = SQLiteStore(tmp_path / "s.db", timeout=0.01, clock=Clock())
    other = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(SessionStoreError, match="database is locked"):
        store.write(stored(), expected=None)
    other.close()

    assert store.write(stored(), expected=None)


def test_a_full_disk_is_an_error_and_the_session_stays_as_it_was(
    tmp_path: Path,
) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    store.write(stored(), expected=None)
    with store._connected() as connection:
        connection.execute("PRAGMA max_page_count = 1")

    with pytest.raises(SessionStoreError, match="database or disk is full"):
        store.write(replace(stored(), version=2, payload="x" * 100_000), expected=1)

    assert store.read("a") == stored()


def _write_from_a_fork(store: SQLiteStore, results: Any) -> None:
    results.put(store.write(stored("child"), expected=None))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_opens_its_own_connection(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    child = context.Process(target=_write_from_a_fork, args=(store, results))

    child.start()
    written = results.get(timeout=10)
    child.join()

    assert written is True
    assert store.read("child") == stored("child")


def test_what_a_fork_inherited_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    inherited = store._pool._idle[0]
    monkeypatch.setattr("os.getpid", lambda: -1)

    store.write(stored(), expected=None)

    assert store._pool._idle[0] is not inherited
    assert inherited.execute("SELECT 1").fetchone() == (1,)
    store.close()
    inherited.close()


def test_a_closed_store_opens_again(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    store.close()

    assert store.write(stored(), expected=None)


def test_redis_forgets_an_expired_session_by_itself(redis_server: RedisServer) -> None:
    client: Any = redis.Redis(port=redis_server.port)
    store = RedisStore(client, namespace="ttl", clock=Clock())
    store.write(stored(user="ada"), expected=None)

    lifetimes = [client.pttl(key) for key in client.keys("ttl:*")]

    assert len(lifetimes) == 2
    assert all(3_500_000 < lifetime <= 3_600_000 for lifetime in lifetimes)


def test_no_two_namespaces_share_a_key(redis_server: RedisServer) -> None:
    client: Any = redis.Redis(port=redis_server.port)
    names = ["a", "a:session", "a:session:" + "0" * 64, "a:user"]
    stores = [RedisStore(client, namespace=name, clock=Clock()) for name in names]

    stores[0].write(stored(user="x"), expected=None)

    assert [store.read("a") is not None for store in stores] == [
        True,
        False,
        False,
        False,
    ]
    assert [len(store.list_user("x")) for store in stores] == [1, 0, 0, 0]


def test_a_store_is_made_of_a_url(redis_server: RedisServer) -> None:
    store = RedisStore.from_url(redis_server.url, namespace="url")
    session = replace(stored(), expires_at=4e9)

    assert store.write(session, expected=None)
    assert store.read("a") == session


@pytest.mark.parametrize("fields", [{"x": "y"}, {"version": "one"}])
def test_rubbish_in_redis_is_an_error_and_no_log_out(
    fields: dict[str, str], redis_server: RedisServer
) -> None:
    client: Any = redis.Redis(port=redis_server.port)
    store = RedisStore(client, namespace=f"n{next(_numbers)}", clock=Clock())
    client.hset(store._session_key("a"), mapping=fields)

    with pytest.raises(SessionStoreError, match="holds no session"):
        store.read("a")


def test_a_key_of_another_kind_is_an_error(redis_server: RedisServer) -> None:
    client: Any = redis.Redis(port=redis_server.port)
    store = RedisStore(client, namespace=f"n{next(_numbers)}", clock=Clock())
    client.set(store._session_key("a"), "text")

    with pytest.raises(SessionStoreError, match="WRONGTYPE"):
        store.read("a")


def test_a_redis_that_is_down_is_an_error(start_redis: StartRedis) -> None:
    server = start_redis()
    store = RedisStore.from_url(server.url)
    server.kill()

    for call in (lambda: store.read("a"), lambda: store.list_user("ada")):
        with pytest.raises(SessionStoreError, match="Redis: "):
            call()
    with pytest.raises(SessionStoreError, match="Redis: "):
        store.write(stored(), expected=None)
    with pytest.raises(SessionStoreError, match="Redis: "):
        store.delete("a")


def test_a_redis_that_is_slow_is_an_error_after_the_timeout(
    start_redis: StartRedis,
) -> None:
    server = start_redis()
    store = RedisStore.from_url(server.url, timeout=0.1)
    redis.Redis(port=server.port).client_pause(3000)

    with pytest.raises(SessionStoreError, match=r"[Tt]imeout"):
        store.read("a")


def test_a_redis_that_is_full_is_an_error(start_redis: StartRedis) -> None:
    server = start_redis("--maxmemory", "1")
    store = RedisStore.from_url(server.url)

    with pytest.raises(SessionStoreError, match="maxmemory"):
        store.write(replace(stored(), expires_at=4e9), expected=None)


def test_without_redis_py_the_store_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(SessionError, match=r"pip install tantalus-sessions\[redis\]"):
        RedisStore.from_url("redis://127.0.0.1:1/0")
