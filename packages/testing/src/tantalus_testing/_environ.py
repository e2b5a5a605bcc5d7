"""The environ of a request that the client is asked for.

Werkzeug's `EnvironBuilder` is general: it can be changed, read back and turned into
several requests, and for that it parses, quotes and copies. Most requests of a test
suite are a plain path with text, JSON or a form. For those `plain_environ` copies a
*frame*, the part of the environ that depends on the base URL alone (made once, by the
builder itself), and fills in the rest. Anything it does not know raises `NotPlain`,
and the caller takes the builder; so whatever the builder refuses, the builder words.

The result equals the builder's, key by key; a property test holds it to that.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from copy import copy
from functools import lru_cache
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import urlencode
from wsgiref.types import WSGIEnvironment

import werkzeug.test
from werkzeug.datastructures import Authorization, Headers
from werkzeug.wrappers import Request

from ._builder import EnvironBuilder, UrlSettings, dumps_of, place, url_settings
from ._cookies import GIVEN

# The keyword arguments of one call of the client.
Options: TypeAlias = Mapping[str, Any]
# What can be opened instead of arguments.
Source: TypeAlias = werkzeug.test.EnvironBuilder | WSGIEnvironment | Request
SOURCES = (werkzeug.test.EnvironBuilder, dict, Request)
MergeBase: TypeAlias = Callable[[Mapping[str, Any] | None], WSGIEnvironment]

_FORM = "application/x-www-form-urlencoded"
_PLACE = ("base_url", "subdomain", "url_scheme")
_KNOWN = frozenset(
    {
        "path", "method", "query_string", "headers", "data", "json", "auth",
        "content_type", "environ_base", "environ_overrides",
        *_PLACE,
    }
)  # fmt: skip
# A path that stays as it is when quoted and unquoted, and a query that is ASCII.
PLAIN_TARGET = re.compile(
    r"(/(?:[\w.~!$&'()*+,:;=@-][\w.~!$&'()*+,/:;=@-]*)?)"
    r"(?:\?([!-\"$-~]+))?",
    re.ASCII,
)
_ASCII = re.compile(r"[ -~]*")
# What URL query and form encoding leave alone (https://url.spec.whatwg.org/).
_SAFE = "!$'()*,/:;?@"


class NotPlain(Exception):
    """This request needs the builder."""


def call_environ(
    app: object, args: tuple[Any, ...], options: Options
) -> WSGIEnvironment:
    """Return the environ for the arguments of a call of the client."""
    path = args[0] if len(args) == 1 else options.get("path", "/")
    if len(args) < 2 and isinstance(path, str) and not (args and "path" in options):
        try:
            return plain_environ(app, path, options)
        except NotPlain:
            pass
    builder = EnvironBuilder(app, *args, **options)
    try:
        return builder.get_environ()
    finally:
        builder.close()


def copy_environ(app: object, source: Source, merge: MergeBase) -> WSGIEnvironment:
    """Return a new environ with what `source` says.

    Args:
        merge: Gives the defaults for an environ, under what it is given itself.
    """
    if isinstance(source, werkzeug.test.EnvironBuilder):
        builder = copy(source)
        builder.environ_base = merge(builder.environ_base)
        return builder.get_environ()
    if isinstance(source, Request):
        return merge(source.environ)
    environ = EnvironBuilder.from_environ(
        source, app=app, environ_base=merge(None)
    ).get_environ()
    if GIVEN in source:  # the header also holds what the client added to it
        environ[GIVEN] = source[GIVEN]
    return environ


@lru_cache(maxsize=32)
def frame(
    settings: UrlSettings,
    base_url: str | None,
    subdomain: str | None,
    url_scheme: str | None,
) -> WSGIEnvironment:
    """Return what the environs of one base URL share; copy it before you write."""
    if base_url is None:
        base_url = place(settings, "/", subdomain, url_scheme)[1]
    elif subdomain or url_scheme:
        raise NotPlain
    return werkzeug.test.EnvironBuilder("/", base_url).get_environ()


def plain_environ(app: object, path: str, options: Options) -> WSGIEnvironment:
    """Return the environ for a call of the client with these `options`.

    Raises:
        NotPlain: The builder is needed.
    """
    if not _KNOWN.issuperset(options):
        raise NotPlain
    target, query = _split_target(path, options.get("query_string"))
    headers = _headers(options)
    content_type = options.get("content_type")
    if content_type is None and headers is not None:
        content_type = headers.get("Content-Type")
    content_type, body = _body(options, content_type, dumps_of(app))

    # The settings are read each time, because a test may change them.
    environ = {
        **(options.get("environ_base") or {}),
        **frame(url_settings(app), *map(options.get, _PLACE)),
    }
    environ["REQUEST_METHOD"] = options.get("method", "GET")
    environ["PATH_INFO"] = target
    environ["QUERY_STRING"] = query
    environ["REQUEST_URI"] = environ["RAW_URI"] = path
    environ["wsgi.input"] = BytesIO(body or b"")
    environ["wsgi.errors"] = sys.stderr
    if content_type is not None:
        environ["CONTENT_TYPE"] = content_type
    if body is not None:
        environ["CONTENT_LENGTH"] = str(len(body))
    if headers is not None:
        environ.update(_header_keys(headers))
    environ.update(options.get("environ_overrides") or {})
    return environ


def _split_target(path: str, query_string: object) -> tuple[str, str]:
    """Return (path, query), the query from `query_string` if the path has none."""
    match = PLAIN_TARGET.fullmatch(path)
    if match is None:
        raise NotPlain
    target, query = match.groups()
    if query_string is None:
        return target, query or ""
    if query is not None:
        raise NotPlain
    if isinstance(query_string, str) and _ASCII.fullmatch(query_string):
        return target, query_string
    return target, _encode(query_string)


def _encode(fields: object) -> str:
    """Return a dict of texts and numbers, or of lists of them, URL-encoded."""
    if type(fields) is not dict:
        raise NotPlain
    pairs: list[tuple[str, str | int]] = []
    for key, value in fields.items():
        for item in value if type(value) is list else [value]:
            if type(key) is not str or type(item) not in (str, int):
                raise NotPlain
            pairs.append((key, item))
    if not pairs:
        raise NotPlain
    return urlencode(pairs, safe=_SAFE)


def _headers(options: Options) -> Headers | None:
    """Return the headers of a call with its credentials, None if it has neither."""
    given, auth = options.get("headers"), options.get("auth")
    if given is None and auth is None:
        return None
    # An iterator could not be read again by the builder.
    if not isinstance(given, dict | list | tuple | Headers | None):
        raise NotPlain
    headers = Headers(given)
    if isinstance(auth, tuple):
        auth = Authorization("basic", {"username": auth[0], "password": auth[1]})
    if auth is not None:
        headers.set("Authorization", auth.to_header())
    return headers


def _header_keys(headers: Headers) -> dict[str, str]:
    """Return the environ keys of `headers`, repeated ones joined by a comma."""
    keys: dict[str, str] = {}
    for name, value in headers:
        key = f"HTTP_{name.upper().replace('-', '_')}"
        keys[key] = f"{keys[key]}, {value}" if key in keys else value
    # These two have keys of their own (PEP 3333).
    keys.pop("HTTP_CONTENT_TYPE", None)
    keys.pop("HTTP_CONTENT_LENGTH", None)
    return keys


def _body(
    options: Options, content_type: str | None, dumps: Callable[..., str]
) -> tuple[str | None, bytes | None]:
    """Return (content type, body); the body is None if the call has none."""
    data, value = options.get("data"), options.get("json")
    if value is not None:
        if data is not None:
            raise NotPlain
        data = dumps(value)
        content_type = "application/json" if content_type is None else content_type
    if isinstance(data, str):
        data = data.encode()
    if data and isinstance(data, bytes):
        return content_type, data
    mimetype = content_type.partition(";")[0].strip() if content_type else None
    if data:
        if mimetype not in (None, _FORM):
            raise NotPlain
        return content_type or _FORM, _encode(data).encode("ascii")
    if mimetype in (_FORM, "multipart/form-data"):
        raise NotPlain
    return content_type, None
