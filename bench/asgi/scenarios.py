"""What is asked of every framework on a loop, and which answer is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from scenarios import (
    ENVIRON,
    FORM,
    SITE,
    Scenario,
    as_json,
    containing,
    exactly,
    last_dynamic,
)

PIECES = 10
ECHOES = 10
# Seconds that a view waits for something else than the processor.
NAP = 0.01
SESSION = {
    "user_id": 42,
    "csrf_token": "0123456789abcdef0123456789abcdef01234567",
    "name": "Ada",
}

Scope = dict[str, Any]
Message = dict[str, Any]

# What a browser sends, as a server hands it over.
HEADERS = [
    (name.encode(), ENVIRON[f"HTTP_{name.upper().replace('-', '_')}"].encode())
    for name in (
        *("host", "user-agent", "accept", "accept-language", "accept-encoding"),
        "connection",
    )
]
OF_A_WEBSOCKET = [
    (b"upgrade", b"websocket"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
]


@dataclass(frozen=True)
class Exchange(Scenario):
    """A request or a WebSocket on a scope, and what a right answer has.

    With `logged_in`, it carries the cookies that the framework itself has set. A
    WebSocket is right if each message comes back (status 101).
    """

    routes: int = 10
    logged_in: bool = False
    is_websocket: bool = False

    def scope(self, cookies: str = "") -> Scope:
        """Return a scope that no other request has."""
        path = self.path.format(last=last_dynamic(self.routes))
        headers = HEADERS.copy()
        if self.body:
            headers.append((b"content-type", self.content_type.encode()))
            headers.append((b"content-length", str(len(self.body)).encode()))
        if cookies:
            headers.append((b"cookie", cookies.encode()))
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50123),
            "scheme": "http",
            "root_path": "",
            "path": path,
            "raw_path": path.encode(),
            "query_string": self.query.encode(),
            "headers": headers,
            "state": {},
        }
        if self.is_websocket:
            headers += OF_A_WEBSOCKET
            return scope | {"type": "websocket", "scheme": "ws", "subprotocols": []}
        return scope | {"method": self.method}

    def messages(self) -> Iterator[Message]:
        """Return what the client sends."""
        if not self.is_websocket:
            body = {"type": "http.request", "body": self.body, "more_body": False}
            return iter([body])
        texts = [{"type": "websocket.receive", "text": text} for text in echoes()]
        return chain([{"type": "websocket.connect"}], texts)


def echoes() -> list[str]:
    """Return the texts that a WebSocket sends back."""
    return [f"message {number}" for number in range(ECHOES)]


HELLO = exactly("Hello, world!")
EXCHANGES = {
    exchange.name: exchange
    for exchange in [
        Exchange("text", "/hello", HELLO),
        Exchange("text, plain view", "/hello", HELLO),
        Exchange("json", "/json", as_json({"message": "Hello", "numbers": [1, 2, 3]})),
        Exchange(
            "two variables", "/user/17/post/first-words", exactly("17 first-words")
        ),
        Exchange("last rule", "/item{last}/ada", exactly("ada"), routes=600),
        Exchange("query", "/search", exactly("blue sky"), query="q=blue+sky&page=2"),
        Exchange(
            "form",
            "/form",
            exactly("Ada from London"),
            method="POST",
            body=b"name=Ada&city=London&note=some+more+text",
            content_type=FORM,
        ),
        Exchange(
            "json in, json out",
            "/sum",
            as_json({"sum": 6, "name": "Ada"}),
            method="POST",
            body=b'{"name": "Ada", "numbers": [1, 2, 3]}',
            content_type="application/json",
        ),
        Exchange("404", "/nowhere/at/all", lambda body: True, status=404),
        Exchange("session read", "/session", exactly("42"), logged_in=True),
        Exchange(
            "session written",
            "/session",
            exactly("written"),
            method="POST",
            headers={"set-cookie": "session"},
            logged_in=True,
        ),
        Exchange(
            "small template",
            "/small",
            containing("<h1>Hello Ada</h1><p>&lt;Good day&gt;</p>"),
        ),
        # Two before the view, one of which sets the user that it tells; one after.
        Exchange("3 hooks", "/hello", exactly("Ada"), headers={"x-after": "1"}),
        Exchange(
            "stream of 10",
            "/stream",
            exactly("".join(f"piece {number}\n" for number in range(PIECES))),
        ),
        Exchange(
            "static file",
            "/static/ten_kilobytes.txt",
            lambda body: body == (SITE / "static/ten_kilobytes.txt").read_bytes(),
        ),
        Exchange(
            "WebSocket, 10 echoes",
            "/echo",
            lambda body: True,
            status=101,
            is_websocket=True,
        ),
    ]
}
# Behind servers only: many requests that wait at once.
WAITING = Exchange("nap", "/nap", HELLO)
