"""Measure open WebSockets of the app beside Starlette's, behind one worker of uvicorn.

    python bench/sockets.py [--connections 5000] [--rounds 3]

Both are asked by one client in this process, one after the other, each in a server of
its own. What counts is the server's process: how much memory it has gained for each
connection that is open, and what it has taken of the processor to open one and for ten
echoes on it. The best of the rounds counts.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from websockets.asyncio.client import ClientConnection, connect

from asgi.scenarios import echoes
from asgi.servers import processor_seconds
from servers import running, served_app

T = TypeVar("T")
FRAMEWORKS = "App", "Starlette"
SCENARIO = "WebSocket, 10 echoes"
COMMAND = [
    *("uvicorn", "--no-access-log", "--log-level", "error", "--port", "{port}"),
    *("--ws-ping-interval", "3600", "asgi.served:app"),
]
# Some are opened and closed before, so that all code is loaded.
OPENED_BEFORE = 50
AT_ONCE = 100
# Files that this process and the server's have open besides.
FILES = 200

Row = tuple[float, float, float]
COLUMNS = {
    "KiB of memory each": 1 / 1024,
    "µs to open one": 1e6,
    "µs for 10 echoes": 1e6,
}


def main(options: list[str]) -> int:
    """Measure, and print a table."""
    made = argparse.ArgumentParser(
        prog="bench/sockets.py", description=(__doc__ or "").partition("\n")[0]
    )
    made.add_argument("--connections", type=int, default=5_000)
    made.add_argument("--rounds", type=int, default=3)
    chosen = made.parse_args(options)
    allow_files(chosen.connections + FILES)
    print(table(measured(chosen.connections, chosen.rounds), chosen.connections))
    return 0


def allow_files(number: int) -> None:
    """Let this process and those that it starts have so many files open.

    Raises:
        OSError: The machine does not allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        if hard < number:
            raise OSError(
                f"{number} open files are needed, and {hard} are allowed: raise the"
                " limit (ulimit -Hn), or measure with fewer --connections."
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))


def measured(connections: int, rounds: int) -> dict[str, Row]:
    """Return the best of each figure: bytes, seconds to open, seconds of echoes."""
    rows: dict[str, list[Row]] = {name: [] for name in FRAMEWORKS}
    for _ in range(rounds):
        for name in FRAMEWORKS:
            with running(COMMAND, served_app(SCENARIO, name)) as (port, process):
                rows[name].append(asyncio.run(row_of(port, process, connections)))
    return {
        name: (
            min(one[0] for one in of),
            min(one[1] for one in of),
            min(o[2] for o in of),
        )
        for name, of in rows.items()
    }


async def row_of(port: int, process: int, connections: int) -> Row:
    """Return what each connection of a server takes."""
    for peer in await opened(port, OPENED_BEFORE):
        await talk(peer)
    memory, begin = resident_bytes(process), processor_seconds(process)
    peers = await opened(port, connections)
    held, idle = resident_bytes(process), processor_seconds(process)
    await few_at_once(talk, peers)
    end = processor_seconds(process)
    return (
        (held - memory) / connections,
        (idle - begin) / connections,
        (end - idle) / connections,
    )


async def opened(port: int, connections: int) -> list[ClientConnection]:
    """Return open connections, all accepted."""

    async def one(number: int) -> ClientConnection:
        return await connect(
            f"ws://127.0.0.1:{port}/echo",
            origin=None,
            compression=None,
            ping_interval=None,
        )

    return await few_at_once(one, range(connections))


async def talk(peer: ClientConnection) -> None:
    """Have all messages echoed, and wait for the end.

    Raises:
        RuntimeError: Something else came back.
    """
    for text in echoes():
        await peer.send(text)
        answer = await peer.recv()
        if answer != text:
            raise RuntimeError(f"{answer!r} is no echo of {text!r}.")
    await peer.wait_closed()


async def few_at_once(
    do: Callable[..., Awaitable[T]], values: Sequence[object]
) -> list[T]:
    """Return what is made of each value, never of too many at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(value: object) -> T:
        async with room:
            return await do(value)

    return await asyncio.gather(*map(one, values))


def resident_bytes(process: int) -> int:
    """Return the memory that a process has."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"The process {process} has ended.")


def table(rows: dict[str, Row], connections: int) -> str:
    """Return the figures as a table, with those of the app as ratios, too."""
    heads = [f"{connections} connections", *FRAMEWORKS, "of Starlette"]
    lines = [f"| {' | '.join(heads)} |", "|---|--:|--:|--:|"]
    for number, (name, unit) in enumerate(COLUMNS.items()):
        app, other = (rows[one][number] * unit for one in FRAMEWORKS)
        ratio = f"{app / other:.2f}" if other else "-"
        lines.append(f"| {name} | {app:.1f} | {other:.1f} | {ratio} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
