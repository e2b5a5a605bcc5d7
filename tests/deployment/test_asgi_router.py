"""The router of the page on routing, with the program it is moved from, on uvicorn."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from recipes import GRACE, Server, block, serving

PAGE = "routing.md"
# What the page does not show: a WSGI application that reads, one that lives.
MORE = """
from starlette.applications import Starlette
from werkzeug.wrappers import Request, Response


@Request.application
def count(request):
    return Response(str(len(request.get_data())))


def endless(environ, start_response):
    start_response("200 OK", [])
    try:
        while True:
            yield b"on and on"
    finally:
        print("left", flush=True)


async def life(app):
    print("started", flush=True)
    yield
    print("stopped", flush=True)


from contextlib import asynccontextmanager

moved.mount("/count", count)
moved.mount("/endless", endless)
moved.mount("/living", Starlette(lifespan=asynccontextmanager(life)))
"""


@contextmanager
def uvicorn(folder: Path, options: str = "") -> Iterator[Server]:
    """Run the program of the page."""
    program = block(PAGE, "python", "# moved.py") + MORE
    (folder / "moved.py").write_text(program, encoding="utf-8")
    line = f"uvicorn moved:app --port 8000 {options}"
    with serving(line, cwd=folder, settings={}) as server:
        yield server


@pytest.fixture(scope="module", params=["", "--root-path /shop"], ids=["root", "shop"])
def online(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run uvicorn, at the root of a host or below a path that a proxy takes off."""
    with uvicorn(tmp_path_factory.mktemp("moved"), request.param) as server:
        yield server


def ask(
    online: Server, path: str, method: str = "GET", body: object = None
) -> tuple[int, str, http.client.HTTPMessage]:
    """Return status, text and headers."""
    with closing(http.client.HTTPConnection("127.0.0.1", online.port, GRACE)) as client:
        client.request(method, path, body)  # type: ignore[arg-type] # as it is
        response = client.getresponse()
        return response.status, response.read().decode(), response.headers


def test_a_route_is_answered(online: Server) -> None:
    assert ask(online, "/hello/<b>")[:2] == (200, "Hello, &lt;b&gt;!")
    assert ask(online, "/hello/Ada", "HEAD")[:2] == (200, "")
    allowed = ask(online, "/hello/Ada", "OPTIONS")[2]["allow"].split(", ")
    assert sorted(allowed) == ["GET", "HEAD", "OPTIONS"]


def test_what_was_not_moved_is_answered_by_flask(online: Server) -> None:
    assert ask(online, "/old")[:2] == (200, "not moved yet")
    assert ask(online, "/nowhere")[0] == 404


@pytest.mark.parametrize("path", ["/sizes", "/count"], ids=["view", "mounted"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_a_large_body_arrives_whole(online: Server, path: str, chunked: bool) -> None:
    pieces = [b"x" * 1_000] * 3_000
    body = iter(pieces) if chunked else b"".join(pieces)

    status, text, _ = ask(online, path, "POST", body)

    assert (status, "3000000" in text) == (200, True)


def test_a_websocket_is_answered(online: Server) -> None:
    with connect(
        f"ws://127.0.0.1:{online.port}/echo/Ada", open_timeout=GRACE
    ) as socket:
        socket.send("hello")

        assert socket.recv() == "Ada: hello"


def test_a_websocket_without_a_route_is_refused(online: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{online.port}/hello/Ada", open_timeout=GRACE)

    assert refused.value.response.status_code == 400


def test_a_stream_ends_when_its_client_leaves(tmp_path: Path) -> None:
    with uvicorn(tmp_path) as server:
        with closing(
            http.client.HTTPConnection("127.0.0.1", server.port, GRACE)
        ) as client:
            client.request("GET", "/endless")
            assert client.getresponse().read(9) == b"on and on"

        server.wait_for_log("left", times=1)

        assert server.stop()
    assert "Traceback" not in server.log.read_text(encoding="utf-8")


def test_the_mounted_application_lives_as_long_as_the_server(tmp_path: Path) -> None:
    with uvicorn(tmp_path) as server:
        server.wait_for_log("started", times=1)

        assert server.stop()

    log = server.log.read_text(encoding="utf-8")
    assert log.count("stopped") == 1
    assert "Traceback" not in log
