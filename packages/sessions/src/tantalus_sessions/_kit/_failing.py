"""A clock that stands still, and stores that fail when they are told to."""

from __future__ import annotations

from .._errors import SessionStoreError
from .._store._record import AsyncSessionStore, SessionStore, StoredSession

#: The time of the clock with which the tests of a store begin.
NOW = 1_700_000_000.0


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


class Failing:
    """Counts calls, and fails at one of them, or at all.

    Attributes:
        calls: How many there were since `fail_at()`.
    """

    def __init__(self) -> None:
        self._failing: int | None = 0
        self.calls = 0

    def fail_at(self, call: int | None) -> None:
        """Fail at the call of this number from now on, the first is 1; None: at all."""
        self._failing = call
        self.calls = 0

    def _count(self) -> None:
        self.calls += 1
        if self._failing is None or self.calls == self._failing:
            raise SessionStoreError(f"failed at call {self.calls}, as a test wanted")


class FailingStore(Failing):
    """Passes calls on to `store`, but fails at one of them, or at all.

    Attributes:
        calls: How many there were since `fail_at()`.
    """

    def __init__(self, store: SessionStore) -> None:
        super().__init__()
        self._store = store

    def read(self, id: str, /) -> StoredSession | None:
        """Return what the store returns."""
        self._count()
        return self._store.read(id)

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Return what the store returns."""
        self._count()
        return self._store.write(session, expected=expected)

    def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Return what the store returns."""
        self._count()
        return self._store.delete(id, expected=expected)

    def list_user(self, user: str, /) -> list[StoredSession]:
        """Return what the store returns."""
        self._count()
        return self._store.list_user(user)


class AsyncFailingStore(Failing):
    """A `FailingStore` around one that is awaited.

    Attributes:
        calls: How many there were since `fail_at()`.
    """

    def __init__(self, store: AsyncSessionStore) -> None:
        super().__init__()
        self._store = store

    async def read(self, id: str, /) -> StoredSession | None:
        """Return what the store returns."""
        self._count()
        return await self._store.read(id)

    async def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Return what the store returns."""
        self._count()
        return await self._store.write(session, expected=expected)

    async def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Return what the store returns."""
        self._count()
        return await self._store.delete(id, expected=expected)

    async def list_user(self, user: str, /) -> list[StoredSession]:
        """Return what the store returns."""
        self._count()
        return await self._store.list_user(user)
