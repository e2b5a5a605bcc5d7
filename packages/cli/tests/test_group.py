from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from conftest import Invoke, Use, Write
from fakes import FakeApp, FakePlugin, plain_app

from tantalus_cli import (
    ScriptInfo,
    TantalusGroup,
    _group,
    cli,
    current_settings,
    main,
)

Plug = Callable[..., list[FakePlugin]]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Install packages that announce commands."""

    def plug(**commands: object) -> list[FakePlugin]:
        points = {name: FakePlugin(name, found) for name, found in commands.items()}
        monkeypatch.setattr(_group, "find_plugins", lambda groups: dict(points))
        return list(points.values())

    return plug


def names_in(help_text: str) -> list[str]:
    return re.findall(r"^  ([a-z-]+)\b", help_text.split("Commands:\n")[1], re.M)


def test_help_lists_commands_built_in_of_plugins_and_of_the_app(
    invoke: Invoke, app: FakeApp, plug: Plug
) -> None:
    plug(mail=click.Command("mail"))
    app.cli.add_command(click.Command("init-db"))

    result = invoke("--help", app=app)

    assert result.exit_code == 0
    assert names_in(result.output) == [
        "check",
        "init-db",
        "mail",
        "routes",
        "run",
        "secret",
        "shell",
        "templates",
    ]


def test_a_call_without_arguments_shows_help(invoke: Invoke, app: FakeApp) -> None:
    app.cli.add_command(click.Command("init-db"))

    assert "init-db" in names_in(invoke(app=app).output)


def test_help_works_without_an_app_and_tells_so(invoke: Invoke) -> None:
    result = invoke("--help")

    assert result.exit_code == 0
    assert result.output.startswith("Error: Could not locate an application. Use the")
    assert "run" in names_in(result.output)


def test_help_works_with_an_app_that_fails_and_shows_its_traceback(
    invoke: Invoke, write: Write
) -> None:
    write("app.py", "1 / 0\n")

    result = invoke("--help")

    assert result.exit_code == 0
    assert "ZeroDivisionError: division by zero" in result.output
    assert "run" in names_in(result.output)


def test_help_of_a_plain_callable_lists_what_is_built_in(
    invoke: Invoke, plug: Plug
) -> None:
    plug()

    result = invoke("--help", app=plain_app)

    assert "Error" not in result.output
    assert names_in(result.output) == sorted(current_settings().commands)


def test_help_knows_the_app_that_the_environment_names(
    invoke: Invoke, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(".env", "TANTALUS_APP=site_named\n")
    write("site_named.py", "def app(environ, start_response): ...")

    assert "Error" not in invoke("--help").output


def test_an_unknown_command_without_an_app_tells_why(invoke: Invoke) -> None:
    result = invoke("missing")

    assert result.exit_code == 2
    assert "TANTALUS_APP" in result.output
    assert "No such command 'missing'" in result.output


def test_an_unknown_command_of_an_app_is_told(invoke: Invoke, app: FakeApp) -> None:
    assert invoke("missing", app=app).exit_code == 2
    assert "No such command" in invoke("missing", app=plain_app).output


def test_a_command_of_the_app_has_its_context_from_the_first_parameter_on(
    invoke: Invoke, app: FakeApp
) -> None:
    def count(ctx: click.Context, param: click.Parameter, value: str) -> int:
        return app.contexts

    @app.cli.command("show")
    @click.argument("value", callback=count)
    def show(value: int) -> None:
        info = click.get_current_context().find_object(ScriptInfo)
        assert info is not None
        click.echo(f"{value} {app.entered} {info.load_app() is app}")

    assert invoke("show", "x", app=app).output == "1 1 True\n"
    assert app.contexts == 0


def test_a_command_that_raises_shows_its_own_traceback(
    invoke: Invoke, app: FakeApp
) -> None:
    @app.cli.command("fail")
    def fail() -> None:
        raise ZeroDivisionError("mine")

    result = invoke("fail", app=app)

    assert result.exit_code == 1
    assert repr(result.exception) == "ZeroDivisionError('mine')"


def test_plugins_are_loaded_when_they_are_called(invoke: Invoke, plug: Plug) -> None:
    @click.command()
    def mail() -> None:
        click.echo("sent")

    first, second = plug(mail=mail, db=click.Command("db"))

    assert invoke("mail").output == "sent\n"
    assert (first.loaded, second.loaded) == (1, 0)


def test_a_plugin_replaces_a_built_in_command(invoke: Invoke, plug: Plug) -> None:
    @click.command()
    def better_shell() -> None:
        click.echo("better")

    plug(shell=better_shell)

    assert invoke("shell").output == "better\n"


def test_a_broken_plugin_leaves_the_other_commands(invoke: Invoke, plug: Plug) -> None:
    plug(mail=ImportError("no driver"))

    assert "ImportError: no driver" in invoke("--help").output
    assert invoke("secret").exit_code == 0
    assert invoke("mail").exit_code == 2


@pytest.mark.parametrize("name", ["check", "secret", "templates"])
def test_an_app_keeps_its_own_command_where_flask_has_none(
    name: str, invoke: Invoke, app: FakeApp
) -> None:
    @app.cli.command(name)
    def own() -> None:
        click.echo(app.contexts)

    assert invoke(name, app=app).output == "1\n"


def test_a_secret_is_made_without_a_working_app(invoke: Invoke, write: Write) -> None:
    write("app.py", "1 / 0\n")

    result = invoke("secret")

    assert result.exit_code == 0
    assert len(result.output) == 65


def test_the_built_in_commands_are_a_setting(use: Use) -> None:
    use(commands=("run", "routes"))

    assert sorted(TantalusGroup(name="some").commands) == ["routes", "run"]
    assert TantalusGroup(name="none", add_default_commands=False).commands == {}


def test_a_group_may_do_without_version_and_have_options_of_its_own() -> None:
    own = click.Option(["--own"])

    group = TantalusGroup(name="group", add_version_option=False, params=[own])

    assert [param.name for param in group.params] == ["own", "env_file", "app", "debug"]


def test_a_group_of_the_user_keeps_its_callback(app: FakeApp) -> None:
    @click.group(cls=TantalusGroup, create_app=lambda: app)
    def manage() -> None:
        click.echo("manage")

    @manage.command()
    def show() -> None:
        click.echo(app.contexts)

    assert CliRunner().invoke(manage, ["show"]).output == "manage\n1\n"


def test_a_group_works_below_another_one(app: FakeApp) -> None:
    outer = click.Group("outer")
    inner = TantalusGroup(name="inner", create_app=lambda: app)
    outer.add_command(inner)

    @inner.command()
    def show() -> None:
        click.echo(app.contexts)

    assert CliRunner().invoke(outer, ["inner", "show"]).output == "1\n"


def test_context_settings_of_the_user_are_kept(
    app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_SHOW_COLOUR", "red")
    info = ScriptInfo(create_app=lambda: app)
    group = TantalusGroup(
        name="shop", context_settings={"auto_envvar_prefix": "SHOP", "obj": info}
    )

    @group.command()
    @click.option("--colour")
    def show(colour: str) -> None:
        click.echo(f"{colour} {app.contexts}")

    assert CliRunner().invoke(group, ["show"]).output == "red 1\n"


def test_the_prefix_of_flask_sets_options_of_the_apps_commands(
    invoke: Invoke, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_SHOW_COLOUR", "red blue")

    @app.cli.command("show")
    @click.option("--colour", multiple=True)
    def show(colour: tuple[str, ...]) -> None:
        click.echo(colour)

    assert invoke("show", app=app).output == "('red', 'blue')\n"
    assert "TANTALUS_SHOW_COLOUR" not in os.environ


def test_nothing_stays_lent_after_a_mistake_in_the_options(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_RUN_PORT", "1")

    assert invoke("--unknown").exit_code == 2
    assert "TANTALUS_RUN_PORT" not in os.environ


def test_an_imported_module_is_told_not_to_start_a_server(
    invoke: Invoke, app: FakeApp
) -> None:
    invoke("routes", app=app)

    assert os.environ["TANTALUS_RUN_FROM_CLI"] == "true"
    assert os.environ["FLASK_RUN_FROM_CLI"] == "true"


def test_a_shell_completes_commands_and_options(write: Write) -> None:
    complete = ShellComplete(cli, {}, "tantalus", "_TANTALUS_COMPLETE")

    commands = [item.value for item in complete.get_completions([], "r")]
    options = [item.value for item in complete.get_completions(["run"], "--ho")]

    assert commands == ["routes", "run"]
    assert options == ["--host"]


def test_completion_keeps_quiet_about_a_missing_app(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    complete = ShellComplete(cli, {}, "tantalus", "_TANTALUS_COMPLETE")

    complete.get_completions([], "")

    assert capsys.readouterr().err == ""


def test_the_program_ends_with_the_status_of_its_command(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["tantalus", "routes"])

    with pytest.raises(SystemExit) as caught:
        main()

    assert caught.value.code == 2


def test_the_package_runs_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tantalus", "secret"])

    with pytest.raises(SystemExit) as caught:
        runpy.run_module("tantalus_cli", run_name="__main__")

    assert caught.value.code == 0
    assert len(capsys.readouterr().out) == 65


def test_an_error_of_the_app_ends_the_program_with_its_traceback(write: Write) -> None:
    write("site_fail.py", "import click\nraise ValueError('mine')\n")
    command = [sys.executable, "-m", "tantalus_cli", "--app", "site_fail", "routes"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("ValueError: mine")
    assert "site_fail.py" in done.stderr
