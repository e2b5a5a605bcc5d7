"""The page on ASGI: its app, behind each of its servers and others that take it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from recipes import GRACE, Server, block, serving

PAGE = "asgi.md"
# The app of the page, with views that tell what a server does for them.
MORE = """

import os
import sqlite3
import threading
import time
from pathlib import Path

from tantalus import g, stream_with_context


@app.get("/endless")
def endless():
    g.connection = sqlite3.connect(":memory:")

    def parts():
        try:
            while True:
                g.connection.execute("select 1")
                yield f"{request.path}\\n"
                time.sleep(0.01)
        finally:
            note("closed")

    return stream_with_context(parts())


@app.teardown_appcontext
def end(error):
    if "connection" in g:
        g.connection.close()
        note("torn down")


@app.get("/face")
def face():
    return {"asgi": "asgi.scope" in request.environ, "path": request.url}


def note(line):
    with Path("notes").open("a") as notes:
        notes.write(f"{line}\\n")
"""
OTHERS = {
    "uvicorn, asgi_app": "uvicorn --port 8000 board:app.asgi_app",
    "uvicorn, mounted": "uvicorn --port 8000 --root-path /mount board:app",
    "daphne": "daphne --port 8000 board:app",
    "hypercorn, prefix": "hypercorn --bind 127.0.0.1:8000 asgi:board:app",
}
SERVERS = ["uvicorn", "granian", "hypercorn", *OTHERS]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    name: str = request.param
    line = OTHERS.get(name) or block(PAGE, "sh", f"{name} ")
    line = line.replace("--workers 2", "--workers 1")
    with serve(line, tmp_path) as server:
        yield server


def serve(line: str, folder: Path) -> AbstractContextManager[Server]:
    """Run the app of the page, with more views, behind a server."""
    app = block(PAGE, "python", "# board.py")
    (folder / "board.py").write_text(app + MORE, encoding="utf-8")
    return serving(line, cwd=folder, settings={})


def ask(server: Server, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as line:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read()


def test_a_server_serves_the_app_by_asgi(server: Server) -> None:
    status, body = ask(server, "/?name=Ada")
    face = json.loads(ask(server, "/face")[1])

    assert (status, json.loads(body)) == (200, {"hello": "Ada"})
    assert face["asgi"] is True
    assert ask(server, "/nothing")[0] == 404


def test_a_client_that_leaves_ends_a_stream_and_its_context_once(
    server: Server, tmp_path: Path
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as line:
        line.request("GET", "/endless")
        answer = line.getresponse()
        assert answer.readline() == b"/endless\n"
        answer.close()

    notes = tmp_path / "notes"
    deadline = time.monotonic() + GRACE
    while not notes.exists() or notes.read_text().count("\n") < 2:
        assert time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.05)
    assert notes.read_text() == "closed\ntorn down\n"
    assert "Traceback" not in server.log.read_text()


def test_a_server_that_is_mounted_tells_the_app_where(tmp_path: Path) -> None:
    with serve(OTHERS["uvicorn, mounted"], tmp_path) as server:
        face = json.loads(ask(server, "/face")[1])

    assert face["path"] == f"http://127.0.0.1:{server.port}/mount/face"


def test_hypercorn_serves_what_has_no_prefix_by_wsgi(tmp_path: Path) -> None:
    with serve("hypercorn --bind 127.0.0.1:8000 board:app", tmp_path) as server:
        face = json.loads(ask(server, "/face")[1])

    assert face["asgi"] is False


@pytest.mark.parametrize("program", ["uvicorn", "hypercorn"])
def test_settings_that_are_refused_keep_a_server_from_starting(
    program: str, tmp_path: Path
) -> None:
    line = block(PAGE, "sh", f"{program} ").replace("--workers 2", "--workers 1")
    (tmp_path / "board.py").write_text(
        block(PAGE, "python", "# board.py") + "app.config['WORKER_THREADS'] = 0\n"
    )

    with (
        pytest.raises(pytest.fail.Exception, match="WORKER_THREADS is 0"),
        serving(line, cwd=tmp_path, settings={}),
    ):
        pass
