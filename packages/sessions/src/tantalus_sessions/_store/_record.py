"""What a store keeps, and what it must be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One session as a store keeps it; immutable, replaced as a whole.

    Attributes:
        id: The SHA-256 of the cookie's value, in hexadecimal. It may be shown, say in a
            list of devices: nobody can make a cookie of it.
        version: Counts the writes, from 1.
        payload: The text of the dict.
        user: Whose session it is, if the application said so.
        created_at: Seconds since 1970.
        expires_at: Seconds since 1970; from then on the store need not keep it.
    """

    id: str
    version: int
    payload: str
    user: str | None
    created_at: float
    expires_at: float


class SessionStore(Protocol):
    """Keeps sessions for `StoreSessionInterface`; called from many threads at once.

    A method returns only when the store has done its work. If it cannot, for whatever
    reason, it raises `SessionStoreError`; nothing else, and never a wrong answer.
    It may block, but no longer than a request may take.
    """

    def read(self, id: str, /) -> StoredSession | None:
        """Return the session, or None if there is none or it has expired."""
        ...

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Keep `session` if the version kept under its id is `expected`.

        Comparing and writing are one step that no other call can come between. With
        `expected` None, there must be no session of this id yet. Returns whether it
        was written.
        """
        ...

    def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Forget the session, if its version is `expected` or that is None.

        Returns whether a session was there and is gone.
        """
        ...

    def list_user(self, user: str, /) -> list[StoredSession]:
        """Return the sessions of `user` that have not expired, oldest first."""
        ...


def check_store(store: object) -> None:
    """Raise `TypeError` for what can be no store, such as a path or a class."""
    methods = ("read", "write", "delete", "list_user")
    missing = [name for name in methods if not callable(getattr(store, name, None))]
    if missing or isinstance(store, type):
        raise TypeError(
            f"{store!r} is no session store. Pass an object with the methods"
            f" {', '.join(methods)}, such as SQLiteStore('sessions.db')."
        )
