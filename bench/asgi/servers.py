"""Requests per second behind servers of ASGI, on this machine alone.

Needs the programs uvicorn and granian in this environment, and wrk on the machine. One
worker and one load generator. What the server's processes take of the processor for
each request stands beside the rate: it depends less on what else the machine does.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from servers import BAD, CONNECTIONS, running, served_app

from .frameworks import build
from .scenarios import EXCHANGES, WAITING

MEASURED = {
    exchange.name: exchange
    for exchange in (
        *(EXCHANGES[name] for name in ("text", "text, plain view", "json")),
        *(EXCHANGES["stream of 10"], WAITING),
    )
}
CONNECTIONS_THAT_WAIT = 200
DONE = re.compile(r"(\d+) requests in ([\d.]+)s")
TICKS = os.sysconf("SC_CLK_TCK")

SERVERS = {
    "uvicorn": [
        *("uvicorn", "--loop", "uvloop", "--http", "httptools", "--no-access-log"),
        *("--log-level", "error", "--port", "{port}", "asgi.served:app"),
    ],
    "granian": [
        *("granian", "--interface", "asgi", "--workers", "1", "--no-access-log"),
        *("--loop", "uvloop", "--log-level", "error", "--host", "127.0.0.1"),
        *("--port", "{port}", "asgi.served:app"),
    ],
}


@dataclass(frozen=True)
class Reached:
    """Requests per second, and what each took of the processor in the server."""

    rate: float
    microseconds: float


# Server, scenario, framework.
Rates = dict[str, dict[str, dict[str, Reached]]]


def rates(frameworks: Iterable[str], seconds: int, rounds: int) -> Rates:
    """Return the best of the rounds; in each, all frameworks have their turn."""
    best: Rates = {}
    for server in SERVERS:
        for scenario in MEASURED:
            found = best.setdefault(server, {}).setdefault(scenario, {})
            for _ in range(rounds):
                for name in frameworks:
                    if build(name, scenario, 10) is None:
                        continue
                    now = one(server, scenario, name, seconds)
                    before = found.get(name, now)
                    found[name] = Reached(
                        max(now.rate, before.rate),
                        min(now.microseconds, before.microseconds),
                    )
    return best


def one(server: str, scenario: str, framework: str, seconds: int) -> Reached:
    """Start the server, look at one answer, load it, and stop it.

    Raises:
        RuntimeError: An answer was wrong, or not every request had one.
    """
    settings = served_app(scenario, framework)
    with running(SERVERS[server], settings) as (port, process):
        url = f"http://127.0.0.1:{port}{MEASURED[scenario].path}"
        with urlopen(url, timeout=5) as answer:
            body = answer.read()
        if not MEASURED[scenario].right(body):
            raise RuntimeError(f"{framework} answers {body!r} to {scenario!r}.")
        connections = CONNECTIONS_THAT_WAIT if scenario == "nap" else CONNECTIONS
        load(url, connections, 1)
        before = processor_seconds(process)
        done, took = load(url, connections, seconds)
        used = processor_seconds(process) - before
    return Reached(done / took, used / done * 1e6)


def load(url: str, connections: int, seconds: int) -> tuple[int, float]:
    """Return how many requests wrk had answered, in how many seconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = DONE.search(shown)
    if BAD.search(shown) or found is None:
        raise RuntimeError(f"{' '.join(command)}: {shown}")
    return int(found[1]), float(found[2])


def processor_seconds(process: int) -> float:
    """Return what a process and all that it has started have used."""
    ticks = 0
    for number in [process, *descendants(process)]:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def descendants(process: int) -> Iterator[int]:
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            yield child
            yield from descendants(child)
