"""The test client for tests that run on an event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from types import TracebackType
from typing import Any, Self
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from ._client import BuilderArgument, Client
from ._cookies import Cookie
from ._errors import NestedClientError
from ._exchange import Exchange
from ._living import Living
from ._redirects import is_redirect, next_request, refuse_loop
from ._scope import ASGIApplication, Parts, handshake_of, scope_of
from ._session import Session
from ._websocket import AsyncWebSocket, Denial, WebSocketDenied


class AsyncClient:
    """Calls an ASGI app on the running loop, and keeps its cookies between the calls.

    In an `async with client:` block the app has its lifespan. Arguments are those of
    `Client`, and what it says of them holds here.

    Args:
        application: Any ASGI app.
        response_wrapper: The class of responses, mixed with Werkzeug's `TestResponse`.
        use_cookies: Whether to keep and send cookies.
        allow_subdomain_redirects: Whether redirects may go to subdomains.

    Attributes:
        application: The app.
        max_redirects: How many redirects `follow_redirects` follows in a row.
    """

    max_redirects: int = 20

    def __init__(
        self,
        application: ASGIApplication,
        response_wrapper: type[Response] | None = None,
        use_cookies: bool = True,
        allow_subdomain_redirects: bool = False,
    ) -> None:
        self.application: ASGIApplication = application
        # Knows requests, responses and cookies, and is never opened itself.
        self._client = Client(
            application,
            response_wrapper,
            use_cookies,
            allow_subdomain_redirects,
            protocol="asgi",
        )
        self._living: Living | None = None

    @property
    def environ_base(self) -> dict[str, object]:
        """Defaults for each request, as of the environ of WSGI; yours to change."""
        return self._client.environ_base

    async def open(
        self,
        *args: BuilderArgument,
        follow_redirects: bool = False,
        **kwargs: BuilderArgument,
    ) -> TestResponse:
        """Make a request and return the response, whole; the app has ended then.

        Args:
            args: As for `Client.open()`.
            follow_redirects: Go on until a response is no redirect.
            kwargs: As for `Client.open()`.

        Raises:
            ClientClosedError: After `close()`.
            RedirectLoopError: The redirects do not end.
            ForeignRedirectError: A redirect goes to another host.
        """
        response = await self._ask(args, kwargs)
        history: list[TestResponse] = []
        subdomains = self._client.allow_subdomain_redirects
        while follow_redirects and is_redirect(response):
            refuse_loop(response, history, self.max_redirects)
            response.history = tuple(history)
            history.append(response)
            request = next_request(response, subdomains=subdomains)
            response = await self._ask((request,), {})
        response.history = tuple(history)
        return response

    async def get(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> TestResponse:
        """Make a GET request; arguments as those of `open()`."""
        return await self.open(*args, method="GET", **kwargs)

    async def post(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> TestResponse:
        """Make a POST request; arguments as those of `open()`."""
        return await self.open(*args, method="POST", **kwargs)

    async def put(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> TestResponse:
        """Make a PUT request; arguments as those of `open()`."""
        return await self.open(*args, method="PUT", **kwargs)

    async def patch(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> TestResponse:
        """Make a PATCH request; arguments as those of `open()`."""
        return await self.open(*args, method="PATCH", **kwargs)

    async def delete(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> TestResponse:
        """Make a DELETE request; arguments as those of `open()`."""
        return await self.open(*args, method="DELETE", **kwargs)

    async def head(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> TestResponse:
        """Make a HEAD request; arguments as those of `open()`."""
        return await self.open(*args, method="HEAD", **kwargs)

    async def options(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> TestResponse:
        """Make an OPTIONS request; arguments as those of `open()`."""
        return await self.open(*args, method="OPTIONS", **kwargs)

    async def trace(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> TestResponse:
        """Make a TRACE request; arguments as those of `open()`."""
        return await self.open(*args, method="TRACE", **kwargs)

    @asynccontextmanager
    async def stream(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> AsyncIterator[AsyncStream]:
        """Make a request whose answer is read as it comes, in an `async with` block.

        At the end of the block the client leaves, whatever is still to come.

        Args:
            args: As for `open()`.
            kwargs: As for `open()`; redirects are not followed.
        """
        environ, exchange = self._exchange(args, kwargs)
        try:
            await exchange.begin()
            self._client._learn(environ, exchange.headers)
            parts: Parts = ([], exchange.status, exchange.headers)
            yield AsyncStream(exchange, self._client._answer_of(parts, environ))
        finally:
            await exchange.leave()

    @asynccontextmanager
    async def websocket(
        self,
        *args: BuilderArgument,
        subprotocols: Sequence[str] = (),
        **kwargs: BuilderArgument,
    ) -> AsyncIterator[AsyncWebSocket]:
        """Open a WebSocket for an `async with` block, which closes it.

        Args:
            args: As for `open()`: a path, or a whole URL.
            subprotocols: Those that the app may choose from.
            kwargs: As for `open()`.

        Raises:
            WebSocketDenied: The app refuses it.
        """
        environ = self._environ(args, kwargs)
        scope = handshake_of(environ, self._state(), [*subprotocols])
        socket = AsyncWebSocket(self.application, scope)
        try:
            await socket.connect()
        except Denial as denial:
            response = self._client._answer_of(denial.parts, environ)
            raise WebSocketDenied(response) from None
        self._client._learn(environ, socket.headers)
        try:
            yield socket
        finally:
            await socket.close()

    def session_transaction(
        self, *args: BuilderArgument, **kwargs: BuilderArgument
    ) -> AbstractContextManager[Session]:
        """Open the session of the next request, as `Client` does, in a `with` block."""
        return self._client.session_transaction(*args, **kwargs)

    def get_cookie(
        self, key: str, domain: str = "localhost", path: str = "/"
    ) -> Cookie | None:
        """Return the cookie `key` that was set for exactly this domain and path."""
        return self._client.get_cookie(key, domain, path)

    def set_cookie(self, key: str, value: str = "", **kwargs: Any) -> None:
        """Keep a cookie as if the app had set it; arguments as for `Client`."""
        self._client.set_cookie(key, value, **kwargs)

    def delete_cookie(
        self, key: str, *, domain: str = "localhost", path: str = "/"
    ) -> None:
        """Forget the cookie `key` of exactly this domain and path, if there is one."""
        self._client.delete_cookie(key, domain=domain, path=path)

    def clone(self) -> Self:
        """Return a second client with a copy of the cookies and `environ_base`.

        It shares the lifespan, which the first one ends.
        """
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._client = self._client.clone()
        return other

    def from_site(self, origin: str, *, site: str | None = "cross-site") -> Self:
        """Return a second client that sends what a page of another site would send.

        Args:
            origin: As for `Client.from_site()`.
            site: Likewise.
        """
        other = self.clone()
        other._client = self._client.from_site(origin, site=site)
        return other

    def close(self) -> None:
        """Give up the cookies; each later request raises an error."""
        self._client.close()

    async def __aenter__(self) -> Self:
        if self._living is not None:
            raise NestedClientError
        living = Living(self.application)
        await living.start()
        self._living = living
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        living, self._living = self._living, None
        assert living is not None  # the block was entered
        await living.stop()

    async def _ask(
        self, args: tuple[BuilderArgument, ...], kwargs: dict[str, BuilderArgument]
    ) -> TestResponse:
        environ, exchange = self._exchange(args, kwargs)
        try:
            await exchange.begin()
            parts = (await exchange.read(), exchange.status, exchange.headers)
        except BaseException:
            await exchange.leave()
            raise
        self._client._learn(environ, exchange.headers)
        return self._client._answer_of(parts, environ)

    def _exchange(
        self, args: tuple[BuilderArgument, ...], kwargs: dict[str, BuilderArgument]
    ) -> tuple[WSGIEnvironment, Exchange]:
        environ = self._environ(args, kwargs)
        scope = scope_of(environ, self._state())
        body: bytes = environ["wsgi.input"].read()
        return environ, Exchange(self.application, scope, body)

    def _environ(
        self, args: tuple[BuilderArgument, ...], kwargs: dict[str, BuilderArgument]
    ) -> WSGIEnvironment:
        self._client._refuse_closed()
        environ = self._client._environ_of(args, kwargs)
        self._client._fill(environ)
        return environ

    def _state(self) -> dict[str, Any] | None:
        return None if self._living is None else self._living.state


class AsyncStream:
    """An answer that is read as it comes: `async for` gives its parts, in bytes.

    Attributes:
        response: The response without its body.
    """

    def __init__(self, exchange: Exchange, response: TestResponse) -> None:
        self.response = response
        self._exchange = exchange

    @property
    def status_code(self) -> int:
        """The status."""
        return self.response.status_code

    @property
    def headers(self) -> Headers:
        """The headers."""
        return self.response.headers

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (part := await self._exchange.next_part()) is not None:
            yield part

    async def lines(self) -> AsyncIterator[str]:
        """Give the lines of the text, without their ends, each once it is whole."""
        rest = b""
        async for part in self:
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                yield line.removesuffix(b"\r").decode()
        if rest:
            yield rest.decode()

    async def read(self) -> bytes:
        """Return all that is still to come."""
        return b"".join(await self._exchange.read())
