"""The life of a session in a store: opened, changed, renewed, ended.

The cookie holds a *token* of 256 random bits; the store knows only its SHA-256, the
*id*, so reading the store gives nobody a session. A token that the store does not know
is never adopted.

Saving is optimistic. If another request wrote in between, what this request changed is
laid over what the other wrote: each keeps its keys, and a key that both changed gets
the value of the later to save. A session that another request ended stays ended.

A session that moves to a new id is created before the old one is deleted, so a store
that fails between the two logs nobody out.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from .._errors import SessionStoreError, SessionStoreFull
from .._events import Reason, log_damage, log_failure, log_refresh_failure
from .._session import Session, contents
from .._signer import TextSerializer
from ._record import SessionStore, StoredSession, check_store, user_name

ATTEMPTS = 200
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class StoreSession(Session):
    """A session that lives in a store.

    Attributes:
        token: What the cookie holds; None until the session is saved.
        stored: What the store held when the session was opened, or holds since it was
            saved; None if there was nothing.
        renewed: The next save moves it to a new id.
        cleared: The next save ends what was stored, whatever others wrote to it.
    """

    token: str | None = None
    stored: StoredSession | None = None
    renewed: bool = False
    cleared: bool = False
    _user: str | None = None

    @property
    def id(self) -> str | None:
        """The id to revoke it by; None until it is saved. It is no secret."""
        return None if self.stored is None else self.stored.id

    @property
    def user(self) -> str | None:
        """Whose session it is, for `list_user` and `revoke_user`; set it at login.

        Raises:
            TypeError: It is set to something else than text or None.
        """
        self.accessed = True
        return self._user

    @user.setter
    def user(self, user: str | None) -> None:
        self._user = None if user is None else user_name(user)
        self.accessed = self.modified = True

    def renew(self) -> None:
        """Move to a new id when saved; the old one is worth nothing from then on."""
        super().renew()
        self.renewed = True

    def clear(self) -> None:
        """Empty it and end what was stored; what is set afterwards gets a new id."""
        super().clear()
        self._user = None
        self.cleared = self.renewed = True


class _Unreadable(Exception):
    """What is stored is no session."""


class Outcome(Enum):
    """What a save did, as far as the cookie is concerned."""

    NOTHING = auto()
    SAVED = auto()
    SAVED_UNDER_NEW_ID = auto()
    ENDED = auto()
    ENDED_MEANWHILE = auto()


@dataclass(frozen=True, slots=True)
class _New:
    """A session under an id of its own, before it is known to be kept."""

    token: str
    stored: StoredSession

    def adopted_by(self, session: StoreSession) -> Outcome:
        """Let `session` be this one."""
        session.token, session.stored = self.token, self.stored
        return Outcome.SAVED_UNDER_NEW_ID


@dataclass(frozen=True)
class Keeper:
    """Opens and saves the sessions of one store.

    Attributes:
        absolute: How long a session lives after login, however busy it is.
        clock: Returns seconds since 1970.
    """

    store: SessionStore
    serializer: TextSerializer
    absolute: timedelta | None
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        check_store(self.store)
        if self.absolute is not None:
            check_lifetime("absolute", self.absolute)

    def open(self, token: str | None) -> tuple[StoreSession, Reason | None]:
        """Return the session of `token`, and why it is an empty one if it is.

        Raises:
            SessionStoreError: The store failed.
        """
        if not token:
            return _new_session(), None
        if not _TOKEN.fullmatch(token):
            return _new_session(), Reason.MALFORMED
        try:
            stored = self.store.read(id_of(token))
        except SessionStoreError as error:
            log_failure(error)
            raise
        if stored is None:
            return _new_session(), Reason.UNKNOWN
        if stored.expires_at <= self.clock():
            return _new_session(), Reason.EXPIRED
        try:
            session = StoreSession(self._loads(stored))
        except _Unreadable as error:
            log_damage(stored.id, str(error))
            return _new_session(), Reason.MALFORMED
        session.token, session.stored, session._user = token, stored, stored.user
        return session, None

    def save(self, session: StoreSession, idle: timedelta) -> Outcome:
        """Write what changed, or extend the life of what did not.

        A life that cannot be extended is logged: nothing was lost.

        Args:
            idle: How long it lives unless another request comes.

        Raises:
            SessionStoreError: The store failed; nothing or all was written.
        """
        if not session.modified:
            if session.stored is not None:
                self._touch(session, session.stored, idle)
            return Outcome.NOTHING
        try:
            return self._save(session, idle)
        except SessionStoreError as error:
            log_failure(error)
            raise

    def _save(self, session: StoreSession, idle: timedelta) -> Outcome:
        wanted, user = contents(session), session._user
        if session.stored is None:
            if not (wanted or user):
                return Outcome.NOTHING
            new = self._new(wanted, user, idle)
            self._create(new.stored)
            return new.adopted_by(session)
        if session.cleared:
            id = session.stored.id
            moved = self._move(session, id, None, wanted, user, idle)
            return moved or Outcome.ENDED_MEANWHILE
        return self._replace(session, session.stored, idle)

    def _new(self, wanted: dict[str, Any], user: str | None, idle: timedelta) -> _New:
        token = secrets.token_urlsafe(32)
        now = self.clock()
        payload = self.serializer.dumps(wanted)
        expiry = self._expiry(now, idle)
        return _New(token, StoredSession(id_of(token), 1, payload, user, now, expiry))

    def _create(self, stored: StoredSession) -> None:
        if not self.store.write(stored, expected=None):
            raise SessionStoreError("refused a new id")

    def _move(
        self,
        session: StoreSession,
        old: str,
        version: int | None,
        wanted: dict[str, Any],
        user: str | None,
        idle: timedelta,
    ) -> Outcome | None:
        """Write `wanted` under a new id and end the old; only end it if all is empty.

        Returns:
            None if the old is not of this `version` any more; then nothing changed.
        """
        if not (wanted or user):
            deleted = self.store.delete(old, expected=version)
            return Outcome.ENDED if deleted or version is None else None
        new = self._new(wanted, user, idle)
        try:
            self._create(new.stored)
        except SessionStoreFull:
            # The old one may be in the way; the store works, or it could not tell.
            if not self.store.delete(old, expected=version) and version is not None:
                return None
            self._create(new.stored)
            return new.adopted_by(session)
        try:
            ended = self.store.delete(old, expected=version)
        except SessionStoreError:
            self._discard(new.stored)
            raise
        if not ended and version is not None:
            self._discard(new.stored)
            return None
        return new.adopted_by(session)

    def _discard(self, stored: StoredSession) -> None:
        """Delete a session whose token nobody has; it would be listed as its user's."""
        try:
            self.store.delete(stored.id)
        except SessionStoreError:  # of this or of a call before, so once more
            with suppress(SessionStoreError):
                self.store.delete(stored.id)

    def _replace(
        self, session: StoreSession, opened: StoredSession, idle: timedelta
    ) -> Outcome:
        wanted, user = contents(session), session._user
        current: StoredSession | None = opened
        for _ in range(ATTEMPTS):
            if current is None:
                return Outcome.ENDED_MEANWHILE
            if outcome := self._try(session, current, wanted, user, idle):
                return outcome
            current = self.store.read(opened.id)
            if current is not None:
                wanted = self._merge(opened, contents(session), current)
                user = current.user if session._user == opened.user else session._user
        raise SessionStoreError(f"{ATTEMPTS} other writers came first")

    def _try(
        self,
        session: StoreSession,
        current: StoredSession,
        wanted: dict[str, Any],
        user: str | None,
        idle: timedelta,
    ) -> Outcome | None:
        """Write `wanted` over `current`; None if `current` is not current any more."""
        if session.renewed or not (wanted or user):
            return self._move(session, current.id, current.version, wanted, user, idle)
        stored = replace(
            current,
            version=current.version + 1,
            payload=self.serializer.dumps(wanted),
            user=user,
            expires_at=self._expiry(current.created_at, idle),
        )
        if not self.store.write(stored, expected=current.version):
            return None
        session.stored = stored
        return Outcome.SAVED

    def _touch(
        self, session: StoreSession, stored: StoredSession, idle: timedelta
    ) -> None:
        expiry = self._expiry(stored.created_at, idle)
        # Not at each request: one write per twentieth of the lifetime is enough.
        if expiry - stored.expires_at <= idle.total_seconds() / 20:
            return
        touched = replace(stored, version=stored.version + 1, expires_at=expiry)
        try:
            # If another request came first, that one has extended it.
            if self.store.write(touched, expected=stored.version):
                session.stored = touched
        except SessionStoreError as error:
            log_refresh_failure(error)

    def _merge(
        self, opened: StoredSession, ours: dict[str, Any], current: StoredSession
    ) -> dict[str, Any]:
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

    def _expiry(self, created_at: float, idle: timedelta) -> float:
        expiry = self.clock() + idle.total_seconds()
        if self.absolute is None:
            return expiry
        return min(expiry, created_at + self.absolute.total_seconds())


def check_lifetime(name: str, lifetime: object) -> None:
    """Raise `TypeError` for a lifetime that is a bare number, of nobody knows what."""
    if not isinstance(lifetime, timedelta):
        raise TypeError(
            f"{name}={lifetime!r} is no lifetime. Pass a timedelta, such as"
            " timedelta(days=31)."
        )


def id_of(token: str) -> str:
    """Return the id under which the store knows the session of the cookie `token`."""
    return hashlib.sha256(token.encode()).hexdigest()


def _new_session() -> StoreSession:
    session = StoreSession()
    session.new = True
    return session
