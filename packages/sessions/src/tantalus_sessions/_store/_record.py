"""What a store keeps, and what it must be able to do."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from .._events import log_damage


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
    It may block, but no longer than a request may take. What it keeps, but cannot read
    any more, is a session that is lost: it logs that and goes on as if there was none.
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


class AsyncSessionStore(Protocol):
    """A `SessionStore` whose methods are awaited, on the event loop that serves.

    What is said there holds here, too; it waits without blocking its thread.
    """

    async def read(self, id: str, /) -> StoredSession | None:
        """Return the session, or None if there is none or it has expired."""
        ...

    async def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Keep `session` if the version kept under its id is `expected`."""
        ...

    async def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Forget the session, if its version is `expected` or that is None."""
        ...

    async def list_user(self, user: str, /) -> list[StoredSession]:
        """Return the sessions of `user` that have not expired, oldest first."""
        ...


def restored(
    id: str,
    version: object,
    payload: object,
    user: object,
    created_at: object,
    expires_at: object,
) -> StoredSession | None:
    """Return a session of what a store has read; None, and a log line, if damaged."""
    if (
        isinstance(version, int)
        and isinstance(payload, str)
        and (user is None or isinstance(user, str))
        and _is_time(created_at)
        and _is_time(expires_at)
    ):
        return StoredSession(id, version, payload, user, created_at, expires_at)
    log_damage(id, "a column holds a value of another type")
    return None


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def user_name(user: object) -> str:
    """Return the plain text of `user`, as every store compares it.

    Raises:
        TypeError: It is no text, which one store would take for `str(user)`, another
            for nobody.
    """
    if not isinstance(user, str):
        raise TypeError(
            f"The user {user!r} of a session is a {type(user).__name__}. Pass text,"
            " such as str(user.id)."
        )
    # Not `str(user)`: an enumeration of texts has another idea of itself.
    return str.__str__(user)


_METHODS = ("read", "write", "delete", "list_user")


def check_store(store: object) -> None:
    """Raise `TypeError` for what can be no store, such as a path or a class."""
    _check_methods(store)
    if _awaited(store):
        raise TypeError(
            f"{store!r} is a store to be awaited, which nothing does here. Pass one"
            " whose methods are plain functions, such as RedisStore, or use"
            " ASGISessionMiddleware or AsyncStoreSessions."
        )


def check_async_store(store: object) -> None:
    """Raise `TypeError` for what can be no store that is awaited."""
    _check_methods(store)
    plain = [name for name in _METHODS if name not in _awaited(store)]
    if plain:
        raise TypeError(
            f"{store!r} cannot be awaited: its {', '.join(plain)} are plain functions."
            " Write them with 'async def', or pass the store to StoreSessions."
        )


def is_async_store(store: object) -> bool:
    """Tell whether the methods of `store` are to be awaited, any of them."""
    return bool(_awaited(store))


def _awaited(store: object) -> list[str]:
    """Return the names of the methods that are coroutine functions."""
    methods = ((name, getattr(store, name, None)) for name in _METHODS)
    return [name for name, method in methods if inspect.iscoroutinefunction(method)]


def _check_methods(store: object) -> None:
    missing = [name for name in _METHODS if not callable(getattr(store, name, None))]
    if missing or isinstance(store, type):
        raise TypeError(
            f"{store!r} is no session store. Pass an object with the methods"
            f" {', '.join(_METHODS)}, such as SQLiteStore('sessions.db')."
        )
