"""`tantalus run` before apps of ASGI frameworks, asked over a socket."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from conftest import Write
from server import PROGRAM, NoWatchdog, Server, fetch, wait_for
from websockets.sync.client import connect

Look = Callable[[], tuple[int, str] | None]
LOOKS_BETWEEN_SAVES = 100  # about six seconds
FAST = """
import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, WebSocket
from fastapi.responses import PlainTextResponse, StreamingResponse


@asynccontextmanager
async def living(app):
    yield
    Path("ended").write_text("by lifespan")


app = FastAPI(lifespan=living)


@app.get("/", response_class=PlainTextResponse)
async def index():
    return "one"


@app.get("/fail")
async def fail():
    number = 20
    raise ZeroDivisionError("on purpose")


@app.get("/events")
async def events():
    async def parts():
        while True:
            yield "event"
            await asyncio.sleep(0.05)

    return StreamingResponse(parts())


@app.websocket("/echo")
async def echo(socket: WebSocket):
    await socket.accept()
    await socket.send_text(await socket.receive_text())
"""

STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


def create_app():
    async def index(request):
        return PlainTextResponse("from a factory")

    return Starlette(routes=[Route("/", index)])
"""


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *args], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_fastapi_app_is_served_with_its_websockets(
    write: Write, tmp_path: Path
) -> None:
    write("app.py", FAST)

    with Server(tmp_path, "run", "--port", "0") as server:
        answer = fetch(server.url)
        failure = fetch(f"{server.url}/fail")
        with connect(server.url.replace("http", "ws") + "/echo") as socket:
            socket.send("hello")
            echoed = socket.recv()
        server.see("ZeroDivisionError: on purpose")

    assert answer == (200, "one")
    assert failure == (500, "Internal Server Error")
    assert echoed == "hello"
    assert server.process.returncode == 0
    assert (tmp_path / "ended").read_text() == "by lifespan"


def test_a_starlette_app_of_a_factory_is_served_by_https(
    write: Write, tmp_path: Path
) -> None:
    write("app.py", STARLETTE)

    with Server(tmp_path, "run", "--port", "0", "--cert", "adhoc") as server:
        answer = fetch(server.url)

    assert server.url.startswith("https://")
    assert answer == (200, "from a factory")


def test_an_error_is_shown_in_the_debugger_to_this_machine_only(
    write: Write, tmp_path: Path
) -> None:
    write("app.py", FAST)

    with Server(tmp_path, "run", "--port", "0", "--debug", "--no-reload") as server:
        own = fetch(f"{server.url}/fail")
        other = fetch(f"{server.url}/fail", host="attacker.example")
        console = fetch(f"{server.url}/console", host="attacker.example")
        secret = re.findall('SECRET = "(.+)"', own[1])[0]
        frame = re.findall(r'id="frame-(\d+)"', own[1])[-1]
        query = f"__debugger__=yes&cmd=20*21&frm={frame}&s={secret}"
        evaluated = fetch(f"{server.url}/?{query}")

    assert own[0] == other[0] == 500
    assert "EVALEX = true" in own[1]
    assert "EVALEX_TRUSTED = false" in own[1]
    assert "ZeroDivisionError: on purpose" in own[1]
    assert "EVALEX = false" in other[1]
    assert console[0] == 400
    assert evaluated[0] == 404  # it was asked without the PIN


def test_a_changed_file_is_served_though_a_stream_is_open(
    write: Write, tmp_path: Path
) -> None:
    write("app.py", FAST)
    write("watchdog.py", NoWatchdog.TEXT)

    with Server(tmp_path, "run", "--port", "0", "--debug") as server:
        with urllib.request.urlopen(f"{server.url}/events") as stream:
            assert stream.read(5) == b"event"
            changed = FAST.replace('"one"', '"three"')
            answer = wait_for(
                _saved(write, changed, lambda: _if_changed(server.url)), "the change"
            )

        broken = wait_for(
            _saved(write, FAST + "\nbroken(", lambda: _if_broken(server.url)),
            "the error",
        )
        corrected = wait_for(
            _saved(write, FAST, lambda: _if_well(server.url)), "the corrected file"
        )

    assert answer == (200, "three")
    assert "SyntaxError" in broken[1]
    assert corrected == (200, "one")
    assert "Traceback" not in server.output().partition("Detected change")[0]


def _saved(write: Write, text: str, look: Look) -> Look:
    """Return a look that saves the file first, and again from time to time.

    The reloader takes no notice of an edit before it first looks at a file.
    """
    due = itertools.cycle([True, *[False] * LOOKS_BETWEEN_SAVES])

    def save_and_look() -> tuple[int, str] | None:
        if next(due):
            write("app.py", text)
        with suppress(OSError, HTTPException):  # while the server starts again
            return look()
        return None

    return save_and_look


def _if_changed(url: str) -> tuple[int, str] | None:
    return answer if (answer := fetch(url)) != (200, "one") else None


def _if_broken(url: str) -> tuple[int, str] | None:
    return answer if (answer := fetch(url))[0] == 500 else None


def _if_well(url: str) -> tuple[int, str] | None:
    return answer if (answer := fetch(url))[0] == 200 else None


@pytest.mark.parametrize("options", [[], ["--reload"]], ids=["alone", "reloaded"])
def test_ctrl_c_ends_it_though_a_stream_is_open(
    options: list[str], write: Write, tmp_path: Path
) -> None:
    write("app.py", FAST)
    write("watchdog.py", NoWatchdog.TEXT)

    arguments = ("run", "--port", "0", "--grace", "0", *options)
    with (
        Server(tmp_path, *arguments) as server,
        urllib.request.urlopen(f"{server.url}/events") as stream,
    ):
        assert stream.read(5) == b"event"
        os.killpg(server.process.pid, signal.SIGINT)
        server.process.wait(60)

    assert (tmp_path / "ended").read_text() == "by lifespan"
    assert "Traceback" not in server.output()


FAILING = """
from starlette.applications import Starlette


async def fail(app):
    raise OSError("no database")
    yield


app = Starlette(lifespan=fail)
"""


def test_a_start_up_that_fails_is_told(write: Write, tmp_path: Path) -> None:
    write("app.py", FAILING)

    done = run(tmp_path, "run", "--port", "0")

    assert done.returncode == 1
    assert "OSError: no database" in done.stderr
    assert "The start-up of the app failed." in done.stderr


def test_commands_that_need_more_than_an_asgi_callable_say_so(
    write: Write, tmp_path: Path
) -> None:
    write("app.py", FAST)

    routes = run(tmp_path, "routes")
    check = run(tmp_path, "check", "--deploy")
    shell = subprocess.run(
        [PROGRAM, "shell"],
        cwd=tmp_path,
        input="print(app.title)\n",
        capture_output=True,
        text=True,
        check=False,
    )

    assert routes.returncode == check.returncode == 2
    assert "has no 'url_map', so its routes cannot be listed" in routes.stderr
    assert "has no 'config', so its settings cannot be checked" in check.stderr
    assert "FastAPI" in shell.stdout
    assert shell.returncode == 0
