"""ASGI apps that do one thing each, made by hand."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from werkzeug.test import TestResponse

from tantalus_testing._scope import ASGIApplication, Message, Receive, Scope, Send


async def read(receive: Receive) -> bytes:
    """Return the whole body of a request."""
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def answer(send: Send, *parts: bytes, status: int = 200, **headers: str) -> None:
    """Send an answer in parts."""
    pairs = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was asked."""
    headers = {n.decode(): v.decode("latin-1") for n, v in scope["headers"]}
    told = {
        **{key: scope.get(key) for key in ("method", "path", "root_path", "scheme")},
        "query": scope["query_string"].decode(),
        "raw_path": scope["raw_path"].decode(),
        "headers": headers,
        "body": (await read(receive)).decode(),
        "client": scope["client"],
        "server": scope["server"],
        "state": scope.get("state"),
    }
    await answer(send, json.dumps(told).encode(), content_type="application/json")


async def site(scope: Scope, receive: Receive, send: Send) -> None:
    """Redirect, set cookies, and answer with the cookies it is sent."""
    path = scope["path"]
    cookies = dict(scope["headers"]).get(b"cookie", b"")
    if path == "/log-in":
        name = scope["query_string"].decode() or "ada"
        await answer(send, status=302, location="/me", set_cookie=f"user={name}")
    elif path == "/loop":
        await answer(send, b"around", status=302, location="/loop")
    elif path == "/away":
        await answer(send, status=302, location="http://other.example/")
    elif path == "/again":
        await answer(send, status=307, location="/repeat")
    elif path == "/repeat":
        method = scope["method"].encode()
        await answer(send, method, b" ", await read(receive))
    else:
        await answer(send, cookies or b"nobody", content_type="text/plain")


def told(response: TestResponse) -> Any:
    """Return what `echo` has answered."""
    return response.json


def streaming(events: list[str]) -> ASGIApplication:
    """Return an app that streams without end and tells what becomes of it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200})
            number = 0
            while True:
                number += 1
                events.append(f"made {number}")
                part = f"data: {number}\r\n\n".encode()
                await send(
                    {"type": "http.response.body", "body": part, "more_body": True}
                )
        except BaseException as error:
            events.append(type(error).__name__)
            raise

    return app


def living(events: list[str], **fails: str) -> ASGIApplication:
    """Return an app with a lifespan, which may fail at an end of it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await echo(scope, receive, send)
            return
        for phase in ("startup", "shutdown"):
            await receive()
            events.append(phase)
            if phase in fails:
                await send(
                    {"type": f"lifespan.{phase}.failed", "message": fails[phase]}
                )
                raise LookupError(fails[phase])
            scope["state"]["phase"] = phase
            await send({"type": f"lifespan.{phase}.complete"})

    return app


async def chat(scope: Scope, receive: Receive, send: Send) -> None:
    """Speak with a WebSocket, as its path says."""
    assert scope["type"] == "websocket"
    message = await receive()
    assert message == {"type": "websocket.connect"}
    await TALKS[scope["path"]](scope, receive, send)


async def accept(send: Send, **more: Any) -> None:
    await send({"type": "websocket.accept", **more})


async def echoes(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"set-cookie", b"seen=1"), (b"x-a", b"1")]
    wanted = scope["subprotocols"]
    await accept(send, headers=headers, subprotocol=wanted[-1] if wanted else None)
    while (message := await receive())["type"] == "websocket.receive":
        kind = "text" if "text" in message else "bytes"
        await send({"type": "websocket.send", kind: message[kind]})
    LEFT.append(message)


LEFT: list[Message] = []


async def tells(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(send)
    headers = {n.decode(): v.decode() for n, v in scope["headers"]}
    told = {"scheme": scope["scheme"], "headers": headers, "state": scope.get("state")}
    await send({"type": "websocket.send", "text": json.dumps(told)})
    await send({"type": "websocket.close", "code": 3000, "reason": "told"})


async def ends(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(send)


async def raises(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(send)
    raise LookupError("in the chat")


async def closes(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(send)
    await send({"type": "websocket.close"})


async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 4001})


async def denies(scope: Scope, receive: Receive, send: Send) -> None:
    start = "websocket.http.response.start"
    body = "websocket.http.response.body"
    await send({"type": start, "status": 401, "headers": [(b"x-a", b"1")]})
    await send({"type": body, "body": b"not ", "more_body": True})
    await send({"type": body, "body": b"you"})


async def denies_half(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.http.response.start", "status": 401})


async def silent(scope: Scope, receive: Receive, send: Send) -> None: ...


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("before the chat")


async def talks_early(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.send", "text": "early"})


async def talks_wrong(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(send)
    await send({"type": "websocket.send", "text": b"bytes"})


async def goes_on(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(send)
    await asyncio.Event().wait()


async def sends_late(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(send)
    LEFT.append(await receive())
    await send({"type": "websocket.send", "text": "late"})


TALKS: dict[str, ASGIApplication] = {
    f"/{talk.__name__}": talk
    for talk in (
        echoes, tells, ends, raises, closes, refuses, denies, denies_half, silent,
        fails, talks_early, talks_wrong, goes_on, sends_late,
    )
}  # fmt: skip
