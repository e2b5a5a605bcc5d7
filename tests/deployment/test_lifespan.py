"""What each server does with what an app opens: the table of the page on deployment."""

from __future__ import annotations

import http.client
import subprocess
import threading
import time
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from environments import clean_environment
from recipes import GRACE, PROGRAMS, Server, rows_of_the_page, serving

APP = """
import os
import time
from pathlib import Path

from tantalus import App

app = App(__name__)
app.add_health()


def note(line):
    with Path("notes").open("a") as notes:
        notes.write(f"{line} {os.getpid()}\\n")


@app.lifespan
def pool():
    note("begin pool")
    yield os.getpid()
    note("end pool")


@app.lifespan
async def queue():
    note("begin queue")
    yield
    note("end queue")


@app.get("/")
def index():
    return {"same": app.lifespan[pool] == os.getpid()}


@app.get("/slow")
def slow():
    note("slow begins")
    while not Path("go on").exists():
        time.sleep(0.05)
    note("slow ends")
    return "slow"


BROKEN = os.environ.get("BROKEN")

if BROKEN:
    @app.lifespan
    def broken():
        if BROKEN == "raises":
            raise OSError("no disk")
        if BROKEN != "never yields":
            yield
        if BROKEN == "yields twice":
            yield
        if BROKEN == "raises at the end":
            raise OSError("no disk")

if os.environ.get("ENDS"):
    app.stop_on_sigterm()
"""
GUNICORN = "gunicorn --bind 127.0.0.1:8000 --workers 1"
UWSGI = (
    "uwsgi --http-socket 127.0.0.1:8000 --master --processes 1 --threads 2"
    " --need-app --module shop:app"
)
HOOK = " --hook-master-start 'unix_signal:15 gracefully_kill_them_all'"
# The server; whether a request that has begun is finished, and what is open is closed.
TABLE = {
    "gunicorn": (f"{GUNICORN} shop:app", "finished", "closed"),
    "gunicorn, threads": (f"{GUNICORN} --threads 4 shop:app", "finished", "closed"),
    "gunicorn, preload": (f"{GUNICORN} --preload shop:app", "finished", "closed"),
    "granian, wsgi": (
        "granian --interface wsgi --host 127.0.0.1 --port 8000 shop:app",
        "finished",
        "closed",
    ),
    "waitress": (
        "waitress-serve --listen=127.0.0.1:8000 shop:app", "broken off", "left open",
    ),
    "uWSGI, hook": (f"{UWSGI}{HOOK} --lazy-apps", "finished", "closed"),
    "uWSGI": (f"{UWSGI} --die-on-term", "broken off", "left open"),
    "uvicorn": (
        "uvicorn --host 127.0.0.1 --port 8000 shop:app", "finished", "closed",
    ),
    "hypercorn": (
        "hypercorn --bind 127.0.0.1:8000 shop:app.asgi_app", "finished", "closed",
    ),
    "granian, asgi": (
        "granian --interface asgi --host 127.0.0.1 --port 8000 shop:app",
        "finished",
        "closed",
    ),
}  # fmt: skip
RUN = "tantalus --app shop run --port 8000"
EAGER = {
    "tantalus run": RUN,
    "tantalus run, reloader": f"{RUN} --debug",
    "gunicorn": f"{GUNICORN} --config python:tantalus.gunicorn shop:app",
    "uvicorn": TABLE["uvicorn"][0],
    "hypercorn": TABLE["hypercorn"][0],
    "granian": TABLE["granian, asgi"][0],
}


def serve(line: str, folder: Path, **settings: str) -> AbstractContextManager[Server]:
    (folder / "shop.py").write_text(APP, encoding="utf-8")
    return serving(line, cwd=folder, settings=settings)


def notes(folder: Path) -> list[str]:
    """Return what the app has noted, without the numbers of processes."""
    path = folder / "notes"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.rpartition(" ")[0] for line in lines]


def wait_for_note(folder: Path, note: str) -> None:
    deadline = time.monotonic() + GRACE
    while note not in notes(folder):
        assert time.monotonic() < deadline, notes(folder)
        time.sleep(0.02)


def ask(server: Server, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as line:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read()


def stopped_under_way(server: Server, folder: Path, request: str) -> bytes:
    """Stop a server while it answers, and return what it has answered.

    What it is to finish goes on a second after that. What it breaks off never does.
    """
    goes_on = threading.Timer(1, (folder / "go on").touch)
    answers: list[bytes] = []

    def visit() -> None:
        try:
            answers.append(ask(server, "/slow")[1])
        except (OSError, http.client.HTTPException):
            answers.append(b"")

    visitor = threading.Thread(target=visit)
    visitor.start()
    wait_for_note(folder, "slow begins")
    if request == "finished":
        goes_on.start()
    server.stop()
    visitor.join(GRACE)
    return answers[0]


@pytest.mark.parametrize("name", TABLE)
def test_what_is_open_is_closed_as_the_table_says(name: str, tmp_path: Path) -> None:
    line, request, end = TABLE[name]
    with serve(line, tmp_path) as server:
        assert ask(server, "/") == (200, b'{"same":true}\n')
        begun = notes(tmp_path)
        answer = stopped_under_way(server, tmp_path, request)

    assert begun == ["begin pool", "begin queue"]
    assert answer == (b"slow" if request == "finished" else b"")
    closed = ["end queue", "end pool"] if end == "closed" else []
    done = ["slow begins", "slow ends"] if request == "finished" else ["slow begins"]
    assert notes(tmp_path)[2:] == [*done, *closed]


def test_the_table_is_that_of_the_page() -> None:
    said = {name: (request, end) for name, _, request, end, *_ in rows_of_the_page()}

    assert said == {name: (request, end) for name, (_, request, end) in TABLE.items()}


@pytest.mark.parametrize("name", EAGER)
def test_it_is_open_before_the_first_request_where_the_page_says_so(
    name: str, tmp_path: Path
) -> None:
    with serve(EAGER[name], tmp_path):
        wait_for_note(tmp_path, "begin queue")

        assert notes(tmp_path) == ["begin pool", "begin queue"]


ALONE = [name for name in EAGER if "reloader" not in name]


@pytest.mark.parametrize("broken", ["raises", "never yields"])
@pytest.mark.parametrize("name", ALONE)
def test_a_server_does_not_start_if_something_cannot_be_opened(
    name: str, broken: str, tmp_path: Path
) -> None:
    with (
        pytest.raises((OSError, pytest.fail.Exception)),
        serve(EAGER[name], tmp_path, BROKEN=broken) as server,
    ):
        ask(server, "/")

    assert notes(tmp_path) == ["begin pool", "begin queue", "end queue", "end pool"]


@pytest.mark.parametrize(
    ("broken", "told"),
    [("raises at the end", "OSError: no disk"), ("yields twice", "it yields twice")],
)
@pytest.mark.parametrize("name", [name for name in ALONE if name != "tantalus run"])
def test_what_fails_at_the_end_is_logged_and_the_others_end(
    name: str, broken: str, told: str, tmp_path: Path
) -> None:
    with serve(EAGER[name], tmp_path, BROKEN=broken) as server:
        assert ask(server, "/") == (200, b'{"same":true}\n')
        assert server.stop()
        log = server.log.read_text(encoding="utf-8")

    assert told in log
    assert notes(tmp_path) == ["begin pool", "begin queue", "end queue", "end pool"]


def test_a_command_that_cannot_open_ends_with_status_1(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP, encoding="utf-8")
    program = str(PROGRAMS / "tantalus")

    done = subprocess.run(
        [program, "--app", "shop", "run", "--port", "0"],
        cwd=tmp_path,
        env=clean_environment() | {"BROKEN": "raises"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "OSError: no disk" in done.stderr
    assert notes(tmp_path) == ["begin pool", "begin queue", "end queue", "end pool"]


def test_the_process_that_reloads_opens_nothing_and_shows_what_cannot_be_opened(
    tmp_path: Path,
) -> None:
    line = EAGER["tantalus run, reloader"]
    with serve(line, tmp_path, BROKEN="raises") as server:
        wait_for_note(tmp_path, "end pool")
        status, page = ask(server, "/")

    assert (status, b"OSError: no disk" in page) == (500, True)
    assert len((tmp_path / "notes").read_text().splitlines()) == 4


def test_waitress_closes_where_the_app_asks_for_it(tmp_path: Path) -> None:
    with serve(TABLE["waitress"][0], tmp_path, ENDS="1") as server:
        ask(server, "/")
        stopped_under_way(server, tmp_path, "finished")

    assert notes(tmp_path)[-2:] == ["end queue", "end pool"]


def test_the_master_of_a_server_opens_nothing(tmp_path: Path) -> None:
    line = TABLE["gunicorn, preload"][0].replace("--workers 1", "--workers 2")
    with serve(line, tmp_path) as server:
        for _ in range(20):
            assert ask(server, "/") == (200, b'{"same":true}\n')
        pids = {
            line.rpartition(" ")[2]
            for line in (tmp_path / "notes").read_text().splitlines()
        }

    assert str(server.process.pid) not in pids
