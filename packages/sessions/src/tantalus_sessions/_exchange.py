"""A session cookie in a Werkzeug request and response, without the detours.

Each shortcut gives what the documented attribute gives (`request.cookies`,
`response.set_cookie`, `response.vary`), and is left as soon as a subclass overrides
that attribute.
"""

from __future__ import annotations

from functools import lru_cache

from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.sansio.request import Request as SansIORequest
from werkzeug.sansio.response import Response
from werkzeug.wrappers import Request

from ._cookie import CookieAttributes, Expires, first_cookie


def cookie_value(request: Request, name: str) -> str | None:
    """Return `request.cookies.get(name)`, parsing no other cookie."""
    if not _reads_plainly(type(request)):  # type: ignore[arg-type] # a class has a hash
        return request.cookies.get(name)
    header = request.environ.get("HTTP_COOKIE")
    return first_cookie(header, name) if header else None


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
    if type(response).set_cookie is not Response.set_cookie:
        return False
    _append(response.headers, ("Set-Cookie", header))
    return True


def vary_by_cookie(response: Response) -> None:
    """Add `Cookie` to the `Vary` header."""
    headers = response.headers
    if type(response).vary is Response.vary:
        for name, _ in headers:
            if name.lower() == "vary":
                break
        else:
            _append(headers, ("Vary", "Cookie"))
            return
    response.vary.add("Cookie")


def _append_quickly(headers: Headers, header: tuple[str, str]) -> None:
    headers._list.append(header)


def _append_publicly(headers: Headers, header: tuple[str, str]) -> None:
    headers.add(*header)


# `add` searches each value for line breaks. Ours have none: the frame was built by
# `dump_cookie` and checked then, and what is put into it is URL-safe.
_append = (
    _append_quickly
    if getattr(Headers([("A", "b")]), "_list", None) == [("A", "b")]
    else _append_publicly
)


@lru_cache(maxsize=128)
def _reads_plainly(request_class: type[Request]) -> bool:
    return (
        issubclass(request_class, Request)
        and request_class.cookies is SansIORequest.cookies
        and request_class.dict_storage_class is ImmutableMultiDict
    )
