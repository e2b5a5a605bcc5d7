"""Events and WSGI's missing half, WebSockets: real clients at each server of ASGI."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import connect_sse
from websockets.asyncio import client
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from environments import free_port
from recipes import GRACE, Server, running, serving

APP = """
import asyncio
import os
from pathlib import Path

from tantalus import App, Event, event_stream, last_event_id, request, websocket
from tantalus_channels import Lost, MemoryChannels, RedisChannels

app = App(__name__)
app.secret_key = "0123456789abcdef"
redis = os.environ.get("REDIS")
channels = RedisChannels.from_url(redis) if redis else MemoryChannels()


def note(line):
    with Path("notes").open("a") as notes:
        notes.write(f"{line}\\n")


@app.before_request
def before():
    if request.args.get("who") == "nobody":
        return {"error": "Log in."}, 401


@app.websocket("/echo", max_size=1000, max_rate=50)
async def echo():
    async for message in websocket:
        await websocket.send(message)
    note(f"closed {websocket.close_code}")


@app.websocket("/room")
async def room():
    await websocket.accept()

    async def heard():
        async with channels["room"].subscribe(limit=10) as messages:
            yield "ready"
            async for message in messages:
                yield f"lost {message.count}" if isinstance(message, Lost) else message

    await websocket.forward(heard())
    note("left")


@app.post("/room")
def say():
    for number in range(int(request.args["many"])):
        channels["room"].publish(f"{number} " + "x" * int(request.args["size"]))
    return {}


@app.get("/sync")
def sync():
    begin = (last_event_id(int) or 0) + 1

    def events():
        try:
            for number in range(begin, 3):
                yield Event({"n": number}, event="tick", id=str(number))
            while True:
                yield None
        finally:
            note("sync closed")

    return event_stream(events(), heartbeat=0.1)


@app.get("/bad-name")
def bad_name():
    def events():
        yield "first"
        yield Event("x", event="tick\\ndata: stolen")

    return event_stream(events())


@app.get("/bad-id")
async def bad_id():
    async def events():
        yield "first"
        yield Event("x", id="1\\n\\ndata: stolen")

    return event_stream(events())


@app.get("/async")
async def awaited():
    async def events():
        try:
            async with channels["room"].subscribe() as messages:
                yield "two\\nlines"
                async for message in messages:
                    is_lost = isinstance(message, Lost)
                    yield Event("lost", event="lost") if is_lost else message
        finally:
            note("async closed")

    return event_stream(events(), heartbeat=0.1)
"""
connect = partial(client.connect, open_timeout=GRACE)
SERVERS = {
    "uvicorn": "uvicorn --host 127.0.0.1 --port 8000 --timeout-graceful-shutdown 1"
    " live:app",
    "granian": "granian --interface asgi --host 127.0.0.1 --port 8000 live:app",
    "hypercorn": "hypercorn --bind 127.0.0.1:8000 live:app.asgi_app",
}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "live.py").write_text(APP, encoding="utf-8")
    with serving(SERVERS[request.param], cwd=tmp_path, settings={}) as server:
        yield server


def wait_for_note(folder: Path, note: str) -> None:
    deadline = time.monotonic() + GRACE
    path = folder / "notes"
    while not (path.exists() and note in path.read_text().splitlines()):
        assert time.monotonic() < deadline, path.exists() and path.read_text()
        time.sleep(0.02)


def wait_for_notes(folder: Path, beginning: str, number: int) -> None:
    deadline = time.monotonic() + GRACE
    path = folder / "notes"
    while path.read_text().count(f"{beginning} ") < number:
        assert time.monotonic() < deadline, path.read_text()
        time.sleep(0.02)


def url(server: Server, path: str) -> str:
    return f"ws://127.0.0.1:{server.port}{path}"


async def flood(peer: ClientConnection) -> None:
    for number in range(200):
        await peer.send(str(number))
    while True:
        await peer.recv()


def test_messages_are_echoed_and_limited(server: Server, tmp_path: Path) -> None:
    async def work() -> None:
        async with connect(url(server, "/echo")) as peer:
            await peer.send("tea")
            await peer.send(b"\0")
            assert [await peer.recv(), await peer.recv()] == ["tea", b"\0"]
        async with connect(url(server, "/echo")) as peer:
            await peer.send("x" * 1_001)
            with pytest.raises(ConnectionClosed) as closed:
                await peer.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009
        async with connect(url(server, "/echo")) as peer:
            with pytest.raises(ConnectionClosed):
                await flood(peer)

    asyncio.run(work())

    wait_for_note(tmp_path, "closed 1009")
    # Whom TCP resets while it still sends cannot read why (RFC 9112 §9.6).
    wait_for_note(tmp_path, "closed 1008")


def frame(kind: int, data: bytes, *, is_last: bool = True) -> bytes:
    """Return a frame as a client sends it, with a mask that changes nothing."""
    return bytes([0x80 * is_last | kind, 0x80 | len(data), 0, 0, 0, 0]) + data


TEXT, REST, CLOSE, PING = 1, 0, 8, 9
BAD_FRAMES = {
    "no UTF-8": [frame(TEXT, b"\xff\xfe")],
    "half a letter": [frame(TEXT, b"\xc3")],
    "half of a pair": [frame(TEXT, b"\xed\xa0\x80")],
    "no mask": [b"\x81\x02ab"],
    "an unknown kind": [frame(3, b"a")],
    "a compressed frame without compression": [frame(TEXT | 0x40, b"a")],
    "the rest of nothing": [frame(REST, b"a")],
    "a code that is none": [frame(CLOSE, b"\x00\x01")],
    "a reason that is no UTF-8": [frame(CLOSE, b"\x03\xe8\xff")],
    "a ping in parts": [frame(PING, b"", is_last=False)],
    "too large, in small parts": [
        frame(TEXT, b"a", is_last=False),
        *[frame(REST, b"a", is_last=False)] * 1000,
        frame(REST, b""),
    ],
}


def test_what_is_no_message_ends_its_connection_and_no_other(
    server: Server, tmp_path: Path
) -> None:
    asked = (
        "GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    echoed = dict.fromkeys(BAD_FRAMES, False)
    for name, frames in BAD_FRAMES.items():
        with socket.create_connection(("127.0.0.1", server.port), GRACE) as line:
            line.sendall(asked.encode())
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += line.recv(4096)
            with suppress(OSError):
                line.sendall(b"".join(frames))
                # The server ends it, or the client that is told to.
                echoed[name] = line.recv(4096)[:1] == b"\x81"

    async def work() -> str | bytes:
        async with connect(url(server, "/echo")) as peer:
            await peer.send("tea")
            return await peer.recv()

    assert echoed == dict.fromkeys(BAD_FRAMES, False)
    assert asyncio.run(work()) == "tea"
    wait_for_notes(tmp_path, "closed", len(BAD_FRAMES))


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/echo?who=nobody", {}),
        ("/none", {}),
        ("/echo", {"Origin": "https://evil.example"}),
    ],
)
def test_a_handshake_is_denied(
    server: Server, path: str, headers: dict[str, str]
) -> None:
    async def work() -> int:
        with pytest.raises(InvalidStatus) as denied:
            async with connect(url(server, path), additional_headers=headers):
                pass
        return denied.value.response.status_code

    # A server that cannot send a response refuses with 403.
    assert asyncio.run(work()) in {401, 403, 404}


def test_one_that_does_not_read_keeps_nobody_waiting(
    server: Server, tmp_path: Path
) -> None:
    base = f"http://127.0.0.1:{server.port}"

    async def work() -> list[str]:
        async with (
            connect(url(server, "/room"), max_queue=1) as slow,
            connect(url(server, "/room")) as quick,
            httpx.AsyncClient(base_url=base, timeout=GRACE) as http,
        ):
            assert [await slow.recv(), await quick.recv()] == ["ready", "ready"]
            heard = []
            for _ in range(20):
                await http.post("/room?many=5&size=200000")
                heard += [str(await quick.recv())[:1] for _ in range(5)]
            return heard

    assert asyncio.run(work()) == [*"01234"] * 20
    wait_for_note(tmp_path, "left")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/sync", [("tick", '{"n": 2}', "2")]),
        ("/async", [("message", "two\nlines", "")]),
    ],
)
def test_events_arrive_and_a_client_that_leaves_is_noticed(
    server: Server, tmp_path: Path, path: str, expected: list[Any]
) -> None:
    headers = {"Last-Event-ID": "1"}
    base = f"http://127.0.0.1:{server.port}"
    with (
        httpx.Client(base_url=base, timeout=GRACE) as visitor,
        connect_sse(visitor, "GET", path, headers=headers) as source,
    ):
        events = source.iter_sse()
        seen = [next(events) for _ in expected]

    assert [(one.event, one.data, one.id) for one in seen] == expected
    wait_for_note(tmp_path, f"{path[1:]} closed")


def test_an_id_that_is_none_is_refused(server: Server) -> None:
    answer = httpx.get(
        f"http://127.0.0.1:{server.port}/sync",
        headers={"Last-Event-ID": "x"},
        timeout=GRACE,
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/bad-name", "/bad-id"])
def test_an_event_that_would_be_several_breaks_its_stream_off(
    server: Server, path: str
) -> None:
    seen: list[str] = []
    address = f"http://127.0.0.1:{server.port}{path}"

    with (
        suppress(httpx.RemoteProtocolError),
        httpx.stream("GET", address, timeout=GRACE) as answer,
    ):
        seen.extend(answer.iter_text())

    text = "".join(seen)
    assert "data: first" in text
    assert "stolen" not in text
    server.wait_for_log("ValueError", times=1)


@pytest.fixture
def redis(tmp_path: Path) -> Any:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no 'redis-server' on PATH")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]

    def start() -> Any:
        return running(command, cwd=tmp_path, port=port, settings={})

    return port, start


def test_two_processes_hear_each_other_and_are_told_that_redis_was_away(
    redis: Any, tmp_path: Path
) -> None:
    port, start = redis
    (tmp_path / "live.py").write_text(APP, encoding="utf-8")
    settings = {"REDIS": f"redis://127.0.0.1:{port}/0"}

    def serve() -> Any:
        return serving(SERVERS["uvicorn"], cwd=tmp_path, settings=settings)

    with (
        start() as first,
        serve() as here,
        serve() as there,
        httpx.Client(base_url=f"http://127.0.0.1:{here.port}", timeout=GRACE) as ear,
        connect_sse(ear, "GET", "/async") as source,
    ):
        say = f"http://127.0.0.1:{there.port}/room?many=1&size=1"
        events = source.iter_sse()
        assert next(events).data == "two\nlines"
        httpx.post(say, timeout=GRACE)
        assert next(events).data == "0 x"
        first.process.kill()
        first.process.wait()
        failed = httpx.post(say, timeout=GRACE)
        assert failed.status_code == 500
        with start():
            assert next(events).event == "lost"
            httpx.post(say, timeout=GRACE)
            assert next(events).data == "0 x"
