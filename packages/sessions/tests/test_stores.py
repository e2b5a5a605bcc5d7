from __future__ import annotations

import multiprocessing
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
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
        store.write(replace(stored("b"), expires_at=NOW + 3601), expected=None)
        clock.now += 3600

        assert store.sweep() == 1
        assert store.read("b") is not None


def rows_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        count: int = connection.execute(
            "SELECT count(*) FROM tantalus_sessions"
        ).fetchone()[0]
        return count


def test_many_processes_that_write_little_sweep_together(tmp_path: Path) -> None:
    clock = Clock()
    stores = [SQLiteStore(tmp_path / "s.db", clock=clock) for _ in range(12)]
    for n, store in enumerate(stores):
        store.write(stored(f"old {n}"), expected=None)
    clock.now += 3600

    stores[0].write(replace(stored("new"), expires_at=NOW + 7200), expected=None)

    assert rows_in(tmp_path / "s.db") == 1


def test_a_file_that_was_swept_a_moment_ago_is_not_swept_again(tmp_path: Path) -> None:
    clock = Clock()
    one, other = (SQLiteStore(tmp_path / "s.db", clock=clock) for _ in range(2))
    one.write(replace(stored("a"), expires_at=NOW + 1), expected=None)
    clock.now += 30

    other.write(stored("b"), expected=None)
    one.write(stored("c"), expected=None)

    assert rows_in(tmp_path / "s.db") == 3


def test_a_clock_that_was_set_back_does_not_stop_the_sweeping(tmp_path: Path) -> None:
    clock = Clock()
    clock.now = NOW + 10**6
    SQLiteStore(tmp_path / "s.db", clock=clock).sweep()
    clock.now = NOW
    store = SQLiteStore(tmp_path / "s.db", clock=clock)
    store.write(replace(stored("a"), expires_at=NOW + 1), expected=None)
    clock.now += 61

    store.write(stored("b"), expected=None)

    assert rows_in(tmp_path / "s.db") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_files_of_sessions_are_for_their_owner_alone(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        store = SQLiteStore(tmp_path / "s.db", clock=Clock())
        store.write(stored(), expected=None)
    finally:
        os.umask(mask)

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"s.db": 0o600, "s.db-wal": 0o600, "s.db-shm": 0o600}


def damage(path: Path, column: str, value: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"UPDATE tantalus_sessions SET {column} = {value}")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("version", "'x'"),
        ("created_at", "'x'"),
        ("expires_at", "'zzz'"),
        ("expires_at", "x'00'"),
        ("payload", "x'00ff'"),
        ("payload", "CAST(x'ff' AS TEXT)"),
        ("created_at", "9e999"),
    ],
)
def test_a_damaged_row_in_sqlite_is_a_lost_session_and_a_log_line(
    column: str, value: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    store.write(stored(user="ada"), expected=None)
    damage(tmp_path / "s.db", column, value)

    assert store.read("a") is None
    assert "The stored session a is damaged and lost" in caplog.text
    assert store.list_user("ada") == []


def test_a_row_that_never_seems_to_expire_is_swept(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    store.write(stored(), expected=None)
    damage(tmp_path / "s.db", "expires_at", "'zzz'")

    assert store.sweep() == 1


def test_a_file_deleted_below_a_program_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    store = SQLiteStore(path, clock=Clock())
    store.write(stored(), expected=None)

    for file in tmp_path.iterdir():
        file.unlink()

    assert store.read("a") is None
    assert store.write(stored("b"), expected=None)
    assert SQLiteStore(path, clock=Clock()).read("b") == stored("b")


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE tantalus_sessions",
        "DROP TABLE tantalus_sessions_sweep",
        "DELETE FROM tantalus_sessions_sweep",
    ],
)
@pytest.mark.parametrize("call", ["read", "write", "delete", "list_user", "sweep"])
def test_a_table_dropped_below_a_program_is_made_again_at_once(
    call: str, statement: str, tmp_path: Path
) -> None:
    clock = Clock()
    store = SQLiteStore(tmp_path / "s.db", clock=clock)
    store.write(stored(), expected=None)
    with closing(sqlite3.connect(tmp_path / "s.db", isolation_level=None)) as other:
        other.execute(statement)
    calls: dict[str, Callable[[], object]] = {
        "read": lambda: store.read("a"),
        "write": lambda: store.write(stored("b"), expected=None),
        "delete": lambda: store.delete("a"),
        "list_user": lambda: store.list_user("ada"),
        "sweep": store.sweep,
    }

    clock.now += 120  # a sweep is due
    calls[call]()

    assert store.write(stored("c"), expected=None)
    assert store.read("c") == stored("c")


def test_a_file_emptied_below_a_program_is_filled_again(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    store = SQLiteStore(path, clock=Clock())
    store.write(stored(), expected=None)
    with store._file.connected() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    os.truncate(path, 0)

    assert store.read("a") is None
    assert store.write(stored("b"), expected=None)
    assert SQLiteStore(path, clock=Clock()).read("b") == stored("b")


def make_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make files look as if they lay on a read-only file system."""
    connect: Any = sqlite3.connect
    flags = type("Flags", (), {"f_flag": 1})

    def connect_read_only(name: str, **options: Any) -> Any:
        if not options.get("uri"):
            raise sqlite3.OperationalError("unable to open database file")
        return connect(name, **options)

    monkeypatch.setattr(sqlite3, "connect", connect_read_only)
    monkeypatch.setattr(os, "statvfs", lambda _: flags, raising=False)
    monkeypatch.setattr(os, "ST_RDONLY", 1, raising=False)


def test_a_file_on_a_read_only_file_system_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    store.write(stored(user="ada"), expected=None)
    store.close()
    make_read_only(monkeypatch)

    assert store.read("a") == stored(user="ada")
    assert store.list_user("ada") == [stored(user="ada")]
    with pytest.raises(SessionStoreError, match="attempt to write a readonly database"):
        store.write(stored("b"), expected=None)


def test_a_file_that_somebody_writes_to_is_not_read_without_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    store.write(stored(), expected=None)
    store.close()
    (tmp_path / "s.db-wal").write_bytes(b"not yet in the file")
    make_read_only(monkeypatch)

    with pytest.raises(SessionStoreError, match="unable to open database file"):
        store.read("a")


@pytest.mark.parametrize("error", [AttributeError, OSError])
def test_where_no_file_system_says_so_no_file_is_taken_for_read_only(
    error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    store.close()
    make_read_only(monkeypatch)

    def statvfs(path: str) -> Any:
        raise error

    monkeypatch.setattr(os, "statvfs", statvfs)

    with pytest.raises(SessionStoreError, match="unable to open database file"):
        store.read("a")


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
    with store._file.connected() as connection:
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
    written = results.get(timeout=60)
    child.join()

    assert written is True
    assert store.read("child") == stored("child")


def test_what_a_fork_inherited_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteStore(tmp_path / "s.db", clock=Clock())
    _, inherited = store._file._pool._idle[0]
    monkeypatch.setattr("os.getpid", lambda: -1)

    store.write(stored(), expected=None)

    assert store._file._pool._idle[0][1] is not inherited
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
    store = RedisStore.from_url(redis_server.patient_url, namespace="url")
    session = replace(stored(), expires_at=4e9)

    assert store.write(session, expected=None)
    assert store.read("a") == session


GOOD_FIELDS = {
    **{"version": "1", "payload": "{}", "name": "=ada"},
    **{"created_at": repr(NOW), "expires_at": repr(NOW + 60)},
}


@pytest.mark.parametrize("decode", [False, True], ids=["bytes", "text"])
@pytest.mark.parametrize(
    "damage",
    [
        {"version": "one"},
        {"created_at": "x"},
        {"expires_at": "nan"},
        {"payload": b"\xff"},
        {"name": b"=\xff"},
    ],
    ids=["version", "created", "expires", "payload", "name"],
)
def test_a_damaged_row_in_redis_is_a_lost_session_and_a_log_line(
    damage: dict[str, Any],
    decode: bool,
    redis_server: RedisServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    raw: Any = redis.Redis(port=redis_server.port)
    client: Any = redis.Redis(port=redis_server.port, decode_responses=decode)
    store = RedisStore(client, namespace=f"n{next(_numbers)}", clock=Clock())
    raw.hset(store._session_key("a"), mapping={**GOOD_FIELDS, **damage})
    raw.zadd(store._user_key("ada"), {"a": NOW + 60})

    assert store.read("a") is None
    assert "The stored session a is damaged and lost" in caplog.text
    assert store.list_user("ada") == []


def test_a_row_without_fields_or_of_another_kind_is_a_lost_session_too(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    client: Any = redis.Redis(port=redis_server.port)
    store = RedisStore(client, namespace=f"n{next(_numbers)}", clock=Clock())
    client.hset(store._session_key("a"), mapping={"x": "y"})
    client.set(store._session_key("b"), "text")

    assert (store.read("a"), store.read("b")) == (None, None)
    assert "holds no session" in caplog.text
    assert "WRONGTYPE" in caplog.text


def test_a_member_of_a_user_that_is_no_text_is_passed_over(
    redis_server: RedisServer,
) -> None:
    client: Any = redis.Redis(port=redis_server.port)
    store = RedisStore(client, namespace=f"n{next(_numbers)}", clock=Clock())
    store.write(stored(user="ada"), expected=None)
    client.zadd(store._user_key("ada"), {b"\xff": NOW + 60})

    assert store.list_user("ada") == [stored(user="ada")]


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
    redis.Redis(port=server.port).client_pause(600_000)

    with pytest.raises(SessionStoreError, match=r"[Tt]imeout"):
        store.read("a")


def test_a_redis_that_is_full_is_an_error(start_redis: StartRedis) -> None:
    server = start_redis("--maxmemory", "1")
    store = RedisStore.from_url(server.patient_url)

    with pytest.raises(SessionStoreError, match="maxmemory"):
        store.write(replace(stored(), expires_at=4e9), expected=None)


def test_without_redis_py_the_store_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(SessionError, match=r"pip install tantalus-sessions\[redis\]"):
        RedisStore.from_url("redis://127.0.0.1:1/0")
