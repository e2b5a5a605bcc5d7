"""Sessions in one SQLite file, shared by the processes of one machine."""

from __future__ import annotations

import sqlite3
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeAlias, TypeVar

from .._errors import SessionStoreError
from ._record import StoredSession, restored, user_name
from ._sqlite_file import SQLiteFile

T = TypeVar("T")
Row: TypeAlias = tuple[object, ...]

_COLUMNS = "id, version, payload, user, created_at, expires_at"
# Seconds between two sweeps of a file, whoever does them.
_SWEEP_EVERY = 60


class SQLiteStore:
    """Keeps sessions in the file `path`, made if absent; safe for many processes.

    What was written survives the death of the process at once, and that of the machine
    up to SQLite's last checkpoint of the write-ahead log. The file is made for its
    owner alone (mode 0600). Expired sessions are removed while new ones are written,
    once a minute at most, by whichever process comes first. A file that is emptied or
    deleted is made again, and a table that is dropped; on a read-only file system it is
    still read.

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
        self._clock = clock
        self._next_sweep = 0.0
        self._file = SQLiteFile(str(path), timeout)
        weakref.finalize(self, self._file.close)
        self._do(lambda connection: None)  # tells at set-up what is wrong with it

    def read(self, id: str, /) -> StoredSession | None:
        """Return the session, or None if there is none or it has expired."""
        rows = self._query(
            f"SELECT {_COLUMNS} FROM tantalus_sessions WHERE id = ? AND expires_at > ?",
            id,
            self._clock(),
        )
        return _restored(rows[0]) if rows else None

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Keep `session` if the version kept under its id is `expected`."""
        if expected is None:
            return self._create(session)
        changed = self._change(
            "UPDATE tantalus_sessions SET version = ?, payload = ?, user = ?,"
            " created_at = ?, expires_at = ?"
            " WHERE id = ? AND version = ? AND expires_at > ?",
            session.version,
            session.payload,
            session.user,
            session.created_at,
            session.expires_at,
            session.id,
            expected,
            self._clock(),
        )
        return changed == 1

    def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Forget the session, if its version is `expected` or that is None."""
        deleted = self._change(
            "DELETE FROM tantalus_sessions"
            " WHERE id = ? AND version = ifnull(?, version) AND expires_at > ?",
            id,
            expected,
            self._clock(),
        )
        return deleted == 1

    def list_user(self, user: str, /) -> list[StoredSession]:
        """Return the sessions of `user` that have not expired, oldest first."""
        rows = self._query(
            f"SELECT {_COLUMNS} FROM tantalus_sessions"
            " WHERE user = ? AND expires_at > ? ORDER BY created_at",
            user_name(user),
            self._clock(),
        )
        return [session for session in map(_restored, rows) if session is not None]

    def sweep(self) -> int:
        """Remove the expired sessions and return how many there were."""
        now = self._clock()
        self._change("UPDATE tantalus_sessions_sweep SET at = ?", now)
        return self._change(
            # Text, which only damage puts there, is larger than any number.
            "DELETE FROM tantalus_sessions WHERE expires_at <= ? OR expires_at >= ''",
            now,
        )

    def close(self) -> None:
        """Close the connections that are not in use; a later call opens new ones."""
        self._file.close()

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
        if self._clock() >= self._next_sweep:
            self._sweep_if_due()
        inserted = self._change(
            f"INSERT INTO tantalus_sessions ({_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            session.id,
            session.version,
            session.payload,
            session.user,
            session.created_at,
            session.expires_at,
        )
        return inserted == 1

    def _sweep_if_due(self) -> None:
        """Sweep, unless a process has done so within the last minute."""
        now = self._clock()
        self._next_sweep = now + _SWEEP_EVERY
        if self._query(
            # A time ahead of ours is that of a clock which was set back since.
            "SELECT 1 FROM tantalus_sessions_sweep WHERE at <= ? OR at > ?",
            now - _SWEEP_EVERY,
            now,
        ):
            self.sweep()

    def _query(self, statement: str, *values: object) -> list[Row]:
        """Return the rows of a `SELECT`."""
        return self._do(lambda one: one.execute(statement, values).fetchall())

    def _change(self, statement: str, *values: object) -> int:
        """Return how many rows a statement has changed."""
        return self._do(lambda one: one.execute(statement, values).rowcount)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` returns of a connection."""
        try:
            try:
                return self._once(work)
            except sqlite3.OperationalError as error:
                if "no such table" not in str(error):
                    raise
                # Somebody has dropped it. A new connection makes it again.
                return self._once(work)
        except (sqlite3.Error, UnicodeError, OSError) as error:
            raise SessionStoreError(
                f"SQLite file {self._file.path!r}: {error}"
            ) from error

    def _once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        # A connection that failed is not lent again.
        with self._file.connected() as connection:
            return work(connection)


def _restored(row: Row) -> StoredSession | None:
    """Return a session of a row; None, and a log line, if it is damaged."""
    id, *others = map(_text, row)
    return restored(str(id), *others)


def _text(value: object) -> object:
    """Return text of the bytes that SQLite has for it; bytes if they are none."""
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value
