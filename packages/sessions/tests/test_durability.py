"""Sixteen writers at once, and servers that die while they are written to.

`TANTALUS_WRITES` sets how many writes; the default keeps the suite short.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import RedisServer, StartRedis

from tantalus_sessions import (
    MemoryStore,
    RedisStore,
    SessionStore,
    SessionStoreError,
    SQLiteStore,
    TaggedJSON,
)
from tantalus_sessions._store._keeper import Keeper
from tantalus_sessions._store._store_session import Outcome

WRITES = int(os.environ.get("TANTALUS_WRITES", "480"))
WRITERS = 16
IDLE = timedelta(hours=1)
# What is written is as long as `n` says, so a torn write would show.
FILL = "0123456789" * 20


def keeper(store: SessionStore) -> Keeper:
    return Keeper(store, TaggedJSON(), None)


def begin(store: SessionStore, **payload: Any) -> str:
    session, _ = keeper(store).open(None)
    session.update(payload)
    keeper(store).save(session, IDLE)
    return str(session.token)


def write(store: SessionStore, token: str, **changes: Any) -> None:
    session, reason = keeper(store).open(token)
    assert reason is None
    session.update(changes)
    assert keeper(store).save(session, IDLE) is Outcome.SAVED


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SessionStore]:
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "sqlite":
        with SQLiteStore(tmp_path / "s.db", timeout=60) as store:
            yield store
    else:
        server: RedisServer = request.getfixturevalue("redis_server")
        yield RedisStore.from_url(server.patient_url, namespace="writers")


def test_sixteen_writers_of_one_session_lose_no_key(store: SessionStore) -> None:
    token = begin(store, a=0)
    each = max(1, WRITES // WRITERS // 4)

    def write_own_key(writer: int) -> None:
        for n in range(each):
            write(store, token, **{f"writer{writer}": n})

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write_own_key, range(WRITERS)))

    session, _ = keeper(store).open(token)
    assert session == {"a": 0} | {f"writer{n}": each - 1 for n in range(WRITERS)}


@dataclass
class Written:
    """What one writer had acknowledged, and what it was doing when it failed."""

    token: str
    acknowledged: int = -1
    attempted: int = -1


def write_until_it_fails(store: SessionStore, written: Written, writes: int) -> None:
    for n in range(writes):
        written.attempted = n
        try:
            write(store, written.token, n=n, fill=FILL[: n % 200])
        except SessionStoreError:
            return
        written.acknowledged = n


def assert_nothing_lost_nor_torn(store: SessionStore, written: Written) -> None:
    session, reason = keeper(store).open(written.token)
    assert reason is None
    n = session["n"]
    # A write that was not acknowledged may have happened or not.
    assert written.acknowledged <= n <= written.attempted
    assert session["fill"] == FILL[: max(n, 0) % 200]


def test_a_killed_redis_loses_nothing_it_acknowledged(start_redis: StartRedis) -> None:
    server = start_redis("--appendonly", "yes", "--appendfsync", "always")
    store = RedisStore.from_url(server.patient_url)
    rows = [Written(begin(store, n=-1, fill="")) for _ in range(WRITERS)]

    with ThreadPoolExecutor(WRITERS + 1) as writers:
        running = [
            writers.submit(write_until_it_fails, store, row, 10 * WRITES)
            for row in rows
        ]
        kill_in_the_middle(rows, server.kill)
        for writer in running:
            writer.result()
    assert sum(row.acknowledged + 1 for row in rows) >= WRITES // 2
    assert all(row.acknowledged < 10 * WRITES - 1 for row in rows)
    server.start()

    for row in rows:
        assert_nothing_lost_nor_torn(RedisStore.from_url(server.patient_url), row)


def kill_in_the_middle(rows: list[Written], kill: Callable[[], None]) -> None:
    end = time.monotonic() + 120
    try:
        while sum(row.acknowledged + 1 for row in rows) < WRITES // 2:
            assert time.monotonic() < end
            time.sleep(0.001)
    finally:
        kill()


def write_in_a_process(
    path: Path, token: str, attempted: Any, acknowledged: Any
) -> None:
    store = SQLiteStore(path, timeout=60)
    for n in range(1_000_000):
        attempted.value = n
        write(store, token, n=n, fill=FILL[: n % 200])
        acknowledged.value = n


def test_killed_writers_of_sqlite_lose_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with SQLiteStore(path) as store:
        tokens = [begin(store, n=-1, fill="") for _ in range(4)]
    context = multiprocessing.get_context("spawn")
    # Without locks: a process that is killed would keep the one it holds.
    numbers = [(context.RawValue("q", -1), context.RawValue("q", -1)) for _ in tokens]
    processes = [
        context.Process(target=write_in_a_process, args=(path, token, *pair))
        for token, pair in zip(tokens, numbers, strict=True)
    ]
    for process in processes:
        process.start()

    end = time.monotonic() + 120
    while sum(acknowledged.value + 1 for _, acknowledged in numbers) < WRITES:
        assert time.monotonic() < end
        time.sleep(0.001)
    for process in processes:
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()

    with SQLiteStore(path) as store:
        for token, (attempted, acknowledged) in zip(tokens, numbers, strict=True):
            row = Written(token, acknowledged.value, attempted.value)
            assert_nothing_lost_nor_torn(store, row)
