"""The sessions of one store: opened, and saved as `_saving` tells."""

from __future__ import annotations

from datetime import timedelta

from .._errors import SessionStoreError
from .._events import Reason, log_failure
from ._record import (
    AsyncSessionStore,
    SessionStore,
    check_async_store,
    check_store,
)
from ._rules import Rules, id_in, without_id
from ._saving import AtOnce, Saving, finish
from ._store_session import Outcome, StoreSession


class Keeper(Rules[SessionStore]):
    """Opens and saves the sessions of a store of plain functions."""

    def __post_init__(self) -> None:
        check_store(self.store)
        super().__post_init__()

    def open(self, token: str | None) -> tuple[StoreSession, Reason | None]:
        """Return the session of `token`, and why it is an empty one if it is.

        Raises:
            SessionStoreError: The store failed.
        """
        id = id_in(token)
        if token is None or id is None:
            return without_id(token)
        try:
            stored = self.store.read(id)
        except SessionStoreError as error:
            log_failure(error)
            raise
        return self.opened(token, stored)

    def save(self, session: StoreSession, idle: timedelta) -> Outcome:
        """Write what changed, or extend the life of what did not.

        Raises:
            SessionStoreError: The store failed; nothing or all was written.
        """
        if session.modified:
            return finish(Saving(self, AtOnce(self.store), idle).save(session))
        touched = self.touched(session, idle)
        if touched is not None:
            finish(Saving(self, AtOnce(self.store), idle).touch(session, touched))
        return Outcome.NOTHING


class AsyncKeeper(Rules[AsyncSessionStore]):
    """Opens and saves the sessions of a store that is awaited."""

    def __post_init__(self) -> None:
        check_async_store(self.store)
        super().__post_init__()

    async def open(self, token: str | None) -> tuple[StoreSession, Reason | None]:
        """Return the session of `token`, and why it is an empty one if it is.

        Raises:
            SessionStoreError: The store failed.
        """
        id = id_in(token)
        if token is None or id is None:
            return without_id(token)
        try:
            stored = await self.store.read(id)
        except SessionStoreError as error:
            log_failure(error)
            raise
        return self.opened(token, stored)

    async def save(self, session: StoreSession, idle: timedelta) -> Outcome:
        """Write what changed, or extend the life of what did not.

        Raises:
            SessionStoreError: The store failed; nothing or all was written.
        """
        if session.modified:
            return await Saving(self, self.store, idle).save(session)
        touched = self.touched(session, idle)
        if touched is not None:
            await Saving(self, self.store, idle).touch(session, touched)
        return Outcome.NOTHING
