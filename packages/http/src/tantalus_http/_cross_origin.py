"""Which pages of other origins may read what is answered (CORS, of the Fetch standard).

A browser lets a page of another origin send much and read nothing, unless the answer
says that it may. Before what no form could send, it asks with OPTIONS, a *preflight*:
the answer to that names the origin, the method and the headers, and each answer after
it names the origin again. Whoever is not named in the first is refused by the browser.

A policy for named origins makes answers differ by origin, so each of its answers has
`Vary: Origin`, also those to requests that name none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from werkzeug.datastructures import Headers

from ._headers import check_header
from ._origins import read_origin, read_origins

_EVERYWHERE = "*"
_ALLOW_ORIGIN = "Access-Control-Allow-Origin"
_DAY = 86_400


class CrossOriginError(ValueError):
    """A policy that browsers refuse, or that would mean something else."""


class CrossOrigin:
    """Says which pages of other origins may read answers, and send with credentials.

    Args:
        origins: Theirs, as in `["https://shop.example"]`; "*" for the pages of all;
            None for those that the program trusts.
        credentials: Whether requests come with cookies and passwords.
        headers: What requests may have beyond what every form has.
        expose: What pages may read of the headers of an answer beyond the usual.
        max_age: Seconds for which browsers do not ask again; they have limits of their
            own.

    Raises:
        CrossOriginError: "*" with credentials, or a value that is none.
        NoOrigin: One of the origins is none.
    """

    def __init__(
        self,
        origins: Iterable[str] | Literal["*"] | None = None,
        *,
        credentials: bool = False,
        headers: Iterable[str] = ("Content-Type",),
        expose: Iterable[str] = (),
        max_age: int = 600,
    ) -> None:
        self.is_open = origins == _EVERYWHERE
        if self.is_open and credentials:
            raise CrossOriginError(
                "origins='*' with credentials=True would show to any page what is"
                " meant for a visitor, and browsers refuse it. Name the origins, or"
                " leave credentials out."
            )
        if type(max_age) is not int or not 0 <= max_age <= _DAY:
            raise CrossOriginError(
                f"max_age={max_age!r} is no number of seconds from 0 to {_DAY}."
            )
        self.origins = (
            None if self.is_open or origins is None else read_origins(origins)
        )
        self.credentials = credentials
        self.headers = _names("headers", headers)
        self._known = frozenset(name.lower() for name in self.headers)
        self.expose = _names("expose", expose)
        self.max_age = max_age

    def allows(self, origin: str | None, trusted: Iterable[str] = ()) -> bool:
        """Tell whether pages of an origin may read answers.

        Args:
            origin: What `Origin` says.
            trusted: Origins as `CrossSiteCheck.trusted` has them, for a policy that
                names none.
        """
        if origin is None or self.is_open:
            return self.is_open
        read = read_origin(origin)
        listed = trusted if self.origins is None else self.origins
        return read is not None and read in listed

    def may_send(
        self, origin: str | None, has_credentials: bool, trusted: Iterable[str] = ()
    ) -> bool:
        """Tell whether pages of an origin may send what changes something.

        Without `credentials` they may as nobody: not in the name of a visitor.

        Args:
            origin: What `Origin` says.
            has_credentials: Whether the request has a cookie, or a password that the
                browser has added by itself.
            trusted: As for `allows()`.
        """
        if has_credentials and not self.credentials:
            return False
        return origin is not None and self.allows(origin, trusted)

    def refuses_preflight(
        self, origin: str | None, asked: str | None, trusted: Iterable[str] = ()
    ) -> str | None:
        """Return why a preflight is refused, None if it is not.

        Args:
            origin: What `Origin` says.
            asked: What `Access-Control-Request-Headers` says.
            trusted: As for `allows()`.
        """
        if not self.allows(origin, trusted):
            return f"The origin {origin!r} may not read this."
        names = [name.strip() for name in (asked or "").split(",")]
        for name in filter(None, names):
            if name.lower() not in self._known:
                return f"The header {name!r} may not be sent from another origin."
        return None

    def allow_preflight(self, headers: Headers, origin: str, method: str) -> None:
        """Let a preflight through: set the headers that say so.

        Args:
            headers: Of its answer.
            method: What `Access-Control-Request-Method` says.
        """
        self.allow(headers, origin)
        headers.set("Access-Control-Allow-Methods", method)
        if self.headers:
            headers.set("Access-Control-Allow-Headers", ", ".join(self.headers))
        headers.set("Access-Control-Max-Age", str(self.max_age))

    def add_to(
        self, headers: Headers, origin: str | None, trusted: Iterable[str] = ()
    ) -> None:
        """Say in the headers of an answer that the page which asked may read it.

        Headers that say so already, set by hand or by another library, stay.

        Args:
            origin: What `Origin` says, None without it.
            trusted: As for `allows()`.
        """
        if _ALLOW_ORIGIN in headers:
            return
        if self.allows(origin, trusted):
            self.allow(headers, origin or "")
        else:
            _vary(headers)

    def allow(self, headers: Headers, origin: str) -> None:
        """Set the headers by which pages of an origin may read an answer."""
        headers.set(_ALLOW_ORIGIN, _EVERYWHERE if self.is_open else origin)
        if not self.is_open:
            _vary(headers)
        if self.credentials:
            headers.set("Access-Control-Allow-Credentials", "true")
        if self.expose:
            headers.set("Access-Control-Expose-Headers", ", ".join(self.expose))


def _names(argument: str, names: Iterable[str]) -> tuple[str, ...]:
    listed = (names,) if isinstance(names, str) else tuple(names)
    if isinstance(names, str) or _EVERYWHERE in listed:
        raise CrossOriginError(
            f"{argument}={names!r} is no list of names of headers. Name each, as in"
            f" {argument}=['X-Total']."
        )
    for name in listed:
        check_header(name, "")
    return listed


def _vary(headers: Headers) -> None:
    """Tell caches that answers differ by origin."""
    told = {
        name.strip().lower() for name in ",".join(headers.getlist("Vary")).split(",")
    }
    if not told & {"origin", "*"}:
        headers.add("Vary", "Origin")
