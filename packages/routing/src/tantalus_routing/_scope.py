"""The scope of an ASGI request: its path, and the WSGI environ it stands for.

A scope's `path` begins with its `root_path`, which is where the application is mounted
(ASGI 3, HTTP specification 2.x). Some servers leave it out; then `path` is taken whole.
"""

from __future__ import annotations

import sys
from io import BytesIO
from urllib.parse import quote
from wsgiref.types import InputStream, WSGIEnvironment

from werkzeug.exceptions import BadHost

from ._protocols import Scope

# What `Content-Type` and `Content-Length` are called in an environ (PEP 3333); a
# `Proxy` header would pass for the setting HTTP_PROXY of programs that are called.
KEYS = {
    b"content-type": "CONTENT_TYPE",
    b"content-length": "CONTENT_LENGTH",
    b"proxy": "",
}
# Of RFC 3986 §3.3, what a path has without being quoted.
PATH_SAFE = "/!$&'()*+,;=:@~"


def split_path(scope: Scope) -> tuple[str, str]:
    """Return the path of the mount, without a slash at its end, and what follows."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if not root:
        return "", path
    root = root.strip("/")
    root = f"/{root}" if root else ""
    if path == root:
        return root, ""
    return root, path[len(root) :] if path.startswith(f"{root}/") else path


def moved(scope: Scope, root: str, prefix: str, rest: str) -> Scope:
    """Return the scope that an application mounted at `prefix` gets."""
    inner = f"{root}{prefix}"
    return {**scope, "root_path": inner, "path": f"{inner}{rest}"}


def environ_of(scope: Scope, body: InputStream | None = None) -> WSGIEnvironment:
    """Return the WSGI environ of a `http` or `websocket` scope.

    Headers that have an underscore in their names are left out, since they could pass
    for others. A WebSocket's handshake is a GET that asks for an upgrade.

    Raises:
        BadHost: There are several `Host` headers (RFC 9112 §3.2).
    """
    root, path = split_path(scope)
    query: str = scope.get("query_string", b"").decode("latin-1")
    websocket = scope["type"] == "websocket"
    scheme = scope.get("scheme", "http")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.get("method", "GET"),
        "SCRIPT_NAME": as_latin(root),
        "PATH_INFO": as_latin(path),
        "QUERY_STRING": query,
        "REQUEST_URI": target(scope, query),
        "RAW_URI": target(scope, query),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if scheme in ("https", "wss") else "http",
        "wsgi.input": BytesIO() if body is None else body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    add_addresses(environ, scope)
    add_headers(environ, scope["headers"])
    if websocket:
        environ["HTTP_CONNECTION"] = "Upgrade"
        environ["HTTP_UPGRADE"] = "websocket"
    return environ


def target(scope: Scope, query: str) -> str:
    """Return the path as it was sent, with slashes that were quoted, and the query."""
    raw: bytes | None = scope.get("raw_path")
    path = quote(scope["path"], PATH_SAFE) if raw is None else raw.decode("latin-1")
    return f"{path}?{query}" if query else path


def as_latin(text: str) -> str:
    """Return a text as an environ has it: its bytes, each as a character."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")


def add_addresses(environ: WSGIEnvironment, scope: Scope) -> None:
    """Add where the request came to, and where it came from."""
    secure = environ["wsgi.url_scheme"] == "https"
    # None if the server does not know; without a port if it is a Unix socket.
    name, port = scope.get("server") or ("localhost", None)
    environ["SERVER_NAME"] = name if port is not None else "localhost"
    environ["SERVER_PORT"] = str(port or (443 if secure else 80))
    client = scope.get("client")
    if client:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])


def add_headers(environ: WSGIEnvironment, headers: list[tuple[bytes, bytes]]) -> None:
    """Add the headers, those of one name joined (RFC 9110 §5.3, RFC 6265 §5.4).

    Raises:
        BadHost: There are several `Host` headers.
    """
    for name, value in headers:
        key = KEYS.get(name)
        if key is None and b"_" not in name:
            key = f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
        if not key:
            continue
        text = value.decode("latin-1")
        if key not in environ:
            environ[key] = text
        elif key == "HTTP_HOST":
            raise BadHost("A request has one Host header.")
        else:
            separator = "; " if key == "HTTP_COOKIE" else ", "
            environ[key] = f"{environ[key]}{separator}{text}"
