"""Servers that tests expect at their usual place, for as long as the tests run."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory

#: From the name of a server to its port, and the command that starts it in the
#: foreground and empty.
SERVICES = {"redis": (6379, ["redis-server", "--port", "6379", "--save", ""])}
#: For a server to answer after its start.
SECONDS = 60.0


class ServiceFailed(RuntimeError):
    """A server can't be had: it is not installed, or its port is taken."""


@contextmanager
def running(names: list[str]) -> Iterator[None]:
    """Start these servers, wait until they answer, and stop them in the end.

    Raises:
        ServiceFailed: One is not installed, does not answer, or its port is taken.
    """
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(_running(name, *SERVICES[name]))
        yield


@contextmanager
def _running(name: str, port: int, command: list[str]) -> Iterator[None]:
    if shutil.which(command[0]) is None:
        raise ServiceFailed(f"{command[0]} is not installed. Install {name}.")
    if _answers(port):
        raise ServiceFailed(f"Port {port} is taken. Stop what listens there.")
    with TemporaryDirectory() as folder:
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            _wait(name, port)
            yield
        finally:
            server.terminate()
            server.wait()


def _wait(name: str, port: int) -> None:
    end = time.monotonic() + SECONDS
    while not _answers(port):
        if time.monotonic() > end:
            raise ServiceFailed(f"{name} does not answer after {SECONDS} seconds.")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
