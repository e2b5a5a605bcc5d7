"""Sessions between cookie headers: no request, no response, no framework.

`open` takes the `Cookie` header of a request, `save` returns the `Set-Cookie` values
for its response. `CookieSessions` reads and writes nothing else at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from itsdangerous import BadData

from ._cookie import first_cookie
from ._errors import SessionTooLarge
from ._events import Reason
from ._exact_json import exact_json_serializer
from ._observed import Observed
from ._policy import CookiePolicy
from ._refusals import reason_of
from ._session import Session, contents
from ._signer import SessionSigner, TextSerializer
from ._store._keeper import Keeper, Outcome, StoreSession, check_lifetime
from ._store._record import SessionStore

LIFETIME = timedelta(days=31)
ABSOLUTE = timedelta(days=90)


class CookieSessions(Observed):
    """Opens and saves sessions that live in a signed cookie.

    Args:
        fallbacks: Older keys, whose sessions are still accepted.
        lifetime: How long a session is valid after it was written.
        clock: Returns seconds since 1970.

    Raises:
        ValueError: `secret_key` is empty.
        TypeError: `fallbacks` is one text, or `lifetime` no timedelta.
    """

    def __init__(
        self,
        secret_key: str | bytes,
        *,
        fallbacks: Sequence[str | bytes] = (),
        cookie: CookiePolicy | None = None,
        lifetime: timedelta = LIFETIME,
        salt: str = "cookie-session",
        serializer: TextSerializer = exact_json_serializer,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not secret_key:
            raise ValueError(
                "The secret key is empty. Set it to a long random value, such as"
                " `secrets.token_hex()` printed once and kept."
            )
        check_lifetime("lifetime", lifetime)
        self.cookie: CookiePolicy = cookie or CookiePolicy()
        self._lifetime = lifetime
        self._clock = clock
        self._signer = SessionSigner(
            secret_key,
            fallbacks=fallbacks,
            salt=salt,
            serializer=serializer,
            clock=clock,
        )

    def open(self, cookie_header: str | None, *, over_https: bool = False) -> Session:
        """Return the session in a `Cookie` header; empty if absent or not ours."""
        text = first_cookie(cookie_header or "", self.cookie.name)
        session = self._read(text) if text else Session()
        session.over_https = over_https
        return session

    def save(self, session: Session) -> list[str]:
        """Return the `Set-Cookie` values that keep `session`, at most one.

        Raises:
            SessionTooLarge: It does not fit into a cookie.
        """
        if not session.modified and not session.permanent:
            return []
        if not contents(session):
            return [self.cookie.delete_cookie(over_https=session.over_https)]
        header = self.cookie.set_cookie(
            self._signer.dumps(contents(session)),
            expires=_expires(session, self._clock(), self._lifetime),
            over_https=session.over_https,
        )
        if len(header) > self.cookie.max_size:
            raise SessionTooLarge(self.cookie.name, len(header), self.cookie.max_size)
        return [header]

    def _read(self, text: str) -> Session:
        try:
            lifetime = int(self._lifetime.total_seconds())
            payload = self._signer.loads(text, max_age=lifetime)
        except BadData as error:
            self._report(reason_of(error), self.cookie.name, len(text))
            return Session()
        if isinstance(payload, dict):
            return Session(payload)
        self._report(Reason.MALFORMED, self.cookie.name, len(text))
        return Session()


class StoreSessions(Observed):
    """Opens and saves sessions that live in a store, by the token in a cookie.

    Args:
        idle: How long a session lives after the last request.
        absolute: How long it lives at most since it began or was renewed.
        clock: Returns seconds since 1970.

    Raises:
        TypeError: `store` is no store, or a lifetime no timedelta.
    """

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
        check_lifetime("idle", idle)
        self.cookie: CookiePolicy = cookie or CookiePolicy()
        self._idle = idle
        self._clock = clock
        self._keeper = Keeper(store, serializer, absolute, clock)

    def open(
        self, cookie_header: str | None, *, over_https: bool = False
    ) -> StoreSession:
        """Return the session whose token is in a `Cookie` header, or a new one.

        Raises:
            SessionStoreError: The store failed.
        """
        token = first_cookie(cookie_header or "", self.cookie.name)
        session, reason = self._keeper.open(token)
        if reason is not None:
            self._report(reason, self.cookie.name, len(token or ""))
        session.over_https = over_https
        return session

    def save(self, session: Session) -> list[str]:
        """Write `session` and return the `Set-Cookie` values, at most one.

        Raises:
            SessionStoreError: The store failed.
            TypeError: `session` is not one that `open` returned.
        """
        if not isinstance(session, StoreSession):
            raise TypeError(
                f"{type(session).__name__} is no StoreSession. Save what `open`"
                " returned."
            )
        outcome = self._keeper.save(session, self._idle)
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
                expires=_expires(session, self._clock(), self._idle),
                over_https=session.over_https,
            )
        ]


class Sessions(Protocol):
    """What `CookieSessions` and `StoreSessions` have in common."""

    @property
    def cookie(self) -> CookiePolicy:
        """The attributes of the cookie."""
        ...

    def open(
        self, cookie_header: str | None, /, *, over_https: bool = False
    ) -> Session:
        """Return the session of a `Cookie` header, empty if there is none of ours."""
        ...

    def save(self, session: Session, /) -> list[str]:
        """Return the `Set-Cookie` values that keep `session`."""
        ...


def _expires(session: Session, now: float, lifetime: timedelta) -> datetime | None:
    if not session.permanent:
        return None
    return datetime.fromtimestamp(now, UTC) + lifetime
