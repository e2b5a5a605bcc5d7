"""Whether a request was started by a page of another site, told by its headers alone.

Browsers say where a request comes from: `Sec-Fetch-Site` over https and on this
machine, `Origin` for all but GET and HEAD, and for each WebSocket. So no form needs a
token:

1. GET, HEAD and OPTIONS pass. What they answer must not change anything.
2. With `Sec-Fetch-Site`, `same-origin` and `none` (the address bar) pass; anything
   else, also `same-site`, passes from a trusted origin only.
3. Without it, and for each handshake of a WebSocket, the `Origin` has to be the
   address of the request (or the same host by https, where a proxy that ends TLS does
   not say so), or a trusted one.
4. With neither header no browser has sent it, and it passes.

The decision costs two lookups where `Sec-Fetch-Site` is there, and is remembered for
each pair of address and origin where it is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import Forbidden

from ._asgi_types import ASGIScope
from ._origins import own_origin, read_origin, read_origins
from ._scope import SCHEMES

# The methods of requests that change nothing, and may come from anywhere.
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})
_REMEMBERED = 256
# Letters of a host and an origin that are worth remembering.
_LONGEST = 600
_OF_BROWSERS = frozenset({b"origin", b"sec-fetch-site"})
_HEADERS = _OF_BROWSERS | {b"host"}
# Letters of what a client sent that are shown on the page.
_SHOWN = 100


class CrossSiteRequest(Forbidden):
    """A request that a page of another site has started (403).

    Attributes:
        origin: What `Origin` says, None without it; `site` the same of
            `Sec-Fetch-Site`.
        address: Scheme and host that the request is for, as this program sees them.
    """

    def __init__(self, site: str | None, origin: str | None, address: str) -> None:
        self.site, self.origin, self.address = site, origin, address
        seen = [f"Host: {_shown(address)}"]
        seen += [] if origin is None else [f"Origin: {_shown(origin)}"]
        seen += [] if site is None else [f"Sec-Fetch-Site: {_shown(site)}"]
        super().__init__(
            "This request was started by a page of another site, so it was refused."
            f" Seen were {', '.join(seen)}. {self._cure()}"
        )

    def _cure(self) -> str:
        if self.site is None and self.origin == "null":
            return (
                "A page has the origin 'null' in a frame with 'sandbox', after a"
                " redirect through another site, and over http with the policy"
                " 'no-referrer'; serve it by https, or with another Referrer-Policy."
            )
        if self.site in {None, "same-origin", "none"}:
            return (
                "If both are the same site, a proxy has changed the host or the scheme:"
                " let it pass them on, and read them with ProxyFix. If the other site"
                " may send this, add its origin to the trusted ones (TRUSTED_ORIGINS)."
            )
        return (
            "If that site may send this, add its origin to the trusted ones"
            " (TRUSTED_ORIGINS), or let the route be called from anywhere"
            " (cross_site=True)."
        )


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def is_own_request(environ: WSGIEnvironment) -> bool:
    """Tell whether a request is plainly of an own page or a program, as most are.

    Of the others a `CrossSiteCheck` knows more, and of WebSockets it has to be asked.
    """
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site in _OWN_SITES
    origin = environ.get("HTTP_ORIGIN")
    # Written alike, both are the same. Otherwise they may be, too.
    return origin is None or (
        origin == f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST')}"
    )


class CrossSiteCheck:
    """Finds requests that pages of other sites have started, with what browsers say.

    Args:
        trusted_origins: Other origins whose pages may send requests that change
            something, as in `https://pay.example`.

    Raises:
        NoOrigin: One of them is no origin.
    """

    def __init__(self, trusted_origins: Iterable[str] = ()) -> None:
        self.trusted = read_origins(trusted_origins)
        # Whether pages of an origin may send to an address; clients choose both.
        self._known: dict[tuple[str, str, str], bool] = {}

    def refusal(
        self,
        method: str,
        scheme: str,
        host: str,
        *,
        site: str | None,
        origin: str | None,
        is_websocket: bool = False,
    ) -> CrossSiteRequest | None:
        """Return why a request is refused, None if it is not.

        Args:
            method: In upper case; in any other it is not a safe one.
            host: What `Host` says; `site` and `origin` likewise `Sec-Fetch-Site` and
                `Origin`, None without it.
            is_websocket: Whether it is the handshake of a WebSocket.
        """
        if not is_websocket:
            if method in _SAFE_METHODS or site in _OWN_SITES:
                return None
            if site is None and origin is None:
                return None
        elif origin is None and (site is None or site in _OWN_SITES):
            return None
        if site is None or site in _OWN_SITES:
            is_allowed = origin is not None and self._fits(scheme, host, origin)
        else:
            is_allowed = origin is not None and read_origin(origin) in self.trusted
        return (
            None if is_allowed else CrossSiteRequest(site, origin, f"{scheme}://{host}")
        )

    def _fits(self, scheme: str, host: str, origin: str) -> bool:
        key = scheme, host, origin
        known = self._known.get(key)
        if known is None:
            known = self._compared(scheme, host, origin)
            if len(origin) + len(host) <= _LONGEST:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[key] = known
        return known

    def _compared(self, scheme: str, host: str, origin: str) -> bool:
        theirs = read_origin(origin)
        if theirs is None:
            return False
        if theirs == own_origin(scheme, host) or theirs in self.trusted:
            return True
        # A proxy may end TLS without a word. A page by http is another origin, though:
        # whoever is on the way may have written it.
        return scheme == "http" and theirs == own_origin("https", host)

    def of_environ(
        self, environ: WSGIEnvironment, *, is_websocket: bool = False
    ) -> CrossSiteRequest | None:
        """Return why a request with this WSGI environ is refused, None if it is not.

        Args:
            is_websocket: Whether it is the handshake of a WebSocket.
        """
        return self.refusal(
            environ["REQUEST_METHOD"],
            environ["wsgi.url_scheme"],
            environ.get("HTTP_HOST") or "",
            site=environ.get("HTTP_SEC_FETCH_SITE"),
            origin=environ.get("HTTP_ORIGIN"),
            is_websocket=is_websocket,
        )

    def of_scope(self, scope: ASGIScope) -> CrossSiteRequest | None:
        """Return why a request or WebSocket on an ASGI scope is refused, or None."""
        found: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            key = name.lower()
            if key in _HEADERS:
                text = value.decode("latin1")
                # Two of them are none of those that browsers send.
                found[key] = f"{found[key]},{text}" if key in found else text
        scheme: str = scope.get("scheme", "http")
        return self.refusal(
            scope.get("method", "GET"),
            SCHEMES.get(scheme, scheme),
            found.get(b"host", ""),
            site=found.get(b"sec-fetch-site"),
            origin=found.get(b"origin"),
            is_websocket=scope["type"] == "websocket",
        )

    def of_request(
        self, request: Any, *, is_websocket: bool = False
    ) -> CrossSiteRequest | None:
        """Return why a request, on an environ or on a scope, is refused, or None.

        Args:
            request: A request of `tantalus_http` or Werkzeug.
            is_websocket: Whether it is the handshake of a WebSocket.
        """
        # Middleware may have changed an environ.
        if getattr(request, "has_environ", True):
            return self.of_environ(request.environ, is_websocket=is_websocket)
        if is_websocket or not _OF_BROWSERS.isdisjoint(request._first_headers):
            return self.of_scope(request.scope)
        return None
