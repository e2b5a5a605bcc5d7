"""The cookies of a test client: what a browser keeps and sends (RFC 6265 §5).

Domain and path decide where a cookie goes. `Secure`, `HttpOnly` and `SameSite` are
kept for tests to look at, but hold nothing back: a test asks `http://localhost/` for
apps that run behind HTTPS. A cookie that has expired when it arrives is removed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

from werkzeug.http import parse_cookie, parse_date
from werkzeug.wsgi import get_current_url

# Here a request keeps the `Cookie` header that the test gave it.
GIVEN = "tantalus.testing.cookies"

_PLAIN_HOST = re.compile(r"([a-z0-9.-]+)(?::[0-9]+)?")
_PLAIN_PATH = re.compile(r"(?:/[\w.~!$&'()*+,:;=@-]+)*/?", re.ASCII)


@dataclass
class Cookie:
    """One cookie as the client keeps it.

    Attributes:
        key: Its name, as sent.
        value: Its value, as sent.
        decoded_key: Its name, as the app sees it.
        decoded_value: Its value, as the app sees it.
        domain: Where it is sent to.
        origin_only: Whether subdomains of `domain` are left out.
        path: The path, and what lies below, that it is sent to.
        max_age: Seconds it was given to live.
    """

    key: str
    value: str
    decoded_key: str
    decoded_value: str
    expires: datetime | None
    max_age: int | None
    domain: str
    origin_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: str | None

    def matches(self, host: str, path: str) -> bool:
        """Whether a request for `path` on `host` carries this cookie."""
        if host != self.domain and (
            self.origin_only or not host.endswith(f".{self.domain}")
        ):
            return False
        if path == self.path or self.path == "/":
            return True
        return path.startswith(self.path.rstrip("/") + "/")

    def is_expired(self) -> bool:
        """Whether a browser would drop this cookie now; Max-Age wins over Expires."""
        if self.max_age is not None:
            return self.max_age <= 0
        return self.expires is not None and self.expires <= datetime.now(UTC)


class CookieJar:
    """Cookies by (domain, path, name), which is how Werkzeug's client has them too."""

    __slots__ = ("cookies",)

    def __init__(self) -> None:
        self.cookies: dict[tuple[str, str, str], Cookie] = {}

    def copy(self) -> CookieJar:
        """Return a jar with the same cookies, which then goes its own way."""
        jar = CookieJar()
        jar.cookies.update(self.cookies)
        return jar

    def get(self, domain: str, path: str, key: str) -> Cookie | None:
        """Return the cookie set for exactly this domain, path and name."""
        return self.cookies.get((domain, path, key))

    def remove(self, domain: str, path: str, key: str) -> None:
        """Forget a cookie, if there is one."""
        self.cookies.pop((domain, path, key), None)

    def store(self, cookie: Cookie) -> None:
        """Keep `cookie`, or forget its predecessor if it has expired."""
        if cookie.is_expired():
            self.remove(cookie.domain, cookie.path, cookie.decoded_key)
        else:
            self.cookies[cookie.domain, cookie.path, cookie.decoded_key] = cookie

    def fill(self, environ: WSGIEnvironment) -> None:
        """Set the `Cookie` header of a request: what the test gave, then these.

        Of two cookies with one name, the test's is sent. Filling a request again sends
        what applies then.
        """
        header = environ.pop("HTTP_COOKIE", "")
        given = environ.pop(GIVEN, header)
        if not given and not self.cookies:
            return
        names = {name for name, _ in _pairs(given)}
        host, path = host_and_path(environ)
        cookies = [
            cookie
            for cookie in self.cookies.values()
            if cookie.key not in names and cookie.matches(host, path)
        ]
        # The longest path comes first (RFC 6265 §5.4).
        cookies.sort(key=lambda cookie: -len(cookie.path))
        sent = [given] if given else []
        sent += [f"{cookie.key}={cookie.value}" for cookie in cookies]
        if sent:
            environ[GIVEN] = given
            environ["HTTP_COOKIE"] = "; ".join(sent)

    def learn(self, host: str, path: str, headers: list[str]) -> None:
        """Keep what the `Set-Cookie` headers of a response from `host` say."""
        for header in headers:
            cookie = cookie_from_header(host, path, header)
            if cookie is not None:
                self.store(cookie)


def replace_given(environ: WSGIEnvironment, set_cookies: list[str]) -> None:
    """Forget the cookies that a test gave and that a response has set since."""
    given = environ.get(GIVEN)
    if given:
        replaced = {header.partition("=")[0].strip() for header in set_cookies}
        kept = [pair for name, pair in _pairs(given) if name not in replaced]
        environ[GIVEN] = "; ".join(kept)


def _pairs(header: str) -> list[tuple[str, str]]:
    """Return each cookie of a `Cookie` header by its name."""
    pairs = [pair.strip() for pair in header.split(";")] if header else []
    return [(pair.partition("=")[0].rstrip(), pair) for pair in pairs if pair]


def cookie_from_header(host: str, path: str, header: str) -> Cookie | None:
    """Return the cookie of a `Set-Cookie` header, None if it has no name."""
    pair, *attributes = header.split(";")
    key, _, value = pair.partition("=")
    decoded = _decode(pair)
    if decoded is None:
        return None
    settings = dict(_attribute(text) for text in attributes)
    domain = (settings.get("domain") or "").lstrip(".").lower()
    return Cookie(
        key=key.strip(),
        value=value.strip(),
        decoded_key=decoded[0],
        decoded_value=decoded[1],
        expires=parse_date(settings.get("expires")),
        max_age=_seconds(settings.get("max-age")),
        domain=domain or host,
        origin_only=not domain,
        path=settings.get("path") or path.rpartition("/")[0] or "/",
        secure="secure" in settings,
        http_only="httponly" in settings,
        same_site=settings.get("samesite"),
    )


def _decode(pair: str) -> tuple[str, str] | None:
    """Return (name, value) as the app sees them, None if there is no name."""
    try:
        return next(iter(parse_cookie(pair).items()), None)
    except UnicodeError:
        # Not UTF-8, so no app of ours could read it either: it stays as it is.
        name, _, value = pair.partition("=")
        return name.strip(), value.strip()


def _attribute(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip()


def _seconds(text: str | None) -> int | None:
    """Return a Max-Age, None if it is none (RFC 6265 §5.2.2)."""
    if text and re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    return None


def host_and_path(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return host without port, and quoted path with script root, of a request."""
    host = _PLAIN_HOST.fullmatch(environ.get("HTTP_HOST", ""))
    root, path = environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", "")
    if host and path and _PLAIN_PATH.fullmatch(root + path):
        return host[1], root + path
    url = urlsplit(get_current_url(environ))
    return url.hostname or "localhost", url.path
