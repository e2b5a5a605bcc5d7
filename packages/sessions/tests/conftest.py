from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long it takes to make examples says nothing on a busy machine.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
patient = settings.get_profile("patient")
settings.register_profile("short", patient, max_examples=60)
settings.register_profile("max", patient, max_examples=10_000)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "short"))


#: Seconds that what must come may take on a machine that has much else to do.
PATIENCE = 60


class RedisServer:
    """A server of our own on a loopback port that nobody else has."""

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        #: For a client that waits longer than clients do by themselves.
        self.patient_url = f"{self.url}?socket_timeout={PATIENCE}"
        self.patient_url += f"&socket_connect_timeout={PATIENCE}"
        self._command = [
            *(program, "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--dir", str(folder), "--save", "", *options),
        ]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < end, "redis-server does not start"
            time.sleep(0.01)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def free_port() -> int:
    """Return a port that nobody is given while we live, and nobody took for a client.

    The system hands out those above 32,000. Who holds the port of the same number for
    UDP, has it.
    """
    for port in random.sample(range(10_000, 32_000), 1_000):
        with (
            suppress(OSError),
            socket.socket(type=socket.SOCK_DGRAM) as mark,
            socket.socket() as probe,
        ):
            mark.bind(("127.0.0.1", port))
            probe.bind(("127.0.0.1", port))
            mark.detach()  # held until the process ends
            return port
    raise OSError("No port of a thousand is free.")


def redis_program() -> str:
    program = shutil.which("redis-server")
    if program is None and os.environ.get("CI"):
        pytest.fail("No 'redis-server' on PATH. CI must install it.")
    if program is None:
        pytest.skip("no 'redis-server' on PATH")
    return program


StartRedis = Callable[..., RedisServer]


@pytest.fixture
def start_redis(tmp_path: Path) -> Iterator[StartRedis]:
    servers: list[RedisServer] = []

    def start(*options: str) -> RedisServer:
        servers.append(RedisServer(redis_program(), tmp_path, *options))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(redis_program(), tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()
