"""Sessions in a FastAPI app, behind servers of ASGI and with a real Redis."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from environments import free_port
from recipes import GRACE, Server, required, running, serving

APP = """
import os

from fastapi import FastAPI, Request, WebSocket
from tantalus_sessions import ASGISessionMiddleware, AsyncRedisStore

store = AsyncRedisStore.from_url(os.environ["REDIS"], timeout=30.0)
app = FastAPI()
app.add_middleware(ASGISessionMiddleware, store=store)


@app.get("/login")
async def log_in(request: Request):
    request.session.renew()
    request.session.user = "ada"


@app.get("/who")
async def who(request: Request):
    return request.session.user


@app.get("/health")
async def health():
    return "well"


@app.websocket("/chat")
async def chat(socket: WebSocket):
    user = socket.session.user
    socket.session["chats"] = socket.session.get("chats", 0) + 1
    await socket.accept()
    await socket.send_text(f"{user} {socket.session['chats']}")
    await socket.receive_text()
    socket.session["late"] = 1
    await socket.send_text("heard")
"""
SERVERS = {
    "uvicorn": "uvicorn --port 8000 site_api:app",
    "granian": "granian --interface asgi --host 127.0.0.1 --port 8000 site_api:app",
    "hypercorn": "hypercorn --bind 127.0.0.1:8000 site_api:app",
}


class Site:
    """The app behind a server, a Redis that can be ended, and a browser."""

    def __init__(self, redis: Server, server: Server) -> None:
        self.redis = redis
        self.server = server
        self.cookie = ""

    def get(self, path: str) -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port)) as line:
            line.request("GET", path, headers={"Cookie": self.cookie})
            answer = line.getresponse()
            sent = answer.headers.get("Set-Cookie")
            self.cookie = sent.partition(";")[0] if sent else self.cookie
            return answer.status, answer.read().decode()

    def chat(self) -> list[str]:
        url = f"ws://127.0.0.1:{self.server.port}/chat"
        with connect(
            url, open_timeout=GRACE, additional_headers={"Cookie": self.cookie}
        ) as socket:
            first = str(socket.recv())
            socket.send("hello")
            return [first, str(socket.recv())]


@pytest.fixture(params=SERVERS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "site_api.py").write_text(APP, encoding="utf-8")
    port = free_port()
    command = [required("redis-server"), "--port", str(port), "--save", ""]
    settings = {"REDIS": f"redis://127.0.0.1:{port}/0"}
    with ExitStack() as stack:
        redis = stack.enter_context(
            running(command, cwd=tmp_path, port=port, settings={})
        )
        server = stack.enter_context(
            serving(SERVERS[request.param], cwd=tmp_path, settings=settings)
        )
        yield Site(redis, server)


def test_a_session_lives_from_a_login_to_a_conversation(site: Site) -> None:
    assert site.get("/who") == (200, "null")
    assert site.get("/login")[0] == 200

    assert site.get("/who") == (200, '"ada"')
    assert [site.chat() for _ in range(2)] == [["ada 1", "heard"], ["ada 2", "heard"]]
    site.server.wait_for_log("changed after the response started", times=2)


def test_who_needs_no_session_is_served_while_redis_is_down(site: Site) -> None:
    site.get("/login")

    site.redis.process.kill()
    site.redis.process.wait()

    assert site.get("/health") == (200, '"well"')
    assert site.get("/who")[0] == 503
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        site.chat()
