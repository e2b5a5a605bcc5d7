"""The test client: calls a WSGI or ASGI app as a browser would, without a server."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from copy import copy
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast
from wsgiref.types import WSGIApplication, WSGIEnvironment

import werkzeug.test
from werkzeug.datastructures import Headers
from werkzeug.http import dump_cookie
from werkzeug.test import TestResponse, run_wsgi_app
from werkzeug.wrappers import Response

from ._calling import face_of, made_response, suspect_protocol, test_response_class
from ._cookies import Cookie, CookieJar, cookie_from_header, host_and_path
from ._environ import SOURCES, call_environ, copy_environ
from ._errors import (
    ClientClosedError,
    CookiesDisabledError,
    NestedClientError,
    NoWebSocketsError,
)
from ._redirects import follow, next_request
from ._scope import PRESERVE, ASGIApplication, Parts
from ._session import (
    Session,
    SessionHost,
    open_session,
    require_session_host,
    save_session,
)

if TYPE_CHECKING:  # they load asyncio, which clients of WSGI apps do without
    from ._face import Face
    from ._websocket import WebSocket

# The arguments of the environ builder, which the client hands through.
BuilderArgument: TypeAlias = Any

_USER_AGENT = f"Werkzeug/{importlib.metadata.version('werkzeug')}"


class Client(werkzeug.test.Client):
    """Calls an app without a server, and keeps its cookies between the calls.

    In a `with client:` block the context of the last request stays pushed, so that a
    test can look at what the view left in it. An ASGI app runs on a loop in a thread;
    in the block it has its lifespan.

    Args:
        application: Any WSGI callable or ASGI app.
        response_wrapper: The class of responses, mixed with Werkzeug's `TestResponse`.
        use_cookies: Whether to keep and send cookies.
        allow_subdomain_redirects: Whether redirects may go to subdomains.
        protocol: "wsgi" or "asgi"; by default ASGI if the app is a coroutine function,
            or takes three arguments and not two.

    Raises:
        ValueError: There is no such protocol.

    Attributes:
        environ_base: Defaults for the environ of each request; yours to change.
        max_redirects: How many redirects `follow_redirects` follows in a row.
        preserve_context: Whether a `with client:` block is open.
    """

    max_redirects: int = 20
    preserve_context: bool

    def __init__(
        self,
        application: WSGIApplication | ASGIApplication,
        response_wrapper: type[Response] | None = None,
        use_cookies: bool = True,
        allow_subdomain_redirects: bool = False,
        protocol: str | None = None,
    ) -> None:
        if response_wrapper is not None:
            response_wrapper = test_response_class(
                response_wrapper  # type: ignore[arg-type] # mypy: no class is hashable
            )
        super().__init__(
            application,  # type: ignore[arg-type] # Werkzeug knows WSGI alone
            response_wrapper,
            use_cookies,
            allow_subdomain_redirects,
        )
        self._face = face_of(application, protocol)
        self.environ_base: dict[str, object] = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_USER_AGENT": _USER_AGENT,
        }
        self.preserve_context = False
        self._closed = False
        self._keep(CookieJar() if use_cookies else None)
        # Handed over by the app during a request, and then held until the next.
        self._new_contexts: list[AbstractContextManager[object]] = []
        self._held_contexts = ExitStack()

    def open(
        self,
        *args: BuilderArgument,
        buffered: bool = False,
        follow_redirects: bool = False,
        **kwargs: BuilderArgument,
    ) -> TestResponse:
        """Make a request and return the response.

        Args:
            args: What `EnvironBuilder` takes after the app, or one builder, environ
                or request.
            buffered: Read the whole body and close the app's iterable at once.
            follow_redirects: Go on until a response is no redirect; the ones before
                it are in its `history`.
            kwargs: What `EnvironBuilder` takes.

        Raises:
            ClientClosedError: After `close()`.
            RedirectLoopError: The redirects do not end.
            ForeignRedirectError: A redirect goes to another host.
        """
        self._refuse_closed()
        response = self._send(self._environ_of(args, kwargs), buffered)
        if not follow_redirects:
            return response
        resolve = partial(self.resolve_redirect, buffered=buffered)
        return follow(response, resolve, buffered=buffered, limit=self.max_redirects)

    @contextmanager
    def session_transaction(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> Iterator[Session]:
        """Open the session that the next request will see, and save it at the end.

        Args:
            args: What the app's `test_request_context` takes, for session interfaces
                that look at the request.
            kwargs: The same, by keyword.

        Raises:
            CookiesDisabledError: The client keeps no cookies.
            SessionUnavailableError: The app has no sessions, or could not open one.
        """
        jar = self._require_jar()
        require_session_host(self.application)
        app = cast(SessionHost, self.application)  # checked in the line above
        context = app.test_request_context(*args, **kwargs)
        environ = context.request.environ
        jar.fill(environ)
        session = open_session(app, context)
        yield session
        jar.learn(*host_and_path(environ), save_session(app, context, session))

    def clone(self) -> Self:
        """Return a second client with a copy of the cookies and `environ_base`.

        It starts outside any `with` block, and shares what a subclass has added, and
        the lifespan of an ASGI app.
        """
        other = copy(self)
        other.environ_base = dict(self.environ_base)
        other.preserve_context = False
        other._keep(None if self._jar is None else self._jar.copy())
        other._new_contexts = []
        other._held_contexts = ExitStack()
        return other

    def from_site(self, origin: str, *, site: str | None = "cross-site") -> Self:
        """Return a second client that sends what a page of another site would send.

        It is the same browser: both have the same cookies, also those that a browser
        would not send because of their `SameSite`.

        Args:
            origin: That of the page, as in `https://evil.example`, or `null`.
            site: What `Sec-Fetch-Site` says, such as `same-site` of a sibling
                subdomain; None for browsers, and for http, where it is not sent.
        """
        other = self.clone()
        other._keep(self._jar)
        other.environ_base["HTTP_ORIGIN"] = origin
        if site is not None:
            other.environ_base["HTTP_SEC_FETCH_SITE"] = site
        return other

    def close(self) -> None:
        """Give up cookies and contexts; each later request raises an error."""
        self._closed = True
        self._held_contexts.close()
        if self._face is not None:
            self._face.stop()
        if self._jar is not None:
            self._keep(CookieJar())

    def get_cookie(  # type: ignore[override] # ours has the attributes of Werkzeug's
        self, key: str, domain: str = "localhost", path: str = "/"
    ) -> Cookie | None:
        """Return the cookie `key` that was set for exactly this domain and path.

        Raises:
            CookiesDisabledError: The client keeps no cookies.
        """
        return self._require_jar().get(domain, path, key)

    def set_cookie(
        self,
        key: str,
        value: str = "",
        *,
        domain: str = "localhost",
        origin_only: bool = True,
        path: str = "/",
        **kwargs: Any,
    ) -> None:
        """Keep a cookie as if the app had set it.

        Args:
            origin_only: Whether subdomains of `domain` are left out.
            kwargs: Further attributes, as `werkzeug.http.dump_cookie` takes them.

        Raises:
            CookiesDisabledError: The client keeps no cookies.
        """
        jar = self._require_jar()
        header = dump_cookie(key, value, domain=domain, path=path, **kwargs)
        cookie = cookie_from_header(domain, "/", header)
        if cookie is not None:
            cookie.origin_only = origin_only
            jar.store(cookie)

    def delete_cookie(
        self, key: str, *, domain: str = "localhost", path: str = "/"
    ) -> None:
        """Forget the cookie `key` of exactly this domain and path, if there is one.

        Raises:
            CookiesDisabledError: The client keeps no cookies.
        """
        self._require_jar().remove(domain, path, key)

    def websocket(
        self,
        *args: BuilderArgument,
        subprotocols: Sequence[str] = (),
        **kwargs: BuilderArgument,
    ) -> AbstractContextManager[WebSocket]:
        """Open a WebSocket of an ASGI app for a `with` block, which closes it.

        Args:
            args: As for `open()`: a path, or a whole URL.
            subprotocols: Those that the app may choose from.
            kwargs: As for `open()`.

        Raises:
            ClientClosedError: After `close()`.
            NoWebSocketsError: The app speaks WSGI, which has no WebSockets.
            WebSocketDenied: The app refuses it; when the block is entered.
        """
        self._refuse_closed()
        if self._face is None:
            raise NoWebSocketsError(self.application)
        return self._connected(
            self._face, self._environ_of(args, kwargs), [*subprotocols]
        )

    @contextmanager
    def _connected(
        self, face: Face, environ: WSGIEnvironment, protocols: list[str]
    ) -> Iterator[WebSocket]:
        self._fill(environ)
        socket = face.connect(
            environ, protocols, lambda parts: self._answer_of(parts, environ)
        )
        self._learn(environ, socket.headers)
        try:
            yield socket
        finally:
            socket.close()

    def _environ_of(
        self, args: tuple[BuilderArgument, ...], kwargs: dict[str, BuilderArgument]
    ) -> WSGIEnvironment:
        """Return the environ of a request; arguments as those of `open()`."""
        app = self.application
        if args and isinstance(args[0], SOURCES):
            return copy_environ(app, args[0], self._merge_base)
        kwargs["environ_base"] = self._merge_base(kwargs.get("environ_base"))
        return call_environ(app, args, kwargs)

    def run_wsgi_app(
        self, environ: WSGIEnvironment, buffered: bool = False
    ) -> tuple[Iterable[bytes], str, Headers]:
        """Call the app with the cookies for `environ`, and keep those it sets."""
        self._fill(environ)
        if self._face is not None:
            parts = self._face.ask(environ, buffered=buffered)
        else:
            try:
                parts = run_wsgi_app(self.application, environ, buffered)
            except TypeError as error:
                suspect_protocol(error, self.application)
                raise
        self._learn(environ, parts[2])
        return parts

    def _fill(self, environ: WSGIEnvironment) -> None:
        """Set the `Cookie` header of a request."""
        if self._jar is not None:
            self._jar.fill(environ)

    def _learn(self, environ: WSGIEnvironment, headers: Headers) -> None:
        """Keep the cookies that the answer to a request sets."""
        if self._jar is not None and (cookies := headers.getlist("Set-Cookie")):
            self._jar.learn(*host_and_path(environ), cookies)

    def resolve_redirect(
        self, response: TestResponse, buffered: bool = False
    ) -> TestResponse:
        """Make the request that `response` redirects to.

        Raises:
            ForeignRedirectError: It goes to another host.
        """
        request = next_request(response, subdomains=self.allow_subdomain_redirects)
        return self.open(request, buffered=buffered)

    def __enter__(self) -> Self:
        if self.preserve_context:
            raise NestedClientError
        if self._face is not None:
            self._face.start()
        self.preserve_context = True
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.preserve_context = False
        self._held_contexts.close()
        if self._face is not None:
            self._face.stop()

    def _refuse_closed(self) -> None:
        """Check that the client is still to be used.

        Raises:
            ClientClosedError: After `close()`.
        """
        if self._closed:
            raise ClientClosedError(self.application)

    def _answer_of(self, parts: Parts, environ: WSGIEnvironment) -> TestResponse:
        """Return the response that an app has given to a request."""
        return made_response(self.response_wrapper, parts, environ, self.application)

    def _require_jar(self) -> CookieJar:
        if self._jar is None:
            raise CookiesDisabledError
        return self._jar

    # Werkzeug's names: those who send an environ of their own take cookies along, and
    # tests count the cookies.

    def _keep(self, jar: CookieJar | None) -> None:
        self._jar = jar
        self._cookies = None if jar is None else jar.cookies  # type: ignore[assignment] # ours has the attributes of Werkzeug's

    def _add_cookies_to_wsgi(self, environ: WSGIEnvironment) -> None:
        if self._jar is not None:
            self._jar.fill(environ)

    def _update_cookies_from_response(
        self, server_name: str, path: str, headers: list[str]
    ) -> None:
        if self._jar is not None:
            self._jar.learn(server_name, path, headers)

    def _merge_base(self, given: Mapping[str, Any] | None) -> WSGIEnvironment:
        base = {**self.environ_base, **(given or {})}
        if self.preserve_context:
            base[PRESERVE] = self._new_contexts.append
        return base

    def _send(self, environ: WSGIEnvironment, buffered: bool) -> TestResponse:
        """Make one request, and hold the contexts that the app hands over."""
        self._held_contexts.close()
        try:
            parts = self.run_wsgi_app(environ, buffered)
            response = self._answer_of(parts, environ)
            for context in self._new_contexts:
                self._held_contexts.enter_context(context)
        finally:
            self._new_contexts.clear()
        return response
