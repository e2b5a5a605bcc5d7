"""Sessions that live in a store, as an interface for applications."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar

from werkzeug.sansio.response import Response
from werkzeug.wrappers import Request

from ._cookie import cookie_frame
from ._events import Reason
from ._exact_json import exact_json_serializer
from ._exchange import (
    add_set_cookie,
    cookie_value,
    delete_cookie,
    is_public,
    other_cookie_values,
    set_cookie,
    vary_by_cookie,
)
from ._interface import SessionHost, SessionInterface
from ._session import SessionMixin
from ._signer import TextSerializer
from ._store._keeper import Keeper
from ._store._record import SessionStore
from ._store._revoking import Revoking
from ._store._store_session import Outcome, StoreSession
from ._tagged_json import TaggedJSON, Value


class StoreSessionInterface(Revoking, SessionInterface):
    """Keeps the session in a store and only a random token in the cookie.

    It needs no secret key. A session lives for `permanent_session_lifetime` after the
    last request that used it.

    Args:
        absolute: How long it lives after it began or was renewed, however busy it is;
            None for no such limit.
        clock: Returns seconds since 1970.

    Raises:
        TypeError: `store` is no store, or `absolute` no timedelta.
    """

    opens_lazily: ClassVar[bool] = True
    blocks: ClassVar[bool] = True

    def __init__(
        self,
        store: SessionStore,
        *,
        absolute: timedelta | None = timedelta(days=90),
        serializer: TextSerializer = exact_json_serializer,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self._keeper = Keeper(store, serializer, absolute, clock)

    def open_session(self, app: SessionHost, request: Request) -> StoreSession:
        """Return the session of the cookie's token, or a new one.

        Raises:
            SessionStoreError: The store failed; over HTTP a 503.
        """
        name = self.get_cookie_name(app)
        token = cookie_value(request, name)
        session, reason = self._keeper.open(token)
        if reason is not None:
            # Applications that share a host send each other's browsers such cookies.
            for other in other_cookie_values(request, name):
                found, problem = self._keeper.open(other)
                if problem is None:
                    session, reason = found, None
                    break
        if reason is not None:
            self._reject(app, reason, len(token or ""))
        if self._secure(app) == "auto":
            session.over_https = request.is_secure
        session.mount = self._mount(app, request)
        return session

    def save_session(
        self, app: SessionHost, session: SessionMixin, response: Response
    ) -> None:
        """Write the session to the store, and set or delete the cookie if need be.

        Raises:
            SessionStoreError: The store failed; over HTTP a 503.
            TypeError: `session` is not one that `open_session` returned.
        """
        if not isinstance(session, StoreSession):
            raise TypeError(
                f"{type(session).__name__} is no StoreSession. Save what"
                " `open_session` of this interface returned."
            )
        accessed = session.accessed
        keeper = self._keeper_for(app) if session.modified else self._keeper
        outcome = keeper.save(session, app.permanent_session_lifetime)
        if outcome is Outcome.ENDED_MEANWHILE:
            self._reject(app, Reason.ENDED_MEANWHILE)
        told = self._tell(app, session, response, outcome)
        if accessed or told:
            vary_by_cookie(response)

    def _keeper_for(self, app: SessionHost) -> Keeper:
        """Return the keeper, writing what JSON does not know as `app` does."""
        json, serializer = getattr(app, "json", None), self._keeper.serializer
        if json is None or not isinstance(serializer, TaggedJSON):
            return self._keeper
        return replace(self._keeper, serializer=_AppJSON(serializer, json.dumps))

    def _tell(
        self,
        app: SessionHost,
        session: StoreSession,
        response: Response,
        outcome: Outcome,
    ) -> bool:
        """Set or delete the cookie; return whether that was needed."""
        secure = self._secure(app)
        attributes = self._attributes(
            app,
            session.over_https if secure == "auto" else secure,
            session.mount or self._plain_path(app),
        )
        if outcome is Outcome.ENDED_MEANWHILE:
            # The browser may have the cookie of the renewed session by now.
            return False
        if outcome is Outcome.ENDED:
            delete_cookie(response, attributes)
            return True
        if session.token is None or not (
            outcome is Outcome.SAVED_UNDER_NEW_ID
            or self.should_set_cookie(app, session)
        ):
            return False
        # A life is not extended where a cache might hand the cookie to others.
        if not session.modified and is_public(response):
            return False
        expires = self.get_expiration_time(app, session)
        header = cookie_frame(*attributes).render(session.token, expires)
        if not add_set_cookie(response, header):
            set_cookie(response, attributes, session.token, expires)
        return True


@dataclass(frozen=True, slots=True)
class _AppJSON:
    """A serializer that leaves to an application's JSON what it does not know."""

    serializer: TaggedJSON
    json_dumps: Callable[[Any], str]

    def dumps(self, value: Value, /) -> str:
        """Return `value` as text."""
        return self.serializer.dumps_with(value, self.json_dumps)

    def loads(self, text: str, /) -> Value:
        """Return the value of `text`."""
        return self.serializer.loads(text)
