"""A file of sessions and the connections to it, whatever happens to the file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

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
CREATE TABLE IF NOT EXISTS tantalus_sessions_sweep (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    at REAL NOT NULL
);
INSERT OR IGNORE INTO tantalus_sessions_sweep VALUES (1, 0);
"""
# One row, if all is there; an error without one of the tables.
_HAS_SCHEMA = (
    "SELECT (SELECT 1 FROM tantalus_sessions LIMIT 1) FROM tantalus_sessions_sweep"
)

# Device and number of a file: another file at the same path has others.
Identity: TypeAlias = tuple[int, int]


class SQLiteFile:
    """Lends connections to the file `path`, made with its tables if absent.

    Args:
        timeout: Seconds to wait for another process that is writing.
    """

    def __init__(self, path: str, timeout: float) -> None:
        self.path = path
        self._timeout = timeout
        self._pool = _Pool()

    @contextmanager
    def connected(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to one caller; one that failed is not lent again.

        Raises:
            sqlite3.Error: The file cannot be opened, or what the caller does failed.
        """
        identity = self._identity()
        connection = self._pool.take(identity)
        if connection is None:
            try:
                connection = self._connect()
            except sqlite3.OperationalError:
                if not self._can_only_be_read():
                    raise
                with closing(self._open_to_read()) as connection:
                    yield connection
                return
            identity = self._identity()
        try:
            yield connection
        except BaseException:
            connection.close()
            # The others may be to a file that was replaced below them.
            self._pool.close()
            raise
        self._pool.give_back(identity, connection)

    def close(self) -> None:
        """Close the connections that are not in use; a later call opens new ones."""
        self._pool.close()

    def _identity(self) -> Identity | None:
        """Return which file is at the path; None if there is none, or an empty one."""
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found.st_size else None

    def _connect(self) -> sqlite3.Connection:
        with suppress(OSError):  # which SQLite tells better
            # The umask would let others read it. SQLite gives its other files the
            # mode of this one. An existing file is left as it is.
            os.close(os.open(self.path, os.O_RDONLY | os.O_CREAT, 0o600))
        connection = self._open(self.path)
        try:
            _prepare(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _can_only_be_read(self) -> bool:
        """Tell whether the file lies, complete, on a read-only file system."""
        try:
            flags = os.statvfs(self.path).f_flag
        except (AttributeError, OSError):  # Windows has no such question
            return False
        return bool(flags & os.ST_RDONLY) and not os.path.exists(f"{self.path}-wal")

    def _open_to_read(self) -> sqlite3.Connection:
        # SQLite would write beside the file even to read it, were it not told that
        # nobody changes it. As somebody may do so later, this is never kept.
        return self._open(
            f"{Path(self.path).absolute().as_uri()}?immutable=1", uri=True
        )

    def _open(self, path: str, uri: bool = False) -> sqlite3.Connection:
        # Without isolation level each statement is a transaction of its own.
        connection = sqlite3.connect(
            path,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
            uri=uri,
        )
        # Text that is no UTF-8 would fail the whole query.
        connection.text_factory = bytes
        return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, if they are not there.

    Raises:
        sqlite3.Error: They are not, and cannot be made.
    """
    connection.execute("PRAGMA synchronous = NORMAL")
    try:
        is_complete = connection.execute(_HAS_SCHEMA).fetchone() is not None
    except sqlite3.OperationalError:
        is_complete = False
    if not is_complete:
        connection.executescript(_SCHEMA)


class _Pool:
    """Open connections, each used by one thread at a time and in one process."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._idle: list[tuple[Identity | None, sqlite3.Connection]] = []
        self._inherited: list[object] = []

    def take(self, identity: Identity | None) -> sqlite3.Connection | None:
        """Return a connection to this file, closing those to another; else None."""
        if self._process != os.getpid():
            # SQLite forbids to use, or even close, what a fork inherited.
            self._inherited.append(self._idle)
            self._idle, self._process = [], os.getpid()
        while True:
            try:
                known, connection = self._idle.pop()
            except IndexError:
                return None
            if identity is not None and known == identity:
                return connection
            connection.close()

    def give_back(
        self, identity: Identity | None, connection: sqlite3.Connection
    ) -> None:
        """Keep a connection for the next caller."""
        self._idle.append((identity, connection))

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.take(None)
