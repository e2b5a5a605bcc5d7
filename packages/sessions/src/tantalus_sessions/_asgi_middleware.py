"""Sessions for any ASGI application, at `scope["session"]`.

The session is saved when the application starts its answer: a response, the acceptance
of a WebSocket, or the response that denies one. What is changed later cannot be kept,
and is told.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TypeAlias, cast

from ._asgi_types import ASGIApplication, Message, Receive, Scope, Send
from ._errors import SessionStoreError, SessionTooLarge
from ._events import Reason
from ._in_threads import InThreads
from ._session import Session, contents
from ._sessions import AsyncSessions, CookieSessions, Sessions
from ._store._record import AsyncSessionStore, SessionStore, is_async_store
from ._store_sessions import AsyncStoreSessions, StoreSessions
from ._unopened import UnopenedSession
from ._wrapping import Done, Header, Wrapping, check_choice, headers_for

SCOPE_KEY = "session"

RawHeaders: TypeAlias = list[tuple[bytes, bytes]]

_STARTS = frozenset(
    {"http.response.start", "websocket.accept", "websocket.http.response.start"}
)
# "Try again later", of the IANA registry of WebSocket close codes.
_TRY_AGAIN_LATER = 1013


class ASGISessionMiddleware(Wrapping[Sessions | AsyncSessions]):
    """Wraps an ASGI application and gives each connection its session.

    It is at `scope["session"]`, so `request.session` of Starlette and FastAPI is it.
    Pass one of the three. Signed cookies are read and written on the event loop; a
    store is awaited, or asked in a thread if its methods are plain functions. One that
    fails is answered with a 503 where the session is needed.

    Args:
        secret_key: Keep sessions in a cookie signed with this key.
        store: Keep sessions in this store, of either kind.
        sessions: Everything chosen, such as `AsyncStoreSessions(store, idle=...)`.
        debug: Raise `SessionTooLarge` instead of logging it and keeping the old cookie.

    Raises:
        TypeError: None of the three was passed, or more than one, or `store` is none,
            or `app` is a WSGI application.
    """

    def __init__(
        self,
        app: ASGIApplication,
        *,
        secret_key: str | bytes | None = None,
        store: SessionStore | AsyncSessionStore | None = None,
        sessions: Sessions | AsyncSessions | None = None,
        debug: bool = False,
    ) -> None:
        choices = {"secret_key": secret_key, "store": store, "sessions": sessions}
        check_choice("ASGISessionMiddleware", choices)
        _check_app(app)
        if sessions is None:
            sessions = (
                CookieSessions(secret_key or "")
                if store is None
                else _sessions_in(store)
            )
        super().__init__(sessions, debug)
        self.app = app
        # One of the two opens and saves.
        self._at_once: Sessions | None = None
        self._awaited: AsyncSessions | InThreads
        if inspect.iscoroutinefunction(sessions.open):
            self._awaited = cast("AsyncSessions", sessions)  # as it is awaited
        else:
            plain = cast("Sessions", sessions)  # as it is not
            self._awaited = InThreads(plain)
            self._at_once = None if getattr(plain, "blocks", True) else plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection; what has no cookies is passed on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        # As Starlette's does, in the scope that was given: what others look for in it
        # afterwards, such as the route, is then there.
        scope[SCOPE_KEY] = session = await self._open(scope)
        answer = _Answer(self, scope, session, send)
        try:
            await self.app(scope, receive, answer.send)
        except SessionStoreError as error:
            await answer.fail(error)
        finally:
            answer.complain_if_changed()

    async def _open(self, scope: Scope) -> Session:
        over_https = scope.get("scheme") in ("https", "wss")
        header = _cookie_header(scope["headers"])
        try:
            if self._at_once is not None:
                return self._at_once.open(header, over_https=over_https)
            return await self._awaited.open(header, over_https=over_https)
        except SessionStoreError as error:
            return UnopenedSession(error)

    async def finish(self, session: Session, said: RawHeaders) -> RawHeaders:
        """Save `session` and return the headers that this takes.

        Args:
            said: The headers of the application.
        """
        done = Done.to(session)
        before = contents(session) if done.modified else None
        try:
            cookies = [] if done.is_lost else await self._save(session)
        except SessionTooLarge as error:
            cookies = self._too_large(error)
        finally:
            # From here on a change comes too late, and so does one of another task
            # that ran while the store was awaited.
            if before is not None:
                session.modified = contents(session) != before
        if not (cookies or done.accessed):
            return []
        texts = [(_text(name), _text(value)) for name, value in said]
        return _raw(headers_for(done, cookies, texts))

    async def _save(self, session: Session) -> list[str]:
        if self._at_once is not None:
            return self._at_once.save(session)
        return await self._awaited.save(session)


class _Answer:
    """What an application sends, with the session in what starts it."""

    def __init__(
        self,
        middleware: ASGISessionMiddleware,
        scope: Scope,
        session: Session,
        send: Send,
    ) -> None:
        self._middleware = middleware
        self._scope = scope
        self._session = session
        self._pass_on = send
        self._is_started = False
        self._is_replaced = False

    async def send(self, message: Message) -> None:
        """Send a message; the first saves the session.

        Raises:
            SessionStoreError: A handshake was refused, as the session cannot be saved.
        """
        if self._is_replaced:
            return
        if self._is_started:
            if self._session.modified:
                self.complain_if_changed()
        elif message["type"] in _STARTS:
            await self._start(message)
            return
        await self._pass_on(message)

    def complain_if_changed(self) -> None:
        """Tell of a change that came too late, or had nothing to come with."""
        reason = Reason.CHANGED_TOO_LATE if self._is_started else Reason.NOT_CARRIED
        self._middleware.complain_if_changed(self._session, reason)

    async def fail(self, error: SessionStoreError) -> None:
        """Answer an application that the lack of its session ended.

        Raises:
            SessionStoreError: There was an answer, or a session.
        """
        if self._is_replaced:  # the error is that of its refused handshake
            return
        is_answered = self._is_started and not self._is_websocket
        if is_answered or not isinstance(self._session, UnopenedSession):
            raise error
        await self._replace(error)

    @property
    def _is_websocket(self) -> bool:
        return bool(self._scope["type"] == "websocket")

    async def _start(self, message: Message) -> None:
        session, headers = self._session, list(message.get("headers") or ())
        status = message.get("status", "")
        if isinstance(session, UnopenedSession) and session.broke(status):
            await self._replace(session.error)
            return
        try:
            added = await self._middleware.finish(session, headers)
        except SessionStoreError as error:
            await self._replace(error)
            if self._is_websocket:
                raise
            return
        self._is_started = True
        # A message may be a constant of the application.
        await self._pass_on({**message, "headers": [*headers, *added]})

    async def _replace(self, error: SessionStoreError) -> None:
        """Answer with the error; what the application sends from now on is nothing."""
        self._is_replaced = True
        if not self._is_websocket:
            await self._respond(error, "http.response")
        elif not self._is_started and _DENIAL in (self._scope.get("extensions") or ()):
            await self._respond(error, _DENIAL)
        else:
            close = {"type": "websocket.close", "code": _TRY_AGAIN_LATER}
            await self._pass_on({**close, "reason": error.description})

    async def _respond(self, error: SessionStoreError, kind: str) -> None:
        answer = error.get_response()
        body = answer.get_data()
        answer.headers["Content-Length"] = str(len(body))
        answer.headers["Cache-Control"] = "no-store"
        start = {"type": f"{kind}.start", "status": answer.status_code}
        await self._pass_on({**start, "headers": _raw(answer.headers)})
        if self._scope.get("method") == "HEAD":
            body = b""
        await self._pass_on({"type": f"{kind}.body", "body": body})


# The extension by which servers let an application deny a handshake with a response.
_DENIAL = "websocket.http.response"


def _cookie_header(headers: RawHeaders) -> str | None:
    """Return the `Cookie` header; HTTP/2 may send it in parts (RFC 9113 §8.2.3)."""
    found = [value for name, value in headers if name == b"cookie"]
    return _text(b"; ".join(found)) if found else None


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")


def _raw(headers: Iterable[Header]) -> RawHeaders:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]


def _sessions_in(store: SessionStore | AsyncSessionStore) -> Sessions | AsyncSessions:
    if is_async_store(store):
        return AsyncStoreSessions(cast("AsyncSessionStore", store))  # checked there
    return StoreSessions(cast("SessionStore", store))  # checked there


def _check_app(app: ASGIApplication) -> None:
    """Raise `TypeError` for what takes `(environ, start_response)`."""
    try:
        signature = inspect.signature(app)
        signature.bind(None, None)
    except (TypeError, ValueError):  # compiled callables may hide their parameters
        return
    try:
        signature.bind(None, None, None)
    except TypeError:
        raise TypeError(
            f"{app!r} is a WSGI application, and ASGISessionMiddleware is for ASGI."
            " Wrap it with SessionMiddleware."
        ) from None
