from __future__ import annotations

from typing import Any
from wsgiref.types import WSGIApplication

import pytest
import werkzeug.serving
from conftest import Write
from fakes import OpeningApp, plain_app
from fastapi import FastAPI

from tantalus_cli import serve
from tantalus_cli._debugger import Debugger

Served = dict[str, Any]


class Debugged:
    """An app that can be debugged."""

    def __init__(self) -> None:
        self.debug = False

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        raise AssertionError("nobody asks")


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


def test_any_app_is_served_on_port_5000_of_this_machine(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(plain_app, name="hello")

    assert capsys.readouterr().out == (" * Serving app 'hello'\n * Debug mode: off\n")
    assert served == {
        "host": "127.0.0.1",
        "port": 5000,
        "app": plain_app,
        "use_reloader": False,
        "debugged": False,
        "threaded": True,
    }


def test_every_part_of_the_server_can_be_chosen(served: Served) -> None:
    serve(plain_app, "::1", 0, debug=True, use_reloader=False, ssl_context="adhoc")

    assert served == {
        "host": "::1",
        "port": 0,
        "app": plain_app,
        "use_reloader": False,
        "debugged": True,
        "threaded": True,
        "ssl_context": "adhoc",
    }


@pytest.mark.parametrize(
    ("variable", "before", "wanted", "after"),
    [
        (None, False, None, False),
        (None, True, None, True),
        (None, False, True, True),
        (None, True, False, False),
        ("1", False, None, True),
        ("0", True, None, False),
        ("1", False, False, False),
    ],
)
def test_an_app_is_debugged_as_the_call_the_environment_or_itself_says(
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
    before: bool,
    wanted: bool | None,
    after: bool,
) -> None:
    app = Debugged()
    app.debug = before
    if variable is not None:
        monkeypatch.setenv("TANTALUS_DEBUG", variable)

    serve(app, debug=wanted)

    assert app.debug is after
    assert (served["use_reloader"], served["debugged"]) == (after, after)


def test_the_variables_of_a_file_count(served: Served, write: Write) -> None:
    write(".env", "TANTALUS_DEBUG=1")

    serve(plain_app)

    assert served["debugged"] is True


def test_files_and_variables_may_be_passed_over(served: Served, write: Write) -> None:
    write(".env", "TANTALUS_DEBUG=1")

    serve(plain_app, load_dotenv=False)

    assert served["debugged"] is False


def test_the_run_command_serves_and_no_program_does(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TANTALUS_RUN_FROM_CLI", "true")

    serve(plain_app)
    told = capsys.readouterr().out
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    serve(plain_app)

    assert served == {}
    assert "Ignoring a call that serves the app" in told
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "is_child", "started"),
    [
        ({}, False, 1),
        ({"debug": True}, False, 0),
        ({"debug": True}, True, 1),
        ({"debug": True, "use_reloader": False}, False, 1),
        ({"processes": 2, "threaded": False}, False, 0),
    ],
    ids=["plainly", "parent", "child", "no reloader", "processes"],
)
def test_an_app_opens_where_one_process_serves_it(
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    is_child: bool,
    started: int,
) -> None:
    app = OpeningApp()
    if is_child:
        monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")

    serve(app, **options)

    assert (served["app"], app.started) == (app, started)


def test_an_app_that_cannot_open_is_not_served(served: Served) -> None:
    with pytest.raises(OSError, match="no disk"):
        serve(OpeningApp(OSError("no disk")))

    assert served == {}


def test_an_app_of_asgi_alone_is_refused(served: Served) -> None:
    app: Any = FastAPI()

    with pytest.raises(TypeError, match="'FastAPI' is an ASGI application, and serve"):
        serve(app)

    assert served == {}
