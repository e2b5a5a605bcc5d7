from __future__ import annotations

import socket
import sys
from dataclasses import asdict
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
import werkzeug.serving
from conftest import Invoke, Write
from fakes import FakeApp, OpeningApp, plain_app
from fastapi import FastAPI
from werkzeug.test import run_wsgi_app

from tantalus_cli import _asgi_server, run_command, show_server_banner
from tantalus_cli._asgi_server import Options
from tantalus_cli._debugger import Debugger

Served = dict[str, Any]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """What the server was started with; it does not start."""
    call: Served = {}

    def run_simple(
        host: str, port: int, application: WSGIApplication, **options: object
    ) -> None:
        debugged = isinstance(application, Debugger)
        inner = application.app if isinstance(application, Debugger) else application
        call.update(options, host=host, port=port, app=inner, debugged=debugged)

    monkeypatch.setattr(werkzeug.serving, "run_simple", run_simple)
    return call


def test_a_server_starts_on_port_5000_of_this_machine(
    invoke: Invoke, served: Served
) -> None:
    result = invoke("run", app=plain_app)

    assert result.output == " * Debug mode: off\n"
    assert served == {
        "host": "127.0.0.1",
        "port": 5000,
        "app": plain_app,
        "use_reloader": False,
        "debugged": False,
        "threaded": True,
        "ssl_context": None,
        "extra_files": None,
        "exclude_patterns": None,
    }


def test_every_part_of_the_server_can_be_chosen(invoke: Invoke, served: Served) -> None:
    options = (
        "--host 0.0.0.0 --port 0 --cert adhoc --reload --without-threads"
        " --extra-files a.txt:b.txt --exclude-patterns *.log"
    )

    invoke("run", *options.split(), app=plain_app)

    assert served == {
        "host": "0.0.0.0",
        "port": 0,
        "app": plain_app,
        "use_reloader": True,
        "debugged": False,
        "threaded": False,
        "ssl_context": "adhoc",
        "extra_files": ["a.txt", "b.txt"],
        "exclude_patterns": ["*.log"],
    }


@pytest.mark.parametrize("args", [("--debug", "run"), ("run", "--debug")])
def test_debug_mode_brings_reloader_and_debugger(
    args: tuple[str, ...], invoke: Invoke, served: Served, app: FakeApp
) -> None:
    result = invoke(*args, app=app)

    assert result.output == " * Debug mode: on\n"
    assert served["use_reloader"] is served["debugged"] is app.debug is True


def test_reloader_and_debugger_can_be_left_out(invoke: Invoke, served: Served) -> None:
    invoke("run", "--debug", "--no-reload", "--no-debugger", app=plain_app)

    assert served["use_reloader"] is served["debugged"] is False


def test_the_debugger_is_refused_outside_debug_mode(
    invoke: Invoke, served: Served
) -> None:
    result = invoke("run", "--debugger", app=plain_app)

    assert result.exit_code == 2
    assert "only available in debug mode. Add '--debug', or leave" in result.output
    assert served == {}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("0.0.0.0", 2),
        ("localhost.example", 2),
        ("127.0.0.1", 0),
        ("::1", 0),
        ("localhost", 0),
        ("unix://socket", 0),
    ],
)
def test_the_debugger_without_its_pin_stays_on_this_machine(
    host: str,
    status: int,
    invoke: Invoke,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WERKZEUG_DEBUG_PIN", "off")

    result = invoke("run", "--debug", "--host", host, app=plain_app)

    assert result.exit_code == status
    assert (f"everybody who can reach {host!r}" in result.output) is (status == 2)


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_cannot_be_is_told(port: str, invoke: Invoke) -> None:
    result = invoke("run", "--port", port, app=plain_app)

    assert result.exit_code == 2
    assert "Invalid value for '--port'" in result.output


def test_a_host_that_nobody_knows_is_told(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    def know_nothing(host: str, port: None) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", know_nothing)

    result = invoke("run", "--host", "shop.example", app=plain_app)

    assert result.exit_code == 2
    assert "Invalid value for '--host': 'shop.example' is no address" in result.output
    assert "Name or service not known. Use '127.0.0.1' to be" in result.output


@pytest.mark.parametrize("host", ["a..b", "a" * 300])
def test_a_host_that_cannot_be_is_told(host: str, invoke: Invoke) -> None:
    result = invoke("run", "--host", host, app=plain_app)

    assert result.exit_code == 2
    assert f"Invalid value for '--host': {host!r} is no address" in result.output


def test_a_socket_file_is_no_host_to_look_up(invoke: Invoke, served: Served) -> None:
    invoke("run", "--host", "unix:///run/app.sock", app=plain_app)

    assert served["host"] == "unix:///run/app.sock"


def test_an_app_that_fails_ends_the_first_start(
    invoke: Invoke, write: Write, served: Served
) -> None:
    write("app.py", "def broken(:\n")

    result = invoke("run")

    assert isinstance(result.exception, SyntaxError)
    assert served == {}


def test_an_app_that_fails_after_a_reload_is_shown_until_it_is_corrected(
    invoke: Invoke,
    write: Write,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("app.py", "def broken(:\n")
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")

    result = invoke("run", "--debug")

    assert result.exit_code == 0
    assert "SyntaxError: invalid syntax" in result.output
    depths = [_depth_of_failure(served["app"]) for _ in range(3)]
    assert depths[1] == depths[2]


def test_an_app_opens_before_the_server_starts(invoke: Invoke, served: Served) -> None:
    app = OpeningApp()

    invoke("run", app=app)

    assert (served["app"], app.started) == (app, 1)


def test_the_process_that_only_reloads_opens_nothing(
    invoke: Invoke, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = OpeningApp()

    invoke("run", "--debug", app=app)
    in_parent = app.started
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    invoke("run", "--debug", app=app)

    assert (in_parent, app.started) == (0, 1)


def test_an_app_that_cannot_open_ends_the_command(
    invoke: Invoke, served: Served
) -> None:
    app = OpeningApp(OSError("no disk"))

    result = invoke("run", app=app)

    assert result.exit_code == 1
    assert str(result.exception) == "no disk"
    assert served == {}


def test_an_app_that_cannot_open_is_shown_by_a_process_that_is_reloaded(
    invoke: Invoke, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")

    result = invoke("run", "--debug", app=OpeningApp(OSError("no disk")))

    assert result.exit_code == 0
    assert "OSError: no disk" in result.output
    with pytest.raises(OSError, match="no disk"):
        run_wsgi_app(served["app"], {})


def test_a_method_of_that_name_alone_is_not_called(
    invoke: Invoke, served: Served
) -> None:
    app = OpeningApp()
    app.lifespan = None  # type: ignore[assignment]  # as if there were none

    invoke("run", app=app)

    assert app.started == 0


def _depth_of_failure(app: WSGIApplication) -> int:
    with pytest.raises(SyntaxError) as caught:
        run_wsgi_app(app, {})
    return len(caught.traceback)


@pytest.mark.parametrize(
    ("debug", "path", "banner"),
    [
        (True, "shop", " * Serving app 'shop'\n * Debug mode: on\n"),
        (False, None, " * Debug mode: off\n"),
        (None, None, ""),
    ],
)
def test_a_banner_tells_what_is_served(
    debug: bool | None,
    path: str | None,
    banner: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_server_banner(debug, path)

    assert capsys.readouterr().out == banner


def test_the_banner_is_shown_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")

    show_server_banner(True, "shop")

    assert capsys.readouterr().out == ""


def test_patterns_need_not_be_files() -> None:
    ctx = run_command.make_context("run", ["--exclude-patterns", "*.log:tmp/*"])

    assert ctx.params["exclude_patterns"] == ["*.log", "tmp/*"]


class Started(dict[str, Any]):
    """What a server of ASGI was started with; it does not start."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    call = Started()

    def serve_asgi(app: object, options: Options) -> None:
        call.update(asdict(options), app=app)

    monkeypatch.setattr(_asgi_server, "serve_asgi", serve_asgi)
    return call


class TwoFaced(FakeApp):
    """An app object that servers of both kinds can call."""

    async def asgi_app(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nobody asks")


def test_an_app_of_asgi_alone_is_served_so(invoke: Invoke, started: Started) -> None:
    app = FastAPI()

    result = invoke("run", "--debug", app=app)

    assert result.output == " * Debug mode: on\n"
    assert app.debug is True
    assert started == {
        "app": app,
        "host": "127.0.0.1",
        "port": 5000,
        "certificate": None,
        "use_reloader": True,
        "use_debugger": True,
        "grace": 1,
        "extra_files": None,
        "exclude_patterns": None,
    }


def test_an_app_of_both_kinds_is_served_as_is_asked_and_else_by_wsgi(
    invoke: Invoke, started: Started, served: Served
) -> None:
    app = TwoFaced()

    invoke("run", app=app)
    invoke("run", "--asgi", "--grace", "0", app=app)

    assert served["app"] is app
    assert started["app"] == app.asgi_app
    assert started["grace"] == 0


@pytest.mark.parametrize("options", [[], ["--wsgi"]])
def test_what_does_not_look_like_an_app_is_served_by_wsgi_as_ever(
    options: list[str], invoke: Invoke, served: Served
) -> None:
    def odd(e: Any, s: Any) -> list[bytes]:
        raise AssertionError("nobody asks")

    invoke("run", *options, app=odd)

    assert served["app"] is odd


@pytest.mark.parametrize(
    ("options", "app", "told"),
    [
        (["--wsgi"], FastAPI(), "'FastAPI' is no WSGI application. Use '--asgi'."),
        (["--asgi"], plain_app, "'plain_app' is no ASGI application. Use '--wsgi'."),
        (["--without-threads"], FastAPI(), "'--with-threads' is nothing to the server"),
        (["--grace", "3"], plain_app, "'--grace' is nothing to the server of WSGI."),
    ],
)
def test_what_does_not_fit_an_app_is_told(
    options: list[str], app: Any, told: str, invoke: Invoke, started: Started
) -> None:
    result = invoke("run", *options, app=app)

    assert result.exit_code == 2
    assert told in result.output
    assert started == {}


def test_without_uvicorn_it_is_told_what_to_install(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)

    result = invoke("run", app=FastAPI())

    assert result.exit_code == 2
    assert "not\ninstalled" in result.output or "not installed" in result.output
    assert "pip install 'tantalus-cli[asgi]'" in result.output
