"""One cookie, in and out: finding it in a header, writing `Set-Cookie`.

What surrounds the value of a cookie changes only with the settings, so it is
rendered once, by Werkzeug, and kept as a frame.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from functools import lru_cache
from typing import Literal, TypeAlias

from werkzeug.datastructures import MultiDict
from werkzeug.http import dump_cookie, http_date
from werkzeug.sansio.http import parse_cookie

from ._errors import CookiePolicyError

# Name, domain, path, secure, httponly, samesite, partitioned: the arguments of
# `cookie_frame`. A plain tuple, because one is made for each cookie that is written.
CookieAttributes: TypeAlias = tuple[
    str, str | None, str | None, bool, bool, str | None, bool
]
Expires: TypeAlias = datetime | float | str | None
Secure: TypeAlias = bool | Literal["auto"]


class CookieFrame:
    """The text around a cookie's value; `expires` goes between `domain` and `tail`."""

    __slots__ = ("domain", "head", "tail")

    def __init__(self, head: str, domain: str, tail: str) -> None:
        self.head = head
        self.domain = domain
        self.tail = tail

    def render(self, value: str, expires: Expires = None) -> str:
        """Return a `Set-Cookie` value.

        Args:
            value: Must need no quoting: URL-safe base 64 and dots.
            expires: A datetime or seconds since 1970, or what Werkzeug accepts.
        """
        if expires is None:
            return f"{self.head}{value}{self.domain}{self.tail}"
        date = expires if isinstance(expires, str) else _cookie_date(expires)
        return f"{self.head}{value}{self.domain}; Expires={date}{self.tail}"

    def render_deletion(self) -> str:
        """Return a `Set-Cookie` value that makes browsers forget the cookie."""
        return (
            f"{self.head}{self.domain}; Expires=Thu, 01 Jan 1970 00:00:00 GMT;"
            f" Max-Age=0{self.tail}"
        )


# Typed, because Werkzeug writes `True` and `1` differently.
@lru_cache(maxsize=256, typed=True)
def cookie_frame(
    name: str,
    domain: str | None,
    path: str | None,
    secure: bool,
    httponly: bool,
    samesite: str | None,
    partitioned: bool,
) -> CookieFrame:
    """Return the frame of a cookie with these attributes, remembered."""
    whole = dump_cookie(
        name,
        domain=domain,
        path=path,
        secure=secure,
        httponly=httponly,
        samesite=samesite,
        partitioned=partitioned,
        max_size=0,
    )
    if not _CONTROLS.isdisjoint(whole):
        problem = "a line break or another control character is in it"
        raise CookiePolicyError(name, problem, "Remove it")
    until_domain = dump_cookie(name, domain=domain, path=None, max_size=0)
    head = dump_cookie(name, path=None, max_size=0)
    return CookieFrame(
        head, until_domain.removeprefix(head), whole.removeprefix(until_domain)
    )


def check_cookie(
    name: str,
    domain: str | None,
    path: str | None,
    secure: Secure,
    samesite: str | None,
    partitioned: bool,
) -> None:
    """Raise `CookiePolicyError` if browsers would drop a cookie of these attributes."""
    if not _is_token(name):
        raise CookiePolicyError(name, "this is no cookie name", "Use letters and '_'")
    if samesite is not None and samesite.title() not in {"Lax", "Strict", "None"}:
        raise CookiePolicyError(
            name,
            f"SameSite {samesite!r} does not exist",
            "Use 'Lax', 'Strict', 'None' or no value",
        )
    if domain and set(domain) & _NOT_IN_NAMES:
        raise CookiePolicyError(
            name,
            f"Domain {domain!r} is no name of a host",
            "Write 'example.com', without scheme, port and path",
        )
    if path and (path[0] != "/" or not _NOT_IN_PATHS.isdisjoint(path)):
        raise CookiePolicyError(
            name,
            f"browsers would not take Path {path!r} for one",
            "Begin it with '/', and quote ';' as '%3B'",
        )
    if secure is not True:
        _check_insecure(name, samesite, partitioned)
    # Browsers compare the prefixes without regard to case.
    if name.lower().startswith("__host-") and (domain or path != "/"):
        raise CookiePolicyError(
            name, "the prefix '__Host-' allows no Domain and only Path=/", "Remove them"
        )


def _check_insecure(name: str, samesite: str | None, partitioned: bool) -> None:
    reasons = (
        (name.lower().startswith("__host-"), "the prefix '__Host-' needs Secure"),
        (name.lower().startswith("__secure-"), "the prefix '__Secure-' needs Secure"),
        (samesite is not None and samesite.title() == "None", "SameSite=None needs it"),
        (partitioned, "Partitioned needs it"),
    )
    for applies, problem in reasons:
        if applies:
            raise CookiePolicyError(
                name, f"{problem}, which is not always set", "Set secure to True"
            )


_CONTROLS = frozenset(map(chr, range(32))) | {"\x7f"}
_NOT_IN_NAMES = frozenset('()<>@,;:\\"/[]?={} ') | _CONTROLS
_NOT_IN_PATHS = frozenset(";") | _CONTROLS


def first_cookie(header: str, name: str) -> str | None:
    """Return the value of the first cookie `name` in a `Cookie` header.

    The same as `all_cookies(header).get(name)`, without the other cookies.
    """
    before, _, rest = header.partition(_start(name))
    value = rest.partition(";")[0]
    # A cookie starts after `before`, and is the first of this name. Quotes and white
    # space have rules that depend on Werkzeug's version.
    if (
        value.split() == [value]
        and '"' not in header
        and (not before or (before.endswith("; ") and name not in before))
    ):
        return value
    return all_cookies(header).get(name) if name in header else None


# No browser sends more than one (RFC 6265 §4.2.1), and Werkzeug's expression goes over
# a row of them again and again.
_MANY_BLANKS = re.compile(r"[ \t]{64}")


def all_cookies(header: str) -> MultiDict[str, str]:
    """Return the cookies of a `Cookie` header, none if it has 64 blanks in a row."""
    many = _MANY_BLANKS.search(header) is not None
    return MultiDict() if many else parse_cookie(header)


@lru_cache(maxsize=64)
def _start(name: str) -> str:
    # Any other name is left to Werkzeug, as is every header with a quote.
    return f"{name}=" if _is_token(name) else '"'


def _is_token(name: str) -> bool:
    return bool(name) and name.isascii() and not set(name) & _NOT_IN_NAMES


def _cookie_date(moment: datetime | float) -> str:
    # Werkzeug takes a naive datetime for UTC, `timestamp()` for local time.
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return _http_date(math.floor(moment.timestamp()))
    return http_date(moment)


# Requests of one second share their date.
@lru_cache(maxsize=16)
def _http_date(seconds: int) -> str:
    return http_date(seconds)
