"""The WSGI environ of an ASGI scope.

Both say the same of a request. What ASGI says twice, or a client may use to pass for
somebody else, has one answer here:

the scope                             the environ
header with `_` in its name, `Proxy`  nothing: it would pass for another header
header that came several times        joined by a comma, cookies by a semicolon
two `Host` headers                    joined as well, which is no host: refused by a
                                      strict `HostCheck` (RFC 9112 §3.2)
header with bytes beyond ASCII        a letter of Latin-1 for each byte (PEP 3333)
`path`, `raw_path`                    PATH_INFO: the bytes of `raw_path` if both agree,
                                      for those that are no UTF-8
`%2F` in `raw_path`                   a slash, as with every WSGI server; RAW_URI and
                                      REQUEST_URI keep what the client wrote
`root_path`                           SCRIPT_NAME: one slash in front, none at the end;
                                      taken off the path where it is in front
no `server`, or a socket of a file    localhost and the port of the scheme
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIEnvironment

from werkzeug.sansio.utils import get_content_length

from ._asgi_types import ASGIScope, Source

_FIXED: WSGIEnvironment = {
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}
SCHEMES = {"ws": "http", "wss": "https"}
_WITHOUT_PREFIX = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
#: The keys of headers by their names, None for those that are dropped. Clients choose
#: the names, so not all are remembered.
_keys: dict[bytes, str | None] = {}
_REMEMBERED = 512
_UNKNOWN: Any = object()


def environ_of(scope: ASGIScope, body: Source | None = None) -> WSGIEnvironment:
    """Return the complete WSGI environ of a request on an ASGI scope (PEP 3333).

    The scope is at `asgi.scope`. A WebSocket's handshake is a GET that asks for an
    upgrade.

    Args:
        body: Becomes `wsgi.input`, such as what `read_ahead()` returns; None for a
            request without a body.

    Raises:
        ValueError: The scope is not that of a request.
    """
    check_scope(scope)
    environ = _FIXED.copy()
    environ["wsgi.errors"] = sys.stderr
    environ["wsgi.input"] = BytesIO() if body is None else body
    environ["asgi.scope"] = scope
    environ["REQUEST_METHOD"] = scope.get("method", "GET")
    query = scope.get("query_string", b"").decode("latin1")
    environ["QUERY_STRING"] = query
    environ["SERVER_PROTOCOL"] = f"HTTP/{scope.get('http_version', '1.1')}"
    _put_path(environ, scope, query)
    _put_places(environ, scope)
    known = _keys.get
    for name, value in scope["headers"]:
        key = known(name, _UNKNOWN)
        if key is _UNKNOWN:
            key = _key_of(name)
        if key is None:
            continue
        text = value.decode("latin1")
        if key in environ:
            glue = "; " if key == "HTTP_COOKIE" else ","
            text = f"{environ[key]}{glue}{text}"
        environ[key] = text
    if scope["type"] == "websocket":
        # It is one, whatever proxies have made of its headers. Later versions of HTTP
        # have none for it.
        environ["HTTP_UPGRADE"], environ["HTTP_CONNECTION"] = "websocket", "Upgrade"
    return environ


def check_scope(scope: ASGIScope) -> None:
    """Raise ValueError if a scope is not that of a request."""
    kind = scope["type"]
    if kind not in {"http", "websocket"}:
        raise ValueError(
            f"A scope of type {kind!r} has no request: only 'http' and 'websocket' do."
            " Look at scope['type'] first."
        )


def _key_of(name: bytes) -> str | None:
    lower = name.lower()
    key = _WITHOUT_PREFIX.get(lower)
    if key is None and b"_" not in lower and lower != b"proxy":
        # Bytes, for letters beyond ASCII have capitals that are no Latin-1.
        key = "HTTP_" + lower.upper().replace(b"-", b"_").decode("latin1")
    if len(_keys) < _REMEMBERED:
        _keys[name] = key
    return key


def _put_path(environ: WSGIEnvironment, scope: ASGIScope, query: str) -> None:
    mount, path = split_path(scope)
    raw: bytes | None = scope.get("raw_path")
    if raw is not None:
        asked = raw.decode("latin1")
        environ["RAW_URI"] = environ["REQUEST_URI"] = (
            f"{asked}?{query}" if query else asked
        )
    if not path.isascii():
        path = _octets(scope, path).decode("latin1")
    environ["SCRIPT_NAME"] = mount.encode(errors="replace").decode("latin1")
    environ["PATH_INFO"] = path


def _octets(scope: ASGIScope, path: str) -> bytes:
    """Return the bytes of `path`, the end of the scope's, as the client sent them.

    What is no UTF-8 is replaced in the path, and still there in what was asked for.
    """
    whole: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    if raw is not None:
        asked = unquote_to_bytes(raw)
        mount = whole[: len(whole) - len(path)].encode(errors="replace")
        # Middleware may have changed one of the two.
        if asked.startswith(mount) and asked.decode(errors="replace") == whole:
            return asked[len(mount) :]
    return path.encode(errors="replace")


def split_path(scope: ASGIScope) -> tuple[str, str]:
    """Return where the app is mounted, and the path below that.

    The mount has one slash in front and none at the end, or is empty.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path") or ""
    mount = root.strip("/")
    if not root:
        return "", path
    for prefix in (root, root.rstrip("/")):
        if path.startswith(f"{prefix}/"):
            path = path[len(prefix) :]
            break
        if mount and path == prefix:
            path = ""
            break
    return (f"/{mount}" if mount else ""), path


def _put_places(environ: WSGIEnvironment, scope: ASGIScope) -> None:
    """Say where the request comes from and where it goes to."""
    scheme: str = scope.get("scheme", "http")
    environ["wsgi.url_scheme"] = SCHEMES.get(scheme, scheme)
    name, port = server_of(scope)
    environ["SERVER_NAME"], environ["SERVER_PORT"] = name, str(port)
    client = scope.get("client")
    if client is not None:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])


def server_of(scope: ASGIScope) -> tuple[str, int]:
    """Return name and port of the server."""
    name, port = scope.get("server") or ("", None)
    if port is None:
        return "localhost", 443 if scope.get("scheme") in {"https", "wss"} else 80
    return name, port


def headers_of(scope: ASGIScope) -> dict[bytes, bytes]:
    """Return the first header of each name, by its name in lower case."""
    headers = scope["headers"]
    found = dict(headers)
    # ASGI has names in lower case; not all that make a scope know.
    if len(found) < len(headers) or not b"".join(found).islower():
        found = {name.lower(): value for name, value in reversed(headers)}
    return found


def announces_body(scope: ASGIScope, headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a request may have a body: without this there is none to wait for.

    HTTP/1 announces each body by a header (RFC 9112 §6.3); later versions need not.

    Args:
        headers: Of `headers_of()`.
    """
    length = headers.get(b"content-length")
    if length is not None:
        # An empty header says nothing, not even that there is none.
        return not length or length.strip(b"0") != b""
    if b"transfer-encoding" in headers:
        return True
    version: str = scope.get("http_version", "1.1")
    return version[:1] not in {"0", "1"}


def length_of(headers: Mapping[bytes, bytes]) -> int | None:
    """Return how many bytes of a body are announced; None if that is not known.

    What is no number announces nothing.

    Args:
        headers: Of `headers_of()`.
    """
    length = headers.get(b"content-length")
    if length is None:
        return None
    coding = headers.get(b"transfer-encoding")
    if coding is None and length.isdigit() and len(length) < 20:
        return int(length)
    return get_content_length(
        length.decode("latin1"), None if coding is None else coding.decode("latin1")
    )
