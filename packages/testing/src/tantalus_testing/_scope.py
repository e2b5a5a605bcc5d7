"""The scope of an ASGI request, made of the environ that the client makes."""

from __future__ import annotations

import inspect
from collections.abc import (
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
)
from typing import Any, TypeAlias
from urllib.parse import quote, unquote
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import Headers

from ._errors import NoPlaceInScopeError

# The values of a scope and of a message are of many types, which ASGI describes.
Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApplication: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
# (parts of the body, status, headers)
Parts: TypeAlias = tuple[Iterable[bytes], str, Headers]

# Under this key an app finds a function to hand its contexts to.
PRESERVE = "werkzeug.debug.preserve_context"
DENIAL = "websocket.http.response"
_SAFE = "/!$&'()*+,;=:@~"
_PLACED = frozenset(
    {
        "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING",
        "REQUEST_URI", "RAW_URI", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL",
        "REMOTE_ADDR", "REMOTE_PORT", "CONTENT_TYPE", "CONTENT_LENGTH",
    }
)  # fmt: skip
# Of the WSGI server, of Werkzeug and of this client.
_INNER = ("HTTP_", "wsgi.", "werkzeug.", "tantalus.")


def is_asgi(app: object) -> bool:
    """Return whether an app is seen to speak ASGI: a coroutine, or three arguments."""
    call = getattr(type(app), "__call__", None)  # noqa: B004 - the method, not whether
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call):
        return True
    return _takes(app, 3) and not _takes(app, 2)


def _takes(app: Any, arguments: int) -> bool:
    try:
        inspect.signature(app).bind(*range(arguments))
    except (TypeError, ValueError):
        return False
    return True


def scope_of(environ: WSGIEnvironment, state: Mapping[str, Any] | None) -> Scope:
    """Return the scope of the HTTP request of an environ.

    Args:
        state: What the lifespan of the app has left, if it had one.

    Raises:
        NoPlaceInScopeError: The environ has what no scope can tell.
    """
    root = _text(environ.get("SCRIPT_NAME", ""))
    path = root + _text(environ["PATH_INFO"])
    extensions: dict[str, Any] = {}
    if PRESERVE in environ:
        extensions[PRESERVE] = environ[PRESERVE]
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": environ.get("SERVER_PROTOCOL", "HTTP/1.1").partition("/")[2],
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "path": path,
        "raw_path": _raw_path(environ, path),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "root_path": root,
        "headers": list(_headers(environ)),
        "client": (
            environ.get("REMOTE_ADDR", "127.0.0.1"),
            int(environ.get("REMOTE_PORT", 50_000)),
        ),
        "server": (environ["SERVER_NAME"], int(environ["SERVER_PORT"])),
        "extensions": extensions,
    }
    if state is not None:
        scope["state"] = dict(state)
    return scope


def handshake_of(
    environ: WSGIEnvironment, state: Mapping[str, Any] | None, protocols: list[str]
) -> Scope:
    """Return the scope of a WebSocket that asks for one of these subprotocols."""
    scope = scope_of(environ, state)
    del scope["method"]
    scope["type"] = "websocket"
    scope["scheme"] = "wss" if scope["scheme"] in ("https", "wss") else "ws"
    scope["subprotocols"] = protocols
    scope["extensions"][DENIAL] = {}
    scope["headers"] += [
        (b"connection", b"upgrade"),
        (b"upgrade", b"websocket"),
        (b"sec-websocket-version", b"13"),
        (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),  # of RFC 6455 §1.3
    ]
    if protocols:
        value = ", ".join(protocols).encode("latin-1")
        scope["headers"].append((b"sec-websocket-protocol", value))
    return scope


def _text(path: str) -> str:
    """Return a path of an environ, which is bytes in the shape of text, as text."""
    return path if path.isascii() else path.encode("latin-1").decode(errors="replace")


def _raw_path(environ: WSGIEnvironment, path: str) -> bytes:
    """Return the path as it was asked for, if the environ still tells."""
    asked: str = environ.get("REQUEST_URI", "").partition("?")[0]
    if asked.isascii() and unquote(asked) == path:
        return asked.encode()
    return quote(path, _SAFE).encode()


def _headers(environ: WSGIEnvironment) -> Iterator[tuple[bytes, bytes]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            name = key[5:]
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = key
        elif key in _PLACED or key.startswith(_INNER):
            continue
        else:
            raise NoPlaceInScopeError(key)
        yield name.lower().replace("_", "-").encode(), str(value).encode("latin-1")
