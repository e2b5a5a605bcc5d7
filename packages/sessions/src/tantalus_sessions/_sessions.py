"""Sessions between cookie headers: no request, no response, no framework.

`open` takes the `Cookie` header of a request, `save` returns the `Set-Cookie` values
for its response. `CookieSessions` reads and writes nothing else at all; those of a
store are in `_store_sessions`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol

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
from ._store._rules import check_lifetime

LIFETIME = timedelta(days=31)


class CookieSessions(Observed):
    """Opens and saves sessions that live in a signed cookie.

    Attributes:
        blocks: Opening and saving never wait, so an event loop may do so itself.

    Args:
        fallbacks: Older keys, whose sessions are still accepted.
        lifetime: How long a session is valid after it was written.
        clock: Returns seconds since 1970.

    Raises:
        ValueError: `secret_key` is empty.
        TypeError: `fallbacks` is one text, or `lifetime` no timedelta.
    """

    blocks: ClassVar[bool] = False

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
            expires=expiry_of(session, self._clock(), self._lifetime),
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


class Sessions(Protocol):
    """What `CookieSessions` and `StoreSessions` have in common.

    A class that never waits says `blocks = False`: an event loop then opens and saves
    its sessions itself, and leaves the others to threads.
    """

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


class AsyncSessions(Protocol):
    """`Sessions` that are awaited, as `AsyncStoreSessions` are."""

    @property
    def cookie(self) -> CookiePolicy:
        """The attributes of the cookie."""
        ...

    async def open(
        self, cookie_header: str | None, /, *, over_https: bool = False
    ) -> Session:
        """Return the session of a `Cookie` header, empty if there is none of ours."""
        ...

    async def save(self, session: Session, /) -> list[str]:
        """Return the `Set-Cookie` values that keep `session`."""
        ...


def expiry_of(session: Session, now: float, lifetime: timedelta) -> datetime | None:
    """Return when the browser forgets the cookie; None for when it is closed."""
    if not session.permanent:
        return None
    return datetime.fromtimestamp(now, UTC) + lifetime
