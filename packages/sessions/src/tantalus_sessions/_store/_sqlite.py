"""Sessions in one SQLite file, shared by the processes of one machine."""

from __future__ import annotations

import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from .._errors import SessionStoreError
from ._record import StoredSession

_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS tantalus_sessions (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    payload TEXT NOT NULL,
    user TEXT,
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tantalus_sessions_user
    ON tantalus_sessions (user) WHERE user IS NOT NULL;
CREATE INDEX IF NOT EXISTS tantalus_sessions_expiry
    ON tantalus_sessions (expires_at);
"""
_COLUMNS = "id, version, payload, user, created_at, expires_at"
_SWEEP_EVERY = 1_000


class SQLiteStore:
    """Keeps sessions in the file `path`, made if absent; safe for many processes.

    What was written survives the death of the process at once, and that of the machine
    up to SQLite's last checkpoint of the write-ahead log. Expired sessions are removed
    now and then while others are written.

    Args:
        timeout: Seconds to wait for another process that is writing.
        clock: Returns seconds since 1970.

    Raises:
        ValueError: `path` is a database in memory: each thread would have its own.
        SessionStoreError: The file cannot be opened or is no database.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        timeout: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if str(path) in ("", ":memory:"):
            raise ValueError(
                f"SQLiteStore({str(path)!r}) would give each thread a database of its"
                " own. Pass the path of a file, or use MemoryStore()."
            )
        self._path = str(path)
        self._timeout = timeout
        self._clock = clock
        self._pool = _Pool()
        weakref.finalize(self, self._pool.close)
        self._creations = 0
        with self._connected() as connection:
            connection.executescript(_SCHEMA)

    def read(self, id: str, /) -> StoredSession | None:
        """Return the session, or None if there is none or it has expired."""
        with self._connected() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM tantalus_sessions"
                " WHERE id = ? AND expires_at > ?",
                (id, self._clock()),
            ).fetchone()
        return None if row is None else StoredSession(*row)

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Keep `session` if the version kept under its id is `expected`."""
        if expected is None:
            return self._create(session)
        with self._connected() as connection:
            changed = connection.execute(
                "UPDATE tantalus_sessions SET version = ?, payload = ?, user = ?,"
                " created_at = ?, expires_at = ?"
                " WHERE id = ? AND version = ? AND expires_at > ?",
                (
                    session.version,
                    session.payload,
                    session.user,
                    session.created_at,
                    session.expires_at,
                    session.id,
                    expected,
                    self._clock(),
                ),
            )
            return changed.rowcount == 1

    def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Forget the session, if its version is `expected` or that is None."""
        with self._connected() as connection:
            deleted = connection.execute(
                "DELETE FROM tantalus_sessions"
                " WHERE id = ? AND version = ifnull(?, version) AND expires_at > ?",
                (id, expected, self._clock()),
            )
            return deleted.rowcount == 1

    def list_user(self, user: str, /) -> list[StoredSession]:
        """Return the sessions of `user` that have not expired, oldest first."""
        with self._connected() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM tantalus_sessions"
                " WHERE user = ? AND expires_at > ? ORDER BY created_at",
                (user, self._clock()),
            ).fetchall()
        return [StoredSession(*row) for row in rows]

    def sweep(self) -> int:
        """Remove the expired sessions and return how many there were."""
        with self._connected() as connection:
            return connection.execute(
                "DELETE FROM tantalus_sessions WHERE expires_at <= ?", (self._clock(),)
            ).rowcount

    def close(self) -> None:
        """Close the connections that are not in use; a later call opens new ones."""
        self._pool.close()

    def __enter__(self) -> SQLiteStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _create(self, session: StoredSession) -> bool:
        self._creations += 1
        if self._creations % _SWEEP_EVERY == 0:
            self.sweep()
        with self._connected() as connection:
            inserted = connection.execute(
                f"INSERT INTO tantalus_sessions ({_COLUMNS})"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    session.id,
                    session.version,
                    session.payload,
                    session.user,
                    session.created_at,
                    session.expires_at,
                ),
            )
            return inserted.rowcount == 1

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to one caller; one that failed is not lent again."""
        try:
            connection = self._pool.take() or self._connect()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            self._pool.give_back(connection)
        except sqlite3.Error as error:
            raise SessionStoreError(f"SQLite file {self._path!r}: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        # Without isolation level each statement is a transaction of its own.
        connection = sqlite3.connect(
            self._path,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


class _Pool:
    """Open connections, each used by one thread at a time and in one process."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._idle: list[sqlite3.Connection] = []
        self._inherited: list[list[sqlite3.Connection]] = []

    def take(self) -> sqlite3.Connection | None:
        if self._process != os.getpid():
            # SQLite forbids to use, or even close, what a fork inherited.
            self._inherited.append(self._idle)
            self._idle, self._process = [], os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def give_back(self, connection: sqlite3.Connection) -> None:
        self._idle.append(connection)

    def close(self) -> None:
        while (connection := self.take()) is not None:
            connection.close()
