"""What a framework costs before the first request: set-up, import, memory.

Import and memory are measured in fresh interpreters, which take turns as well.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from asking import ask
from frameworks import FRAMEWORKS, build
from scenarios import SCENARIOS
from timing import Batch, Figure, interleaved

ROUTES = 1_000
ROUTED = [name for name in FRAMEWORKS if name != "raw WSGI"]

# The smallest app of each, the first line of which is its import.
PROGRAMS = {
    "App": """\
from tantalus import App
app = App("hello")
@app.get("/")
def hello(): return "Hello, world!"
""",
    "tantalus.Flask": """\
from tantalus import Flask
app = Flask("hello")
@app.get("/")
def hello(): return "Hello, world!"
""",
    "Flask": """\
from flask import Flask
app = Flask("hello")
@app.get("/")
def hello(): return "Hello, world!"
""",
    "Bottle": """\
import bottle
app = bottle.Bottle()
@app.get("/")
def hello(): return "Hello, world!"
""",
    "Falcon": """\
import falcon
class Hello:
    def on_get(self, request, response): response.text = "Hello, world!"
app = falcon.App()
app.add_route("/", Hello())
""",
    "Werkzeug": """\
from werkzeug import routing, wrappers
url_map = routing.Map([routing.Rule("/", endpoint="hello")])
def app(environ, start_response):
    url_map.bind_to_environ(environ).match()
    wrappers.Request(environ)
    return wrappers.Response("Hello, world!")(environ, start_response)
""",
    "raw WSGI": """\
import io, sys
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello, world!"]
""",
}

TIMED = """\
import time
begin = time.process_time()
{first_line}
print(time.process_time() - begin)
"""

# Of the first request, so that what is loaded late counts as well. Linux alone has the
# file; the peak that `resource` knows may be that of the parent process.
WEIGHED = """\
{program}
import io, os, sys
environ = {{
    "REQUEST_METHOD": "GET", "PATH_INFO": "/", "SCRIPT_NAME": "", "QUERY_STRING": "",
    "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "localhost", "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
    "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.run_once": False,
    "wsgi.multithread": False, "wsgi.multiprocess": False,
}}
assert b"".join(app(environ, lambda *a: None)) == b"Hello, world!"
pages = int(open("/proc/self/statm").read().split()[1])
print(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
"""


def import_seconds(rounds: int, names: Iterable[str] = PROGRAMS) -> dict[str, Figure]:
    """Return how long the import takes in a new interpreter, its start not counted."""
    sources = {
        name: TIMED.format(first_line=PROGRAMS[name].splitlines()[0]) for name in names
    }
    return interleaved(
        {name: reporting(text) for name, text in sources.items()}, rounds
    )


def worker_megabytes(rounds: int = 3) -> dict[str, float]:
    """Return the resident memory of a process with an app that answered once."""
    if not Path("/proc/self/statm").exists():
        return {}
    runs = {
        name: reporting(WEIGHED.format(program=program))
        for name, program in PROGRAMS.items()
    }
    return {name: median(run() for _ in range(rounds)) for name, run in runs.items()}


def reporting(source: str) -> Batch:
    """Return a call that runs a program and returns the number that it prints."""

    def run() -> float:
        # Isolated, so that neither this folder nor the environment has a say.
        command = [sys.executable, "-I", "-c", source]
        shown = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(shown.stdout)

    return run


def registration_seconds(rounds: int) -> dict[str, Figure]:
    """Return how long it takes to register `ROUTES` routes."""
    return interleaved({name: registration(name) for name in ROUTED}, rounds)


def first_answer_seconds(
    rounds: int, names: Iterable[str] = ROUTED
) -> dict[str, Figure]:
    """Return the same through the first answer: some put work off until then."""
    return interleaved({name: first_answer(name) for name in names}, rounds)


def registration(name: str) -> Batch:
    def run() -> float:
        begin = time.process_time()
        build(name, "text", ROUTES)
        return time.process_time() - begin

    return run


def first_answer(name: str) -> Batch:
    make_environ = SCENARIOS["text"].environ_maker(ROUTES)

    def run() -> float:
        begin = time.process_time()
        app = build(name, "text", ROUTES)
        assert app is not None
        ask(app, make_environ())
        return time.process_time() - begin

    return run
