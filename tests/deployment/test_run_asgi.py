"""`tantalus run --asgi` before the app of the page on ASGI, while it is developed."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest

from recipes import GRACE, Server, block, serving

LOOKS_BETWEEN_SAVES = 100  # five seconds or more
MORE = """

import time

from tantalus import stream_with_context


@app.get("/fail")
def fail():
    raise ZeroDivisionError("on purpose")


@app.get("/fail-async")
async def fail_async():
    raise ZeroDivisionError("on purpose")


@app.get("/face")
async def face():
    return {"asgi": "asgi.scope" in request.environ}


@app.get("/endless")
def endless():
    def parts():
        while True:
            yield "part"
            time.sleep(0.01)

    return stream_with_context(parts())
"""


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """Return the file of an app."""
    file = tmp_path / "board.py"
    file.write_text(block("asgi.md", "python", "# board.py") + MORE, encoding="utf-8")
    return file


@pytest.fixture
def server(board: Path) -> Iterator[Server]:
    line = "tantalus --app board run --asgi --debug --port 8000"
    with serving(line, cwd=board.parent, settings={}) as server:
        server.wait_for_log("Debugger PIN", times=1)
        yield server


def ask(server: Server, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as line:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read().decode()


def test_the_app_is_served_by_asgi(server: Server) -> None:
    status, text = ask(server, "/face")

    assert (status, "true" in text) == (200, True)


@pytest.mark.parametrize("path", ["/fail", "/fail-async"])
def test_an_error_of_a_view_is_shown_in_the_debugger(path: str, server: Server) -> None:
    status, page = ask(server, path)

    assert status == 500
    assert "ZeroDivisionError: on purpose" in page
    assert "EVALEX = true" in page
    assert "board.py" in page


def test_a_changed_file_is_served_though_a_stream_is_open(
    server: Server, board: Path
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as line:
        line.request("GET", "/endless")
        assert line.getresponse().read(4) == b"part"
        changed = board.read_text().replace("world", "everybody")

        deadline = time.monotonic() + GRACE
        for look in count():
            # The reloader takes no notice of an edit before it first looks at a file.
            if look % LOOKS_BETWEEN_SAVES == 0:
                board.write_text(changed)
            with suppress(OSError, http.client.HTTPException):  # it starts again
                if "everybody" in ask(server, "/")[1]:
                    break
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.05)
