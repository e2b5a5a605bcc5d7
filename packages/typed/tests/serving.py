"""Requests to WSGI and ASGI applications, without a server."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

JSON = "application/json"
Answered = tuple[int, str, Any]  # status, content type, JSON or bytes


def ask_wsgi(
    app: Any,
    path: str = "/",
    query: str = "",
    body: bytes = b"",
    content_type: str = JSON,
    **more: Any,
) -> Answered:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        **more,
    }
    setup_testing_defaults(environ)
    started: list[Any] = []
    chunks = app(
        environ, lambda status, headers, error=None: started.extend([status, headers])
    )
    content = b"".join(chunks)
    getattr(chunks, "close", lambda: None)()
    headers = {name.lower(): value for name, value in started[1]}
    return answered(int(started[0][:3]), headers, content)


def ask_asgi(
    app: Any,
    path: str = "/",
    query: str = "",
    body: bytes = b"",
    content_type: str = JSON,
    **more: Any,
) -> Answered:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST" if body else "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"content-type", content_type.encode())],
        "server": ("localhost", 80),
        "client": ("localhost", 1),
        **more,
    }
    # In two pieces, as servers may give it.
    pieces = [(body[:3], True), (body[3:], False)]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if not pieces:
            return {"type": "http.disconnect"}
        piece, more_body = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": more_body}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return answered(sent[0]["status"], headers, content)


def answered(status: int, headers: dict[str, str], content: bytes) -> Answered:
    assert int(headers.get("content-length", len(content))) == len(content)
    kind = headers.get("content-type", "")
    return status, kind, json.loads(content) if "json" in kind else content
