"""Sessions between cookie headers that live in a store, of either kind."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from ._cookie import first_cookie
from ._events import Reason
from ._exact_json import exact_json_serializer
from ._observed import Observed
from ._policy import CookiePolicy
from ._session import Session
from ._sessions import LIFETIME, expiry_of
from ._signer import TextSerializer
from ._store._keeper import AsyncKeeper, Keeper
from ._store._record import AsyncSessionStore, SessionStore
from ._store._revoking import AsyncRevoking, Revoking
from ._store._rules import check_lifetime
from ._store._store_session import Outcome, StoreSession

ABSOLUTE = timedelta(days=90)


class _TokenCookie(Observed):
    """The cookie of a session in a store: what is read of it, and written into it."""

    def __init__(
        self,
        cookie: CookiePolicy | None,
        idle: timedelta,
        clock: Callable[[], float],
    ) -> None:
        check_lifetime("idle", idle)
        self.cookie: CookiePolicy = cookie or CookiePolicy()
        self._idle = idle
        self._clock = clock

    def _token(self, cookie_header: str | None) -> str | None:
        return first_cookie(cookie_header or "", self.cookie.name)

    def _opened(
        self,
        token: str | None,
        opened: tuple[StoreSession, Reason | None],
        over_https: bool,
    ) -> StoreSession:
        session, reason = opened
        if reason is not None:
            self._report(reason, self.cookie.name, len(token or ""))
        session.over_https = over_https
        return session

    def _told(self, session: StoreSession, outcome: Outcome) -> list[str]:
        """Return the `Set-Cookie` values after saving `session`, at most one."""
        if outcome is Outcome.ENDED_MEANWHILE:
            self._report(Reason.ENDED_MEANWHILE, self.cookie.name)
            # The browser may have the cookie of the renewed session by now.
            return []
        if outcome is Outcome.ENDED:
            return [self.cookie.delete_cookie(over_https=session.over_https)]
        if session.token is None or not (
            outcome is Outcome.SAVED_UNDER_NEW_ID or session.permanent
        ):
            return []
        return [
            self.cookie.set_cookie(
                session.token,
                expires=expiry_of(session, self._clock(), self._idle),
                over_https=session.over_https,
            )
        ]


class StoreSessions(_TokenCookie, Revoking):
    """Opens and saves sessions that live in a store, by the token in a cookie.

    Args:
        idle: How long a session lives after the last request.
        absolute: How long it lives at most since it began or was renewed.
        clock: Returns seconds since 1970.

    Raises:
        TypeError: `store` is no store, or a lifetime no timedelta.
    """

    blocks: ClassVar[bool] = True

    def __init__(
        self,
        store: SessionStore,
        *,
        cookie: CookiePolicy | None = None,
        idle: timedelta = LIFETIME,
        absolute: timedelta | None = ABSOLUTE,
        serializer: TextSerializer = exact_json_serializer,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(cookie, idle, clock)
        self.store = store
        self._keeper = Keeper(store, serializer, absolute, clock)

    def open(
        self, cookie_header: str | None, *, over_https: bool = False
    ) -> StoreSession:
        """Return the session whose token is in a `Cookie` header, or a new one.

        Raises:
            SessionStoreError: The store failed.
        """
        token = self._token(cookie_header)
        return self._opened(token, self._keeper.open(token), over_https)

    def save(self, session: Session) -> list[str]:
        """Write `session` and return the `Set-Cookie` values, at most one.

        Raises:
            SessionStoreError: The store failed.
            TypeError: `session` is not one that `open` returned.
        """
        opened = _of_store(session)
        return self._told(opened, self._keeper.save(opened, self._idle))

    def asks_to_open(self, cookie_header: str | None) -> bool:
        """Tell whether `open` asks the store, and so may wait."""
        return self._token(cookie_header) is not None

    def asks_to_save(self, session: Session) -> bool:
        """Tell whether `save` asks the store, and so may wait."""
        return not self._keeper.is_settled(_of_store(session), self._idle)


class AsyncStoreSessions(_TokenCookie, AsyncRevoking):
    """Opens and saves sessions that live in a store which is awaited.

    Args:
        idle: How long a session lives after the last request.
        absolute: How long it lives at most since it began or was renewed.
        clock: Returns seconds since 1970.

    Raises:
        TypeError: `store` is no such store, or a lifetime no timedelta.
    """

    def __init__(
        self,
        store: AsyncSessionStore,
        *,
        cookie: CookiePolicy | None = None,
        idle: timedelta = LIFETIME,
        absolute: timedelta | None = ABSOLUTE,
        serializer: TextSerializer = exact_json_serializer,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(cookie, idle, clock)
        self.store = store
        self._keeper = AsyncKeeper(store, serializer, absolute, clock)

    async def open(
        self, cookie_header: str | None, *, over_https: bool = False
    ) -> StoreSession:
        """Return the session whose token is in a `Cookie` header, or a new one.

        Raises:
            SessionStoreError: The store failed.
        """
        token = self._token(cookie_header)
        return self._opened(token, await self._keeper.open(token), over_https)

    async def save(self, session: Session) -> list[str]:
        """Write `session` and return the `Set-Cookie` values, at most one.

        Raises:
            SessionStoreError: The store failed.
            TypeError: `session` is not one that `open` returned.
        """
        opened = _of_store(session)
        return self._told(opened, await self._keeper.save(opened, self._idle))


def _of_store(session: Session) -> StoreSession:
    if not isinstance(session, StoreSession):
        raise TypeError(
            f"{type(session).__name__} is no StoreSession. Save what `open` returned."
        )
    return session
