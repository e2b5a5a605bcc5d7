from __future__ import annotations

import logging
import os
import signal
import socket
import ssl
from asyncio import CancelledError
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from werkzeug.serving import BaseWSGIServer, make_ssl_devcert

from tantalus_cli import _asgi_server
from tantalus_cli._asgi_debug import DebuggedASGI
from tantalus_cli._asgi_server import Options, serve_asgi
from tantalus_cli._errors import NotStarted


async def app(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("nobody asks")


class Servers(list[uvicorn.Server]):
    """The servers that were run; `then` is what each does instead of serving."""

    then: Callable[[uvicorn.Server], object] = staticmethod(lambda server: None)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    ran = Servers()

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        assert sockets[0].fileno() > 0
        server.config.load()
        ran.append(server)
        ran.then(server)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    logger = logging.getLogger("uvicorn.error")
    yield ran
    for one in list(logger.filters):
        logger.removeFilter(one)


def options(**chosen: Any) -> Options:
    settings: dict[str, Any] = {"host": "127.0.0.1", "port": 0}
    return Options(**(settings | chosen))


def test_an_app_is_served_with_a_grace_for_open_answers(
    servers: Servers, capsys: pytest.CaptureFixture[str]
) -> None:
    serve_asgi(app, options(grace=3))

    (server,) = servers
    assert server.config.app is app
    assert server.config.timeout_graceful_shutdown == 3
    assert "Running on http://127.0.0.1:" in capsys.readouterr().out


def test_errors_are_shown_in_the_debugger_where_that_is_wanted(
    servers: Servers,
) -> None:
    serve_asgi(app, options(use_debugger=True))

    assert isinstance(servers[0].config.app, DebuggedASGI)


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("0.0.0.0", ["Running on all addresses (0.0.0.0)", "http://127.0.0.1:"]),
        ("::1", ["Running on http://[::1]:"]),
        ("::", ["Running on all addresses (::)", "http://[::1]:"]),
    ],
)
def test_where_the_server_is_reached_is_told(
    host: str, told: list[str], servers: Servers, capsys: pytest.CaptureFixture[str]
) -> None:
    serve_asgi(app, options(host=host))

    out = capsys.readouterr().out
    assert [text for text in told if text in out] == told


def test_a_socket_file_is_told_as_it_is(
    servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve_asgi(app, options(host=f"unix://{tmp_path}/s"))

    assert f"Running on unix://{tmp_path}/s" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["adhoc", "files", "context"])
def test_every_kind_of_certificate_is_served(
    kind: str, servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificates: dict[str, Callable[[], object]] = {
        "adhoc": lambda: "adhoc",
        "files": lambda: make_ssl_devcert(str(tmp_path / "shop"), host="localhost"),
        "context": lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
    }

    serve_asgi(app, options(certificate=certificates[kind]()))

    assert isinstance(servers[0].config.ssl, ssl.SSLContext)
    assert "Running on https://" in capsys.readouterr().out


def test_ctrl_c_ends_it_without_an_error(servers: Servers) -> None:
    def interrupt(server: uvicorn.Server) -> None:
        raise KeyboardInterrupt

    servers.then = interrupt

    serve_asgi(app, options())


def fail_to_start(server: uvicorn.Server) -> None:
    raise SystemExit(3)


def test_an_app_whose_start_up_fails_ends_the_first_start(servers: Servers) -> None:
    servers.then = fail_to_start

    with pytest.raises(NotStarted, match="start-up of the app failed"):
        serve_asgi(app, options())


def test_an_answer_that_is_cut_at_the_end_is_no_error(servers: Servers) -> None:
    serve_asgi(app, options())
    logger = logging.getLogger("uvicorn.error")

    def passes(error: BaseException | None) -> bool:
        info = None if error is None else (type(error), error, None)
        record = logger.makeRecord("uvicorn", 40, "", 1, "Exception", (), info)
        return bool(logger.filter(record))

    assert passes(None)
    assert passes(ValueError())
    assert not passes(CancelledError())


class Reloader:
    """Stands for Werkzeug's: serves in a thread until a file changes, which is now."""

    def __init__(self) -> None:
        self.lets_it_end = False
        self.handlers: dict[int, Any] = {}
        self.watched: dict[str, Any] = {}

    def run(self, serve: Callable[[], None], **watched: Any) -> None:
        self.watched = watched
        if os.environ.get("WERKZEUG_RUN_MAIN") == "true":
            thread = Thread(target=serve, daemon=True)
            thread.start()
            if self.lets_it_end:
                thread.join()
        raise SystemExit(3)

    def handle(self, number: int, handler: Any) -> None:
        self.handlers[number] = handler


@pytest.fixture
def reloader(monkeypatch: pytest.MonkeyPatch) -> Reloader:
    reloader = Reloader()
    monkeypatch.setattr(_asgi_server, "run_with_reloader", reloader.run)
    monkeypatch.setattr(signal, "signal", reloader.handle)
    return reloader


def test_the_first_process_leaves_the_socket_and_ctrl_c_to_those_it_starts(
    servers: Servers, reloader: Reloader
) -> None:
    with pytest.raises(SystemExit):
        serve_asgi(app, options(use_reloader=True, extra_files=["a.txt"]))

    assert servers == []
    assert int(os.environ["WERKZEUG_SERVER_FD"]) > 0
    assert reloader.watched == {"extra_files": ["a.txt"], "exclude_patterns": None}

    reloader.handlers.pop(signal.SIGINT)()

    assert reloader.handlers == {signal.SIGINT: signal.default_int_handler}


@pytest.fixture
def reloaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be the process that the reloader starts, with a socket of the first one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
        monkeypatch.setenv("WERKZEUG_SERVER_FD", str(os.dup(listener.fileno())))
        yield


@pytest.mark.usefixtures("reloaded")
def test_a_changed_file_ends_the_server_in_its_grace(
    servers: Servers, reloader: Reloader, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = []

    def wait_for_the_end(server: uvicorn.Server) -> None:
        while not server.should_exit:
            pass
        ended.append(server)

    servers.then = wait_for_the_end

    with pytest.raises(SystemExit):
        serve_asgi(app, options(use_reloader=True))

    assert ended == servers
    assert reloader.handlers == {}
    assert "Running on" not in capsys.readouterr().out


def test_ctrl_c_while_a_child_ends_for_a_reload_ends_the_next_one(
    servers: Servers, reloader: Reloader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit):
        serve_asgi(app, options(use_reloader=True))
    reloader.handlers.pop(signal.SIGINT)()
    reloader.watched = {}

    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
        monkeypatch.setenv("WERKZEUG_SERVER_FD", str(os.dup(listener.fileno())))
        serve_asgi(app, options(use_reloader=True))

    assert servers == []
    assert reloader.watched == {}


@pytest.mark.usefixtures("reloaded")
def test_an_app_whose_start_up_fails_after_a_change_is_told_in_the_browser(
    servers: Servers,
    reloader: Reloader,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reloader.lets_it_end = True
    served: list[BaseWSGIServer] = []
    monkeypatch.setattr(BaseWSGIServer, "serve_forever", lambda one: served.append(one))
    servers.then = fail_to_start

    with suppress(SystemExit):
        serve_asgi(app, options(use_reloader=True))

    assert "The start-up of the app failed." in capsys.readouterr().err
    (page,) = served
    with pytest.raises(NotStarted):
        page.app({}, lambda *_: print)
    page.server_close()
