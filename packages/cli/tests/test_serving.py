"""`tantalus run` before apps of several kinds, asked over a socket."""

from __future__ import annotations

import re
import socket
import subprocess
from pathlib import Path

import pytest
from conftest import Write
from server import PROGRAM, Server, fetch

PLAIN = """
def app(environ, start_response):
    if environ["PATH_INFO"] == "/fail":
        raise ZeroDivisionError("on purpose")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"plain"]
"""

BOTTLE = """
import bottle
app = bottle.Bottle()

@app.get("/hello/<name>")
def hello(name):
    return "hello " + name
"""


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *args], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_plain_function_is_served(write: Write, tmp_path: Path) -> None:
    write("app.py", PLAIN)

    with Server(tmp_path, "run", "--port", "0") as server:
        answer = fetch(server.url)
        failure = fetch(f"{server.url}/fail")
        server.see("ZeroDivisionError: on purpose")

    assert answer == (200, "plain")
    assert failure[0] == 500
    assert "debugger" not in failure[1].lower()
    assert server.process.returncode == 0


def test_an_app_of_another_framework_is_served(write: Write, tmp_path: Path) -> None:
    write("site_bottle.py", BOTTLE)

    with Server(tmp_path, "--app", "site_bottle", "run", "--port", "0") as server:
        answer = fetch(f"{server.url}/hello/you")

    assert answer == (200, "hello you")


def test_https_is_served_with_a_made_up_certificate(
    write: Write, tmp_path: Path
) -> None:
    write("app.py", PLAIN)

    with Server(tmp_path, "run", "--port", "0", "--cert", "adhoc") as server:
        answer = fetch(server.url)

    assert server.url.startswith("https://")
    assert answer == (200, "plain")


def test_the_debugger_answers_this_machine_only_and_asks_for_its_pin(
    write: Write, tmp_path: Path
) -> None:
    write("app.py", PLAIN)

    with Server(tmp_path, "run", "--port", "0", "--debug", "--no-reload") as server:
        own = fetch(f"{server.url}/fail")
        other = fetch(f"{server.url}/fail", host="attacker.example")
        console = fetch(f"{server.url}/console", host="attacker.example")
        secret = re.findall('SECRET = "(.+)"', own[1])[0]
        frame = re.findall(r'id="frame-(\d+)"', own[1])[0]
        query = f"__debugger__=yes&cmd=20*21&frm={frame}&s={secret}"
        evaluated = fetch(f"{server.url}/?{query}")

    assert own[0] == other[0] == 500
    assert "EVALEX = true" in own[1]
    assert "EVALEX_TRUSTED = false" in own[1]
    assert "ZeroDivisionError: on purpose" in own[1]
    assert "EVALEX = false" in other[1]
    assert console[0] == 400
    assert evaluated == (200, "plain")


def test_a_port_in_use_is_told(write: Write, tmp_path: Path) -> None:
    write("app.py", PLAIN)

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run(tmp_path, "run", "--port", port)

    assert done.returncode == 1
    assert f"Port {port} is in use by another program." in done.stderr
    assert "start the server with a different port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "arguments", "problem"),
    [
        ("", (), "Failed to find an application or factory in module 'app'. Use"),
        ("def create_app(x): ...", (), "Use 'app:create_app(args)' to specify"),
        ("import site_gone", (), "No module named 'site_gone'"),
        (PLAIN, ("--cert", "app.py"), "Required when '--cert' is a file."),
        (PLAIN, ("--cert", "app.py", "--key", "app.py"), "Give a PEM certificate"),
    ],
    ids=["no app", "factory", "import error", "no key", "no certificate"],
)
def test_what_keeps_a_server_from_starting_is_told(
    content: str, arguments: tuple[str, ...], problem: str, write: Write, tmp_path: Path
) -> None:
    write("app.py", content)

    done = run(tmp_path, "run", "--port", "0", *arguments)

    assert done.returncode == 2
    assert problem in done.stderr
    assert "click" not in done.stderr
