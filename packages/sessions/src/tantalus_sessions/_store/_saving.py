"""Saving a session to a store, which others may write to meanwhile.

Saving is optimistic. If another request wrote in between, what this request changed is
laid over what the other wrote: each keeps its keys, and a key that both changed gets
the value of the later to save. A session that another request ended stays ended.

A session that moves to a new id is created before the old one is deleted, so a store
that fails between the two logs nobody out.

It is told once for both kinds of stores, with `await`. What a store of plain functions
answers is there `AtOnce`, so that `finish` has no need of an event loop.
"""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from .._errors import SessionStoreError, SessionStoreFull
from .._events import log_failure, log_refresh_failure
from .._session import contents
from ._record import SessionStore, StoredSession
from ._rules import New, Rules
from ._store_session import Outcome, StoreSession

ATTEMPTS = 200

T = TypeVar("T")


class Written(Protocol):
    """What is asked of a store to save a session, of those in `AsyncSessionStore`."""

    async def read(self, id: str, /) -> StoredSession | None:
        """Return the session, or None if there is none or it has expired."""
        ...

    async def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Keep `session` if the version kept under its id is `expected`."""
        ...

    async def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Forget the session, if its version is `expected` or that is None."""
        ...


class Saving:
    """Saves sessions to a store that is awaited.

    Args:
        idle: How long a session lives unless another request comes.
    """

    def __init__(self, rules: Rules[Any], store: Written, idle: timedelta) -> None:
        self._rules = rules
        self._store = store
        self._idle = idle

    async def save(self, session: StoreSession) -> Outcome:
        """Write what changed.

        Raises:
            SessionStoreError: The store failed; nothing or all was written.
        """
        try:
            return await self._save(session)
        except SessionStoreError as error:
            log_failure(error)
            raise

    async def touch(self, session: StoreSession, touched: StoredSession) -> None:
        """Extend the life of `session`. That it cannot be is logged: nothing is lost.

        Args:
            touched: What its next version is.
        """
        try:
            # If another request came first, that one has extended it.
            if await self._store.write(touched, expected=touched.version - 1):
                session.stored = touched
        except SessionStoreError as error:
            log_refresh_failure(error)

    async def _save(self, session: StoreSession) -> Outcome:
        wanted, user = contents(session), session._user
        if session.stored is None:
            if not (wanted or user):
                return Outcome.NOTHING
            new = self._rules.new(wanted, user, self._idle)
            await self._create(new.stored)
            return new.adopted_by(session)
        if session.cleared:
            moved = await self._move(session, session.stored.id, None, wanted, user)
            return moved or Outcome.ENDED_MEANWHILE
        return await self._replace(session, session.stored)

    async def _create(self, stored: StoredSession) -> None:
        if not await self._store.write(stored, expected=None):
            raise SessionStoreError("refused a new id")

    async def _move(
        self,
        session: StoreSession,
        old: str,
        version: int | None,
        wanted: dict[str, Any],
        user: str | None,
    ) -> Outcome | None:
        """Write `wanted` under a new id and end the old; only end it if all is empty.

        Returns:
            None if the old is not of this `version` any more; then nothing changed.
        """
        if not (wanted or user):
            deleted = await self._store.delete(old, expected=version)
            return Outcome.ENDED if deleted or version is None else None
        new = self._rules.new(wanted, user, self._idle)
        try:
            await self._create(new.stored)
        except SessionStoreFull:
            return await self._make_way(session, old, version, new)
        try:
            ended = await self._store.delete(old, expected=version)
        except SessionStoreError:
            await self._discard(new.stored)
            raise
        if not ended and version is not None:
            await self._discard(new.stored)
            return None
        return new.adopted_by(session)

    async def _make_way(
        self, session: StoreSession, old: str, version: int | None, new: New
    ) -> Outcome | None:
        """End the old first, which may be in the way of the new.

        The store works, or it could not tell that it is full.
        """
        deleted = await self._store.delete(old, expected=version)
        if not deleted and version is not None:
            return None
        await self._create(new.stored)
        return new.adopted_by(session)

    async def _discard(self, stored: StoredSession) -> None:
        """Delete a session whose token nobody has; it would be listed as its user's."""
        try:
            await self._store.delete(stored.id)
        except SessionStoreError:  # of this or of a call before, so once more
            with suppress(SessionStoreError):
                await self._store.delete(stored.id)

    async def _replace(self, session: StoreSession, opened: StoredSession) -> Outcome:
        wanted, user = contents(session), session._user
        current: StoredSession | None = opened
        for _ in range(ATTEMPTS):
            if current is None:
                return Outcome.ENDED_MEANWHILE
            if outcome := await self._try(session, current, wanted, user):
                return outcome
            current = await self._store.read(opened.id)
            if current is not None:
                wanted = self._rules.merged(opened, contents(session), current)
                user = current.user if session._user == opened.user else session._user
        raise SessionStoreError(f"{ATTEMPTS} other writers came first")

    async def _try(
        self,
        session: StoreSession,
        current: StoredSession,
        wanted: dict[str, Any],
        user: str | None,
    ) -> Outcome | None:
        """Write `wanted` over `current`; None if `current` is not current any more."""
        if session.renewed or not (wanted or user):
            return await self._move(session, current.id, current.version, wanted, user)
        stored = self._rules.changed(current, wanted, user, self._idle)
        if not await self._store.write(stored, expected=current.version):
            return None
        session.stored = stored
        return Outcome.SAVED


class AtOnce:
    """A store of plain functions, as one that is awaited and never waits."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    async def read(self, id: str, /) -> StoredSession | None:
        """Return what the store returns."""
        return self._store.read(id)

    async def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Return what the store returns."""
        return self._store.write(session, expected=expected)

    async def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Return what the store returns."""
        return self._store.delete(id, expected=expected)


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine in which nothing waits."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError(f"{work!r} waits for something.")
