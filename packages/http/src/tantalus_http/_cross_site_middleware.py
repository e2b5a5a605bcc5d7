"""The check for requests of other sites around a whole WSGI or ASGI application."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from ._asgi_types import ASGIApplication, ASGIReceive, ASGIScope, ASGISend
from ._cross_site import CrossSiteCheck, CrossSiteRequest

# RFC 6455 §7.4.1: a policy was violated. Before a WebSocket is accepted, servers answer
# the handshake with 403 instead.
_POLICY_VIOLATED = 1008


class CrossSiteMiddleware:
    """A WSGI application that refuses what pages of other sites send to another.

    It knows no routes: everything inside is protected. Where one route is to be called
    from anywhere, ask a `CrossSiteCheck` behind the routing instead.

    Args:
        app: The application inside.
        trusted_origins: As for `CrossSiteCheck`.

    Raises:
        NoOrigin: One of them is no origin.
    """

    def __init__(
        self, app: WSGIApplication, trusted_origins: Iterable[str] = ()
    ) -> None:
        self.app = app
        self.check = CrossSiteCheck(trusted_origins)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333), with 403 if it is refused."""
        upgrade = environ.get("HTTP_UPGRADE")
        refusal = self.check.of_environ(
            environ,
            # What the application inside may take for one.
            is_websocket=upgrade is not None and "websocket" in upgrade.lower(),
        )
        if refusal is None:
            return self.app(environ, start_response)
        return refusal(environ, start_response)


class CrossSiteASGIMiddleware:
    """The same for an ASGI application, and for its WebSockets.

    Args:
        app: The application inside.
        trusted_origins: As for `CrossSiteCheck`.

    Raises:
        NoOrigin: One of them is no origin.
    """

    def __init__(
        self, app: ASGIApplication, trusted_origins: Iterable[str] = ()
    ) -> None:
        self.app = app
        self.check = CrossSiteCheck(trusted_origins)

    async def __call__(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        """Answer a request, with 403 if it is refused; let a lifespan through."""
        kind = scope["type"]
        if kind not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        refusal = self.check.of_scope(scope)
        if refusal is None:
            await self.app(scope, receive, send)
        elif kind == "http":
            await _send_page(refusal, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATED})


async def _send_page(refusal: CrossSiteRequest, send: ASGISend) -> None:
    body = refusal.get_body().encode()
    headers = [*refusal.get_headers(), ("Content-Length", str(len(body)))]
    await send(
        {
            "type": "http.response.start",
            "status": refusal.code,
            "headers": [
                (name.lower().encode("latin1"), value.encode("latin1"))
                for name, value in headers
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
