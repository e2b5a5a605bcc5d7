"""What the middleware of both protocols has in common, and decides in one place.

What goes with an answer is decided in `headers_for`, from what was done to the session
and from what the application says of caches:

- a `Set-Cookie` and whatever looked at the session depends on the `Cookie` header;
- no shared cache keeps a cookie, unless the application says `public` by hand;
- a life is not extended where a shared cache might hand the cookie to others;
- no cache keeps an answer that was made without the session that it asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from werkzeug.datastructures import ResponseCacheControl
from werkzeug.http import parse_cache_control_header, parse_set_header

from ._errors import SessionTooLarge
from ._events import Observer, Reason
from ._exchange import says_public
from ._observed import Observed
from ._policy import CookiePolicy
from ._session import Session
from ._sessions import AsyncSessions, Sessions
from ._unopened import UnopenedSession

Header = tuple[str, str]
Kept = TypeVar("Kept", bound=Sessions | AsyncSessions)


class Done(NamedTuple):
    """What a request has done to its session, before it is saved."""

    accessed: bool
    modified: bool
    is_lost: bool

    @classmethod
    def to(cls, session: Session) -> Done:
        """Return what was done to `session`."""
        is_lost = isinstance(session, UnopenedSession)
        return cls(session.accessed, session.modified, is_lost)


class Wrapping(Observed, Generic[Kept]):
    """Base of the middleware of both protocols.

    Args:
        debug: Raise `SessionTooLarge` instead of logging it and keeping the old cookie.
    """

    def __init__(self, sessions: Kept, debug: bool) -> None:
        self.sessions: Kept = sessions
        self.debug = debug

    def on_rejected(self, observer: Observer) -> Observer:
        """Have `observer` called with each `Rejection`; usable as a decorator."""
        if isinstance(self.sessions, Observed):
            self.sessions.on_rejected(observer)
        return super().on_rejected(observer)

    @property
    def _cookie(self) -> CookiePolicy:
        return self.sessions.cookie

    def _too_large(self, error: SessionTooLarge) -> list[str]:
        """Leave the old cookie in place, and tell; or raise, while debugging."""
        if self.debug:
            raise error
        self._report(Reason.TOO_LARGE_TO_SAVE, error.name, error.size)
        return []

    def complain_if_changed(self, session: Session, reason: Reason) -> None:
        """Tell, once, of a change that is not kept."""
        if session.modified:
            session.modified = False
            self._report(reason, self._cookie.name)


def check_choice(name: str, choices: Mapping[str, object]) -> None:
    """Raise `TypeError` unless exactly one way to keep sessions was chosen."""
    given = [value for value in choices.values() if value is not None]
    if len(given) != 1:
        raise TypeError(
            f"{name} got {len(given)} of 'secret_key', 'store' and 'sessions'. Pass"
            " one of them."
        )


def headers_for(done: Done, cookies: list[str], said: Iterable[Header]) -> list[Header]:
    """Return the headers to add to those of the application.

    Args:
        cookies: What `save` returned.
        said: The headers of the application.
    """
    if not (cookies or done.accessed):
        return []
    cache_control = _values(said, "cache-control") if cookies or done.is_lost else ""
    if cookies and not done.modified and says_public(cache_control):
        cookies = []
    headers = [("Set-Cookie", cookie) for cookie in cookies]
    if (cookies or done.accessed) and not _varies(_values(said, "vary")):
        headers.append(_VARY)
    if done.is_lost:
        headers.append(_NOT_KEPT)
    elif cookies and not _is_decided(cache_control):
        headers.append(_PRIVATE)
    return headers


_VARY = ("Vary", "Cookie")
_PRIVATE = ("Cache-Control", "private")
_NOT_KEPT = ("Cache-Control", "no-store")


def _values(headers: Iterable[Header], name: str) -> str:
    """Return the values of a header that may be repeated, joined (RFC 9110 §5.3)."""
    return ", ".join(value for said, value in headers if said.lower() == name)


def _varies(vary: str) -> bool:
    """Tell whether `Vary` says already that the answer depends on the cookies."""
    if not vary:
        return False
    said = parse_set_header(vary)
    return "cookie" in said or "*" in said


def _is_decided(cache_control: str) -> bool:
    """Tell whether the application said who may keep its answer."""
    if not cache_control:
        return False
    said = parse_cache_control_header(cache_control, cls=ResponseCacheControl)
    return bool(said.no_store or said.private or says_public(cache_control))
