"""What answers an ASGI request: text, a Werkzeug response, a refusal."""

from __future__ import annotations

from werkzeug.wrappers import Response

from ._protocols import Scope, Send
from ._scope import environ_of

TEXT = (b"content-type", b"text/html; charset=utf-8")
# An answer may take the place of a WebSocket where the server says so.
DENIAL = "websocket.http.response"
POLICY_VIOLATION = 1008


async def send_text(answer: str | bytes, scope: Scope, send: Send) -> None:
    """Send text or bytes as an HTML page."""
    body = answer.encode() if isinstance(answer, str) else answer
    headers = [TEXT, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] == "HEAD":
        body = b""
    await send({"type": "http.response.body", "body": body})


async def send_response(
    response: Response, scope: Scope, send: Send, kind: str = "http.response"
) -> None:
    """Send a Werkzeug response whose body is there already."""
    environ = {"REQUEST_METHOD": scope.get("method", "GET")}
    if response.autocorrect_location_header:
        environ = environ_of(scope)
    parts, status, headers = response.get_wsgi_response(environ)
    pairs = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers
    ]
    code = int(status.partition(" ")[0])
    await send({"type": f"{kind}.start", "status": code, "headers": pairs})
    await send({"type": f"{kind}.body", "body": b"".join(parts)})


async def deny(response: Response, scope: Scope, send: Send) -> None:
    """Refuse a WebSocket: by a response, or by closing it where there can be none."""
    if DENIAL in (scope.get("extensions") or ()):
        await send_response(response, scope, send, DENIAL)
    else:
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})
