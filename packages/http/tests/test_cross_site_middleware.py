"""The check around whole applications, of WSGI and of ASGI."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from driver import scope_of
from werkzeug.test import Client

from tantalus_http import (
    CrossSiteASGIMiddleware,
    CrossSiteMiddleware,
    NoOrigin,
    Response,
)

FOREIGN = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
PAY = {"Origin": "https://pay.example", "Sec-Fetch-Site": "cross-site"}


def hello(environ: Any, start_response: Any) -> Any:
    return Response("Hello.")(environ, start_response)


client = Client(CrossSiteMiddleware(hello, ["https://pay.example"]))


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", FOREIGN, 200),
        ("POST", {}, 200),
        ("POST", {"Origin": "http://localhost"}, 200),
        ("POST", PAY, 200),
        ("POST", FOREIGN, 403),
        ("GET", FOREIGN | {"Upgrade": "WebSocket"}, 403),
        ("GET", FOREIGN | {"Upgrade": "h2c, websocket"}, 403),
        ("GET", FOREIGN | {"Upgrade": "h2c"}, 200),
    ],
)
def test_a_wsgi_application_is_asked_for_what_passes(
    method: str, headers: dict[str, str], status: int
) -> None:
    answer = client.open("/", method=method, headers=headers)

    assert answer.status_code == status
    assert ("Hello." in answer.text) is (status == 200)


def test_a_wrong_origin_is_told_when_the_program_starts() -> None:
    with pytest.raises(NoOrigin):
        CrossSiteMiddleware(hello, ["pay.example"])


async def echo(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": f"{scope['type']}.reached"})


app = CrossSiteASGIMiddleware(echo, ["https://pay.example"])


def sent(scope: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the messages of the application to one scope."""
    messages: list[dict[str, Any]] = []
    received: list[None] = []

    async def receive() -> dict[str, Any]:
        received.append(None)
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        messages.append(message)

    asyncio.run(app(scope, receive, send))
    return messages


def headers_of(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), text.encode()) for name, text in headers.items()]


def test_an_asgi_application_is_asked_for_what_passes() -> None:
    for headers in ({}, PAY, {"Origin": "http://example.org"}):
        scope = scope_of("/", "POST", headers=headers_of(headers))

        assert sent(scope) == [{"type": "http.reached"}]


def test_an_asgi_request_is_refused_with_a_page() -> None:
    start, body = sent(scope_of("/", "POST", headers=headers_of(FOREIGN)))

    assert start["status"] == 403
    assert (b"content-length", str(len(body["body"])).encode()) in start["headers"]
    assert b"TRUSTED_ORIGINS" in body["body"]


def test_an_asgi_websocket_of_another_site_is_closed_before_it_is_accepted() -> None:
    foreign = scope_of("/", headers=headers_of(FOREIGN), type="websocket")
    own = {"Origin": "http://example.org"}

    assert sent(foreign) == [{"type": "websocket.close", "code": 1008}]
    assert sent(scope_of("/", headers=headers_of(own), type="websocket")) == [
        {"type": "websocket.reached"}
    ]


def test_a_lifespan_passes() -> None:
    assert sent({"type": "lifespan"}) == [{"type": "lifespan.reached"}]
