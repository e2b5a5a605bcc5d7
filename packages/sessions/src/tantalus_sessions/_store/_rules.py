"""What is decided of a session in a store, without asking the store.

The cookie holds a *token* of 256 random bits; the store knows only its SHA-256, the
*id*, so reading the store gives nobody a session. A token that the store does not know
is never adopted.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Generic, TypeVar

from .._events import Reason, log_damage
from .._signer import TextSerializer
from ._record import StoredSession
from ._store_session import Outcome, StoreSession, new_session

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

Store = TypeVar("Store")


class _Unreadable(Exception):
    """What is stored is no session."""


@dataclass(frozen=True, slots=True)
class New:
    """A session under an id of its own, before it is known to be kept."""

    token: str
    stored: StoredSession

    def adopted_by(self, session: StoreSession) -> Outcome:
        """Let `session` be this one."""
        session.token, session.stored = self.token, self.stored
        return Outcome.SAVED_UNDER_NEW_ID


@dataclass(frozen=True)
class Rules(Generic[Store]):
    """How sessions are read and written, whatever kind of store keeps them.

    Attributes:
        absolute: How long a session lives after login, however busy it is.
        clock: Returns seconds since 1970.
    """

    store: Store
    serializer: TextSerializer
    absolute: timedelta | None
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        if self.absolute is not None:
            check_lifetime("absolute", self.absolute)

    def opened(
        self, token: str, stored: StoredSession | None
    ) -> tuple[StoreSession, Reason | None]:
        """Return the session of `token`, and why it is an empty one if it is.

        Args:
            stored: What the store has under the id of the token.
        """
        if stored is None:
            return new_session(), Reason.UNKNOWN
        if stored.expires_at <= self.clock():
            return new_session(), Reason.EXPIRED
        try:
            session = StoreSession(self._loads(stored))
        except _Unreadable as error:
            log_damage(stored.id, str(error))
            return new_session(), Reason.MALFORMED
        session.token, session.stored, session._user = token, stored, stored.user
        return session, None

    def is_settled(self, session: StoreSession, idle: timedelta) -> bool:
        """Tell whether saving leaves the store alone: nothing changed, and none due."""
        return not session.modified and self.touched(session, idle) is None

    def touched(self, session: StoreSession, idle: timedelta) -> StoredSession | None:
        """Return what extends the life of `session`; None if that is not due.

        Not at each request: one write per twentieth of the lifetime is enough.
        """
        stored = session.stored
        if stored is None:
            return None
        expiry = self.expiry(stored.created_at, idle)
        if expiry - stored.expires_at <= idle.total_seconds() / 20:
            return None
        return replace(stored, version=stored.version + 1, expires_at=expiry)

    def new(self, wanted: dict[str, Any], user: str | None, idle: timedelta) -> New:
        """Return a session under a new id."""
        token = secrets.token_urlsafe(32)
        now = self.clock()
        payload = self.serializer.dumps(wanted)
        expiry = self.expiry(now, idle)
        return New(token, StoredSession(id_of(token), 1, payload, user, now, expiry))

    def changed(
        self,
        current: StoredSession,
        wanted: dict[str, Any],
        user: str | None,
        idle: timedelta,
    ) -> StoredSession:
        """Return the next version of `current`."""
        return replace(
            current,
            version=current.version + 1,
            payload=self.serializer.dumps(wanted),
            user=user,
            expires_at=self.expiry(current.created_at, idle),
        )

    def merged(
        self, opened: StoredSession, ours: dict[str, Any], current: StoredSession
    ) -> dict[str, Any]:
        """Return `current` with what we changed since it was `opened`."""
        try:
            base, merged = self._loads(opened), self._loads(current)
        except _Unreadable as error:
            log_damage(current.id, str(error))
            return ours
        for key in base.keys() - ours.keys():
            merged.pop(key, None)
        for key, value in ours.items():
            # As text, because 1 == True and [1] == [1.0].
            if key not in base or self._differ(base[key], value):
                merged[key] = value
        return merged

    def expiry(self, created_at: float, idle: timedelta) -> float:
        """Return when a session ends that nobody uses any more."""
        expiry = self.clock() + idle.total_seconds()
        if self.absolute is None:
            return expiry
        return min(expiry, created_at + self.absolute.total_seconds())

    def _differ(self, one: object, other: object) -> bool:
        return self.serializer.dumps(one) != self.serializer.dumps(other)

    def _loads(self, stored: StoredSession) -> dict[str, Any]:
        try:
            payload = self.serializer.loads(stored.payload)
        # A serializer of the user's may raise anything; no payload may crash.
        except Exception as error:
            raise _Unreadable("its payload cannot be read") from error
        if not isinstance(payload, dict):
            raise _Unreadable("its payload is no dict")
        return payload


def id_in(token: str | None) -> str | None:
    """Return the id to ask the store for; None for what can be no token."""
    return id_of(token) if token and _TOKEN.fullmatch(token) else None


def id_of(token: str) -> str:
    """Return the id under which the store knows the session of the cookie `token`."""
    return hashlib.sha256(token.encode()).hexdigest()


def without_id(token: str | None) -> tuple[StoreSession, Reason | None]:
    """Return a new session, and that `token` is none if there is one."""
    return new_session(), Reason.MALFORMED if token else None


def check_lifetime(name: str, lifetime: object) -> None:
    """Raise `TypeError` for a lifetime that is a bare number, of nobody knows what."""
    if not isinstance(lifetime, timedelta):
        raise TypeError(
            f"{name}={lifetime!r} is no lifetime. Pass a timedelta, such as"
            " timedelta(days=31)."
        )
