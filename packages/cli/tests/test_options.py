from __future__ import annotations

import os
import sys

import click
import pytest
from conftest import Invoke, Use, Write
from fakes import FakeApp

from tantalus_cli import get_version, version_option
from tantalus_cli._options import app_option


def test_the_version_is_what_the_settings_say(invoke: Invoke, use: Use) -> None:
    use(version_text=lambda: "Shop 3.1")

    result = invoke("--version")

    assert (result.exit_code, result.output) == (0, "Shop 3.1\n")


@pytest.mark.parametrize(("value", "completing"), [(False, False), (True, True)])
def test_no_version_is_shown_unasked(
    value: bool, completing: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    ctx = click.Context(click.Command("any"), resilient_parsing=completing)

    get_version(ctx, version_option, value)

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["TANTALUS_APP", "FLASK_APP"])
def test_the_app_is_named_by_the_environment(
    name: str, invoke: Invoke, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("site_env.py", "def app(environ, start_response): ...")
    monkeypatch.setenv(name, "site_env")

    result = invoke("check")

    assert result.output == "No problems found in 'app'.\n"


def test_the_app_stays_unnamed_without_a_value() -> None:
    with click.Context(click.Command("any"), obj=None) as ctx:
        app_option.process_value(ctx, None)

        assert ctx.obj is None


@pytest.mark.parametrize(
    ("option", "value", "debug"), [("--debug", "1", True), ("--no-debug", "0", False)]
)
def test_debug_mode_is_told_to_everyone(
    option: str, value: str, debug: bool, invoke: Invoke, app: FakeApp
) -> None:
    invoke(option, "routes", app=app)

    assert app.debug is debug
    assert os.environ["TANTALUS_DEBUG"] == os.environ["FLASK_DEBUG"] == value


def test_debug_mode_stays_as_the_environment_says(
    invoke: Invoke, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")

    invoke("routes", app=app)

    assert app.debug
    assert "TANTALUS_DEBUG" not in os.environ


@pytest.mark.parametrize("variable", ["TANTALUS_RUN_PORT", "FLASK_RUN_PORT"])
def test_an_env_file_sets_options_of_commands(
    variable: str, invoke: Invoke, write: Write
) -> None:
    write("given.env", f"{variable}=many\n")

    result = invoke("-e", "given.env", "run")

    assert result.exit_code == 2
    assert "Invalid value for '--port' / '-p': 'many' is not a valid" in result.output


def test_an_env_file_that_does_not_exist_is_told(invoke: Invoke) -> None:
    result = invoke("-e", "missing.env", "secret")

    assert result.exit_code == 2
    assert "File 'missing.env' does not exist" in result.output


def test_a_broken_env_file_is_told(invoke: Invoke, write: Write) -> None:
    write("given.env", "SITE_A='open\n")

    result = invoke("-e", "given.env", "secret")

    assert result.exit_code == 2
    assert "given.env: Line 1 is not NAME=value" in result.output
    assert "Traceback" not in result.output


def test_an_env_file_needs_python_dotenv(
    invoke: Invoke, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("given.env", "SITE_A=1\n")
    monkeypatch.setitem(sys.modules, "dotenv", None)

    result = invoke("-e", "given.env", "secret")

    assert result.exit_code == 2
    assert "Run 'pip install python-dotenv'." in result.output


@pytest.mark.parametrize(("skip", "loaded"), [("0", True), ("1", False)])
def test_default_files_are_loaded_unless_turned_off(
    skip: str,
    loaded: bool,
    invoke: Invoke,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(".env", "SITE_A=1\n")
    monkeypatch.setenv("TANTALUS_SKIP_DOTENV", skip)

    invoke("secret")

    assert ("SITE_A" in os.environ) is loaded
