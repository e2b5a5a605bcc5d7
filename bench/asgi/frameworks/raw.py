"""A function, which is what all the others stand on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from ..scenarios import ECHOES, NAP, PIECES
from . import NotOffered

Message = dict[str, Any]


def answer(status: int, kind: bytes, body: bytes) -> tuple[Message, Message]:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


async def text(scope: Any, receive: Any, send: Any) -> None:
    for message in answer(200, b"text/plain; charset=utf-8", b"Hello, world!"):
        await send(message)


async def nap(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(NAP)
    await text(scope, receive, send)


async def as_json(scope: Any, receive: Any, send: Any) -> None:
    body = json.dumps({"message": "Hello", "numbers": [1, 2, 3]}).encode()
    for message in answer(200, b"application/json", body):
        await send(message)


async def json_in(scope: Any, receive: Any, send: Any) -> None:
    sent = json.loads((await receive())["body"])
    body = json.dumps({"sum": sum(sent["numbers"]), "name": sent["name"]}).encode()
    for message in answer(200, b"application/json", body):
        await send(message)


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    for message in answer(404, b"text/plain; charset=utf-8", b"Not Found"):
        await send(message)


async def stream(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(PIECES):
        body = f"piece {number}\n".encode()
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        return
    await receive()
    await send({"type": "websocket.accept"})
    for _ in range(ECHOES):
        await send({"type": "websocket.send", "text": (await receive())["text"]})
    await send({"type": "websocket.close", "code": 1000})


APPS = {
    "text": text,
    "nap": nap,
    "json": as_json,
    "json in, json out": json_in,
    "404": nothing,
    "stream of 10": stream,
    "WebSocket, 10 echoes": websocket,
}


def build(scenario: str, routes: int) -> Any:
    if scenario not in APPS:
        raise NotOffered(scenario)
    return APPS[scenario]
