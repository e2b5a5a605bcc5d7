"""Requests per second behind real servers, on this machine alone.

Needs the programs gunicorn and granian in this environment, and wrk on the machine. One
worker and one load generator; every server is stopped before the next one starts.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from frameworks import FRAMEWORKS, build
from scenarios import SCENARIOS, signed

FOLDER = Path(__file__).parent
MEASURED = ("text", "session read")
CONNECTIONS = 16
START_LIMIT = 20.0
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
BAD = re.compile(r"Non-2xx or 3xx responses: \d+|Socket errors: .*")

SERVERS = {
    "gunicorn gthread": [
        *("gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads", "4"),
        *("--log-level", "error", "--bind", "127.0.0.1:{port}", "served:app"),
    ],
    "granian": [
        *("granian", "--interface", "wsgi", "--workers", "1", "--no-access-log"),
        *("--log-level", "error", "--host", "127.0.0.1", "--port", "{port}"),
        "served:app",
    ],
}

# Server, scenario, framework: requests per second.
Rates = dict[str, dict[str, dict[str, float]]]


def missing_programs() -> list[str]:
    """Return the programs that are needed and not there."""
    servers = [arguments[0] for arguments in SERVERS.values()]
    lost = [name for name in servers if not program(name).exists()]
    return lost if shutil.which("wrk") else [*lost, "wrk"]


def program(name: str) -> Path:
    """Return where the environment of this interpreter has a program."""
    return Path(sys.executable).parent / name


def rates(seconds: int, rounds: int) -> Rates:
    """Return the best of the rounds; in each, all frameworks have their turn."""
    best: Rates = {}
    for server in SERVERS:
        for scenario in MEASURED:
            found = best.setdefault(server, {}).setdefault(scenario, {})
            for _ in range(rounds):
                for framework in FRAMEWORKS:
                    if build(framework, scenario, 10) is None:
                        continue
                    rate = one_rate(server, scenario, framework, seconds)
                    found[framework] = max(found.get(framework, 0.0), rate)
    return best


def one_rate(server: str, scenario: str, framework: str, seconds: int) -> float:
    """Start the server, look at one answer, load it, and stop it.

    Raises:
        RuntimeError: An answer was wrong, or not every request had one.
    """
    path = SCENARIOS[scenario].path
    with running(SERVERS[server], served_app(scenario, framework)) as (port, _):
        url = f"http://127.0.0.1:{port}{path}"
        check(url, scenario, framework)
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        command += ["-H", f"Cookie: {cookie()}", url]
        shown = subprocess.run(command, check=True, capture_output=True, text=True)
    bad, rate = BAD.search(shown.stdout), RATE.search(shown.stdout)
    if bad is not None or rate is None:
        raise RuntimeError(f"{framework} behind {server}: {shown.stdout}")
    return float(rate[1])


def cookie() -> str:
    return f"theme=dark; session={signed(1)[0]}"


def check(url: str, scenario: str, framework: str) -> None:
    with urlopen(Request(url, headers={"Cookie": cookie()}), timeout=5) as answer:
        body = answer.read()
    if not SCENARIOS[scenario].right(body):
        raise RuntimeError(f"{framework} answers {body!r} to {scenario!r}.")


def served_app(scenario: str, framework: str) -> dict[str, str]:
    """Return the settings that tell the process of a server what it serves."""
    return {
        "BENCH_FRAMEWORK": framework,
        "BENCH_SCENARIO": scenario,
        "PYTHONPATH": str(FOLDER),
    }


@contextmanager
def running(command: list[str], settings: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Run a server as long as the block lasts; give its port and its process."""
    port = free_port()
    name, *arguments = [text.format(port=port) for text in command]
    process = subprocess.Popen(
        [str(program(name)), *arguments],
        cwd=FOLDER,
        env={**os.environ, **settings},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield port, process.pid
    finally:
        stop(process)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not serve on port {port}.")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server with its workers, which are a session of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue
