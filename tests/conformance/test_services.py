from __future__ import annotations

import socket
import sys

import pytest

import services
from environments import free_port
from services import ServiceFailed, running

LISTEN = """
import socketserver, sys
address = "127.0.0.1", int(sys.argv[1])
socketserver.TCPServer(address, socketserver.BaseRequestHandler).serve_forever()
"""


@pytest.fixture
def port() -> int:
    """Return a port on which nothing listens."""
    return free_port()


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def provide(monkeypatch: pytest.MonkeyPatch, port: int, *command: str) -> None:
    monkeypatch.setitem(services.SERVICES, "s", (port, [*command]))


def test_a_server_answers_while_the_tests_run_and_no_longer(
    monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    provide(monkeypatch, port, sys.executable, "-c", LISTEN, str(port))

    with running(["s"]):
        during = answers(port)

    assert (during, answers(port)) == (True, False)


def test_a_server_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    provide(monkeypatch, port, "no-such-server")

    with (
        pytest.raises(ServiceFailed, match="no-such-server is not installed"),
        running(["s"]),
    ):
        pass


def test_a_port_that_is_taken_is_told(
    monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    provide(monkeypatch, port, sys.executable)

    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(ServiceFailed, match=f"Port {port} is taken"),
        running(["s"]),
    ):
        pass


def test_a_server_that_does_not_answer_fails(
    monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    monkeypatch.setattr(services, "SECONDS", 0.1)
    provide(monkeypatch, port, sys.executable, "-c", "import time; time.sleep(60)")

    with pytest.raises(ServiceFailed, match="s does not answer"), running(["s"]):
        pass
