"""Sessions for any WSGI application, at `environ["tantalus.session"]`.

The session is saved when the first part of the body leaves, so an application may
change it until then, also after it called `start_response`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from inspect import iscoroutinefunction
from typing import Any, TypeAlias
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from ._errors import SessionStoreError, SessionTooLarge
from ._events import Reason
from ._session import Session
from ._sessions import CookieSessions, Sessions
from ._store._record import SessionStore
from ._store_sessions import StoreSessions
from ._unopened import UnopenedSession
from ._wrapping import Done, Header, Wrapping, check_choice, headers_for

ENVIRON_KEY = "tantalus.session"

# The third value of `sys.exc_info()`, which WSGI hands through (PEP 3333).
ExcInfo: TypeAlias = Any
Headers: TypeAlias = list[Header]


class SessionMiddleware(Wrapping[Sessions]):
    """Wraps a WSGI application and gives each request its session.

    Pass one of the three. `sessions` is for everything that can be chosen, such as
    `CookieSessions(key, fallbacks=[old_key], cookie=CookiePolicy(...))`. A store that
    fails is answered with a 503 where the session is needed.

    Args:
        secret_key: Keep sessions in a cookie signed with this key.
        store: Keep sessions in this store.
        debug: Raise `SessionTooLarge` instead of logging it and keeping the old cookie.

    Raises:
        TypeError: None of the three was passed, or more than one, or `store` is none,
            or `app` is an ASGI application.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        secret_key: str | bytes | None = None,
        store: SessionStore | None = None,
        sessions: Sessions | None = None,
        debug: bool = False,
    ) -> None:
        choices = {"secret_key": secret_key, "store": store, "sessions": sessions}
        check_choice("SessionMiddleware", choices)
        if iscoroutinefunction(app) or iscoroutinefunction(type(app).__call__):
            raise TypeError(
                f"{app!r} is an ASGI application, and SessionMiddleware is for WSGI."
                " Wrap it with ASGISessionMiddleware."
            )
        if sessions is None:
            sessions = (
                CookieSessions(secret_key or "")
                if store is None
                else StoreSessions(store)
            )
        super().__init__(sessions, debug)
        self.app = app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Serve a request."""
        session: Session
        try:
            session = self.sessions.open(
                environ.get("HTTP_COOKIE"),
                over_https=environ.get("wsgi.url_scheme") == "https",
            )
        except SessionStoreError as error:
            session = UnopenedSession(error)
        environ[ENVIRON_KEY] = session
        head = _Head(environ, start_response, session, self._finish)
        try:
            body = self.app(environ, head.start_response)
        except SessionStoreError as error:
            head.fail(error)
            body = ()
        return _Body(
            body,
            head,
            lambda: self.complain_if_changed(session, Reason.CHANGED_TOO_LATE),
        )

    def _finish(self, session: Session, said: Headers) -> Headers:
        """Save `session` and return the headers that this takes.

        Args:
            said: The headers of the application.
        """
        done = Done.to(session)
        try:
            cookies = [] if done.is_lost else self.sessions.save(session)
        except SessionTooLarge as error:
            cookies = self._too_large(error)
        finally:
            # From here on a change comes too late.
            session.modified = False
        return headers_for(done, cookies, said)


class _Head:
    """Status and headers, held back until the first part of the body leaves.

    Attributes:
        replacement: The body of the 503 that took the place of the answer, because the
            store failed; None if all is well.
    """

    def __init__(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        session: Session,
        finish: Callable[[Session, Headers], Headers],
    ) -> None:
        self.pass_on = start_response
        self.sent = False
        self.replacement: Iterator[bytes] | None = None
        self._environ = environ
        self._session = session
        self._finish = finish
        self._held: tuple[str, Headers] | None = None
        self._write: Callable[[bytes], object] | None = None

    def start_response(
        self, status: str, headers: Headers, exc_info: ExcInfo = None, /
    ) -> Callable[[bytes], object]:
        """Take what the application says; after the first part, pass it on."""
        if self.replacement is not None:
            return self.write
        if self.sent:
            return self.pass_on(status, headers, exc_info)
        # Nothing was sent yet, so an error only replaces what was said before.
        self._held = (status, headers)
        return self.write

    def write(self, part: bytes, /) -> object:
        """Send a part of the body the old way (PEP 3333)."""
        self.send()
        if self.replacement is not None:
            return None  # which the server gets instead, from the body
        assert self._write is not None
        return self._write(part)

    def send(self) -> None:
        """Save the session and start the response, once."""
        if self.sent or self._held is None:
            return
        status, headers = self._held
        session = self._session
        if isinstance(session, UnopenedSession) and session.broke(status):
            self._replace(session.error)
            return
        try:
            added = self._finish(session, headers)
        except SessionStoreError as error:
            self._replace(error)
            return
        self.sent = True
        self._write = self.pass_on(status, [*headers, *added])

    def fail(self, error: SessionStoreError) -> None:
        """Answer an application that the lack of its session ended with a 503.

        Raises:
            SessionStoreError: There was an answer, or a session.
        """
        if self.sent or not isinstance(self._session, UnopenedSession):
            raise error
        self._replace(error)

    def _replace(self, error: SessionStoreError) -> None:
        answer = error.get_response(self._environ)
        answer.headers["Cache-Control"] = "no-store"
        self.sent = True
        self.replacement = iter(answer(self._environ, self.pass_on))


class _Body:
    """The body of the application; starts the response with its first part."""

    def __init__(
        self, parts: Iterable[bytes], head: _Head, on_close: Callable[[], None]
    ) -> None:
        self._parts = parts
        self._iterator = iter(parts)
        self._head = head
        self._on_close = on_close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        head = self._head
        part: bytes | None = None
        if head.replacement is None:  # else the application wrote, and that failed
            try:
                part = next(self._iterator, None)
                head.send()
            except SessionStoreError as error:
                head.fail(error)
        if head.replacement is not None:
            return next(head.replacement)
        if part is None:
            raise StopIteration
        return part

    def close(self) -> None:
        """Close the application's body, and tell what came too late."""
        try:
            if hasattr(self._parts, "close"):
                self._parts.close()
        finally:
            self._on_close()
