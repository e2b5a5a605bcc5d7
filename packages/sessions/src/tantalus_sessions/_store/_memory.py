"""Sessions in this process: for tests, and for programs of one process."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from .._errors import SessionStoreFull
from ._record import StoredSession, user_name


class MemoryStore:
    """Keeps up to `max_sessions`; all are gone when the process ends.

    A new session that finds the store full of live ones is refused: none is evicted,
    so nobody can log others out by opening many.

    Args:
        clock: Returns seconds since 1970.
    """

    def __init__(
        self, max_sessions: int = 10_000, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._max_sessions = max_sessions
        self._clock = clock
        self._sessions: dict[str, StoredSession] = {}
        self._lock = Lock()

    def read(self, id: str, /) -> StoredSession | None:
        """Return the session, or None if there is none or it has expired."""
        session = self._sessions.get(id)
        if session is None or session.expires_at <= self._clock():
            return None
        return session

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Keep `session` if the version kept under its id is `expected`.

        Raises:
            SessionStoreFull: It is new, and `max_sessions` live ones are there.
        """
        with self._lock:
            kept = self.read(session.id)
            if (kept and kept.version) != expected:
                return False
            if kept is None:
                self._make_room()
            self._sessions[session.id] = session
            return True

    def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Forget the session, if its version is `expected` or that is None."""
        with self._lock:
            kept = self.read(id)
            if kept is None or expected not in (None, kept.version):
                return False
            del self._sessions[id]
            return True

    def list_user(self, user: str, /) -> list[StoredSession]:
        """Return the sessions of `user` that have not expired, oldest first."""
        name, now = user_name(user), self._clock()
        with self._lock:
            found = [
                session
                for session in self._sessions.values()
                if session.user == name and session.expires_at > now
            ]
        return sorted(found, key=lambda session: session.created_at)

    def _make_room(self) -> None:
        if len(self._sessions) < self._max_sessions:
            return
        now = self._clock()
        for session in list(self._sessions.values()):
            if session.expires_at <= now:
                del self._sessions[session.id]
        if len(self._sessions) >= self._max_sessions:
            raise SessionStoreFull(self._max_sessions)
