"""An app with contexts, sessions and signals, as small as the Protocols allow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Self
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from tantalus_testing import EnvironBuilder

View = Callable[[Request], Response]


class FakeContext:
    """Can be entered again and again; knows the stack it stands on."""

    def __init__(self, app: FakeApp, request: Request) -> None:
        self.app = app
        self.request = request
        self.found: dict[str, object] = {}

    def __enter__(self) -> Self:
        self.app.stack.append(self)
        return self

    def __exit__(self, *args: object) -> None:
        assert self.app.stack.pop() is self


class FakeSession(dict[str, Any]):
    """Remembers whether it was saved."""


class CookieSessions:
    """Keeps the session as JSON text in the cookie `session`."""

    def open_session(self, app: Any, request: Request) -> FakeSession | None:
        return FakeSession(json.loads(request.cookies.get("session", "{}")))

    def is_null_session(self, session: object) -> bool:
        return not isinstance(session, FakeSession)

    def save_session(self, app: Any, session: Any, response: Response) -> None:
        response.set_cookie("session", json.dumps(session))


class NoSessions(CookieSessions):
    """Opens nothing, as an interface does for an app without a key."""

    def open_session(self, app: Any, request: Request) -> None:
        return None


class NullSessions(CookieSessions):
    """Opens what only stands for a session."""

    def open_session(self, app: Any, request: Request) -> Any:
        return {"null": True}


class StoredSessions(CookieSessions):
    """Keeps the session in a store under the id in the cookie, loaded when touched."""

    def __init__(self) -> None:
        self.store: dict[str, dict[str, Any]] = {}

    def open_session(self, app: Any, request: Request) -> Any:
        return LazySession(self.store, request)

    def is_null_session(self, session: object) -> bool:
        return False

    def save_session(self, app: Any, session: Any, response: Response) -> None:
        if session.values is not None:
            self.store[session.key] = session.values
            response.set_cookie("id", session.key)


class LazySession:
    """Reads the cookie and the store when it is first asked for a value."""

    def __init__(self, store: dict[str, dict[str, Any]], request: Request) -> None:
        self.store = store
        self.request = request
        self.key = ""
        self.values: dict[str, Any] | None = None

    def loaded(self) -> dict[str, Any]:
        if self.values is None:
            self.key = self.request.cookies.get("id", f"id-{len(self.store)}")
            self.values = dict(self.store.get(self.key, {}))
        return self.values

    def __getitem__(self, name: str) -> Any:
        return self.loaded()[name]

    def __setitem__(self, name: str, value: object) -> None:
        self.loaded()[name] = value


class FakeApp:
    """Calls the view for the path, in a context."""

    response_class = Response

    def __init__(self, views: dict[str, View] | None = None, **config: object) -> None:
        self.views = views or {}
        self.config: dict[str, Any] = config
        self.session_interface: CookieSessions = CookieSessions()
        self.stack: list[FakeContext] = []

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        context = FakeContext(self, Request(environ))
        try:
            with context:
                view = self.views.get(context.request.path, echo)
                return view(context.request)(environ, start_response)
        finally:
            preserve = environ.get("werkzeug.debug.preserve_context")
            if preserve is not None:
                preserve(context)

    def __repr__(self) -> str:
        return "<FakeApp>"

    def test_request_context(self, *args: Any, **kwargs: Any) -> FakeContext:
        environ = EnvironBuilder(self, *args, **kwargs).get_environ()
        return FakeContext(self, Request(environ))

    def context_probe(self) -> list[FakeContext]:
        return list(self.stack)


class FakeSignal:
    """Sends to receivers, all or those of one sender."""

    def __init__(self) -> None:
        self.receivers: list[tuple[Callable[..., object], object]] = []

    def connect(self, receiver: Callable[..., Any], sender: Any = None, /) -> object:
        self.receivers.append((receiver, sender))
        return receiver

    def disconnect(self, receiver: Callable[..., Any], /) -> None:
        self.receivers = [one for one in self.receivers if one[0] is not receiver]

    def send(self, sender: object, **values: object) -> None:
        for receiver, wanted in self.receivers:
            if wanted in (None, sender):
                receiver(sender, **values)


def echo(request: Request) -> Response:
    """Answer with what was asked."""
    return Response(
        f"{request.method} {request.url} {request.get_data(as_text=True)}".strip()
    )
