"""Sessions for any WSGI application, at `environ["tantalus.session"]`.

The session is saved when the first part of the body leaves, so an application may
change it until then, also after it called `start_response`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from ._errors import SessionStoreError, SessionTooLarge
from ._events import Observer, Reason
from ._exchange import says_public
from ._observed import Observed
from ._session import Session
from ._sessions import CookieSessions, Sessions, StoreSessions
from ._store._record import SessionStore

ENVIRON_KEY = "tantalus.session"

# The third value of `sys.exc_info()`, which WSGI hands through (PEP 3333).
ExcInfo: TypeAlias = Any
Headers: TypeAlias = list[tuple[str, str]]


class SessionMiddleware(Observed):
    """Wraps a WSGI application and gives each request its session.

    Pass one of the three. `sessions` is for everything that can be chosen, such as
    `CookieSessions(key, fallbacks=[old_key], cookie=CookiePolicy(...))`.

    Args:
        secret_key: Keep sessions in a cookie signed with this key.
        store: Keep sessions in this store.
        debug: Raise `SessionTooLarge` instead of logging it and keeping the old cookie.

    Raises:
        TypeError: None of the three was passed, or more than one, or `store` is none.
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
        given = [value for value in (secret_key, store, sessions) if value is not None]
        if len(given) != 1:
            raise TypeError(
                f"SessionMiddleware got {len(given)} of 'secret_key', 'store' and"
                " 'sessions'. Pass one of them."
            )
        self.app = app
        self.sessions: Sessions = sessions or _sessions(secret_key, store)
        self.debug = debug

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Serve a request; a store that fails is answered with a 503."""
        try:
            environ[ENVIRON_KEY] = session = self.sessions.open(
                environ.get("HTTP_COOKIE"),
                over_https=environ.get("wsgi.url_scheme") == "https",
            )
        except SessionStoreError as error:
            return error.get_response(environ)(environ, start_response)
        head = _Head(environ, start_response, lambda said: self._finish(session, said))
        body = self.app(environ, head.start_response)
        return _Body(body, head, lambda: self._complain_if_changed(session))

    def on_rejected(self, observer: Observer) -> Observer:
        """Have `observer` called with each `Rejection`; usable as a decorator."""
        if isinstance(self.sessions, Observed):
            self.sessions.on_rejected(observer)
        return super().on_rejected(observer)

    def _finish(self, session: Session, said: Headers) -> Headers:
        """Save `session` and return the headers that this takes.

        Args:
            said: The headers of the application.
        """
        accessed, modified = session.accessed, session.modified
        try:
            cookies = self.sessions.save(session)
        except SessionTooLarge as error:
            if self.debug:
                raise
            self._report(Reason.TOO_LARGE_TO_SAVE, error.name, error.size)
            cookies = []
        finally:
            # From here on a change comes too late.
            session.modified = False
        # A life is not extended where a cache might hand the cookie to others.
        if cookies and not modified and _say_public(said):
            cookies = []
        headers = [("Set-Cookie", cookie) for cookie in cookies]
        return [*headers, ("Vary", "Cookie")] if accessed or headers else headers

    def _complain_if_changed(self, session: Session) -> None:
        if session.modified:
            self._report(Reason.CHANGED_TOO_LATE, self.sessions.cookie.name)


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
        finish: Callable[[Headers], Headers],
    ) -> None:
        self.pass_on = start_response
        self.sent = False
        self.replacement: Iterator[bytes] | None = None
        self._environ = environ
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
        try:
            added = self._finish(headers)
        except SessionStoreError as error:
            answer = error.get_response(self._environ)
            self.replacement = iter(answer(self._environ, self.pass_on))
            self.sent = True
            return
        self.sent = True
        self._write = self.pass_on(status, [*headers, *added])


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
        if head.replacement is not None:  # already, by what the application wrote
            return next(head.replacement)
        part = next(self._iterator, None)
        head.send()
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


def _say_public(headers: Headers) -> bool:
    return any(
        says_public(value) for name, value in headers if name.lower() == "cache-control"
    )


def _sessions(secret_key: str | bytes | None, store: SessionStore | None) -> Sessions:
    if store is not None:
        return StoreSessions(store)
    return CookieSessions(secret_key or "")
