"""What a session transaction asks of an app, and the two steps of it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

from werkzeug.wrappers import Request, Response

from ._errors import SessionUnavailableError

# What the app's session interface opens; its type is the app's business.
Session: TypeAlias = Any


class RequestContext(AbstractContextManager[object], Protocol):
    """A context that can be entered more than once, each time for one step."""

    @property
    def request(self) -> Request:
        """The request that the context is for."""


class SessionInterface(Protocol):
    """Opens and saves sessions."""

    def open_session(self, app: SessionHost, request: Request, /) -> Session:
        """Return the session of `request`, or None where there can be none."""

    def is_null_session(self, obj: Session, /) -> bool:
        """Whether `obj` only stands for a session and cannot be saved."""

    def save_session(
        self, app: SessionHost, session: Session, response: Response, /
    ) -> None:
        """Write `session` where it is kept, with its cookie on `response`."""


class SessionHost(Protocol):
    """An app with sessions."""

    @property
    def session_interface(self) -> SessionInterface:
        """Opens and saves the sessions of this app."""

    @property
    def response_class(self) -> type[Response]:
        """Made without arguments, to collect the cookies of the session."""

    def test_request_context(self, *args: Any, **kwargs: Any) -> RequestContext:
        """Return a context, not yet entered, for the request described."""


def require_session_host(app: object) -> None:
    """Check that `app` is a `SessionHost`.

    Raises:
        SessionUnavailableError: Something is missing; the text says what.
    """
    for name in ("test_request_context", "session_interface", "response_class"):
        if not hasattr(app, name):
            raise SessionUnavailableError.from_app(app, name)


def open_session(app: SessionHost, context: RequestContext) -> Session:
    """Return the session of the request of `context`.

    Raises:
        SessionUnavailableError: The interface opened none.
    """
    with context:
        session = app.session_interface.open_session(app, context.request)
    if session is None:
        raise SessionUnavailableError.from_backend(app.session_interface)
    return session


def save_session(
    app: SessionHost, context: RequestContext, session: Session
) -> list[str]:
    """Save `session` and return the `Set-Cookie` headers that this makes."""
    if app.session_interface.is_null_session(session):
        return []
    response = app.response_class()
    with context:
        app.session_interface.save_session(app, session, response)
    return response.headers.getlist("Set-Cookie")
