"""A session cookie in a Werkzeug request and response, without the detours.

Each shortcut gives what the documented attribute gives (`request.cookies`,
`response.set_cookie`, `response.vary`), and is left as soon as a subclass overrides
that attribute.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter

from werkzeug.datastructures import (
    Headers,
    ImmutableMultiDict,
    ResponseCacheControl,
)
from werkzeug.http import parse_cache_control_header
from werkzeug.sansio.request import Request as SansIORequest
from werkzeug.sansio.response import Response
from werkzeug.wrappers import Request

from ._cookie import CookieAttributes, Expires, all_cookies, first_cookie

# Values of one cookie name that are looked at.
_MOST_OF_A_NAME = 4


def cookie_value(request: Request, name: str) -> str | None:
    """Return `request.cookies.get(name)`, parsing no other cookie."""
    if not reads_plainly(type(request)):  # type: ignore[arg-type] # a class has a hash
        return request.cookies.get(name)
    return first_cookie(request.environ.get("HTTP_COOKIE", ""), name)


def other_cookie_values(request: Request, name: str) -> list[str]:
    """Return the values of further cookies `name`, which other applications may own.

    A browser sends that of the longest path first (RFC 6265 §5.4), tests any. No more
    are looked at than paths that one would mount applications at.
    """
    if not reads_plainly(type(request)):  # type: ignore[arg-type] # a class has a hash
        return []
    header = request.environ.get("HTTP_COOKIE", "")
    return all_cookies(header).getlist(name)[1:_MOST_OF_A_NAME]


def set_cookie(
    response: Response, attributes: CookieAttributes, value: str, expires: Expires
) -> None:
    """Call `response.set_cookie`."""
    name, domain, path, secure, httponly, samesite, partitioned = attributes
    response.set_cookie(
        name,
        value,
        expires=expires,
        domain=domain,
        path=path,
        secure=secure,
        httponly=httponly,
        samesite=samesite,
        partitioned=partitioned,
    )


def delete_cookie(response: Response, attributes: CookieAttributes) -> None:
    """Call `response.delete_cookie`."""
    name, domain, path, secure, httponly, samesite, partitioned = attributes
    response.delete_cookie(
        name,
        domain=domain,
        path=path,
        secure=secure,
        httponly=httponly,
        samesite=samesite,
        partitioned=partitioned,
    )


def add_set_cookie(response: Response, header: str) -> bool:
    """Add a `Set-Cookie` that `cookie_frame` rendered, if that is all there is to do.

    Returns false, and adds nothing, for a response class with its own `set_cookie`.
    """
    if not writes_plainly(type(response)):  # type: ignore[arg-type] # a class has a hash
        return False
    _entries(response.headers).append(("Set-Cookie", header))
    return True


def vary_by_cookie(response: Response) -> None:
    """Add `Cookie` to the `Vary` header."""
    headers = response.headers
    # A program may have put a plain dict in their place.
    if writes_plainly(type(response)) and isinstance(headers, Headers):  # type: ignore[arg-type] # a class has a hash
        entries = _entries(headers)
        for name, _ in entries:
            if len(name) == 4 and name.lower() == "vary":
                break
        else:
            entries.append(("Vary", "Cookie"))
            return
    response.vary.add("Cookie")


def is_public(response: Response) -> bool:
    """Tell whether shared caches are told to keep `response`, for others too."""
    if "Cache-Control" not in response.headers:
        return False
    return says_public(response.headers["Cache-Control"])


def says_public(cache_control: str) -> bool:
    """Tell whether a `Cache-Control` lets shared caches keep a response for others."""
    said = parse_cache_control_header(cache_control, cls=ResponseCacheControl)
    return bool(said.public or said.s_maxage is not None) and not (
        said.private or said.no_store
    )


class _Entries(list[tuple[str, str]]):
    """The `(name, value)` pairs of headers, and a way to append one to them."""

    def __init__(self, headers: Headers) -> None:
        super().__init__(headers)
        self._headers = headers

    def append(self, entry: tuple[str, str], /) -> None:
        """Append `entry` to the headers."""
        self._headers.add(*entry)


# `add` searches each value for line breaks. Ours have none: the frame was built by
# `dump_cookie` and checked then, and what is put into it is URL-safe. So the pairs are
# appended to the private list that holds them, if it is there.
_entries: Callable[[Headers], list[tuple[str, str]]] = (
    attrgetter("_list")
    if getattr(Headers([("A", "b")]), "_list", None) == [("A", "b")]
    else _Entries
)


@lru_cache(maxsize=128)
def writes_plainly(response_class: type[Response]) -> bool:
    """Return whether cookies and `Vary` of a response are just added to its headers."""
    return (
        response_class.set_cookie is Response.set_cookie
        and response_class.vary is Response.vary
    )


@lru_cache(maxsize=128)
def reads_plainly(request_class: type[Request]) -> bool:
    """Return whether the cookies of a request are those of its `Cookie` header.

    They are Werkzeug's, or the class says so of its own by an attribute `reads_header`.
    """
    cookies = request_class.cookies
    return (
        issubclass(request_class, Request)
        and getattr(cookies, "reads_header", cookies is SansIORequest.cookies)
        and request_class.dict_storage_class is ImmutableMultiDict
    )
