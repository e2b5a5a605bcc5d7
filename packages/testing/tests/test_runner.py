from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import click
import pytest

from tantalus_testing import CliRunner, MissingCommandError


@click.group()
def cli() -> None:
    pass


@cli.command()
@click.argument("name", default="World")
def hello(name: str) -> None:
    click.echo(f"Hello, {name}!")


@cli.command()
@click.pass_obj
def show_obj(found: object) -> None:
    click.echo(repr(found))


@cli.command()
def fail() -> None:
    raise ZeroDivisionError("on purpose")


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner(SimpleNamespace(cli=cli))


def test_the_group_of_the_app_is_invoked(runner: CliRunner) -> None:
    result = runner.invoke(args=["hello", "Ada"])

    assert result.output == "Hello, Ada!\n"
    assert result.exit_code == 0


def test_a_line_is_split_like_a_shells(runner: CliRunner) -> None:
    assert runner.invoke(args="hello 'Ada L.'").output == "Hello, Ada L.!\n"


def test_any_command_can_be_invoked() -> None:
    assert CliRunner(None).invoke(hello).output == "Hello, World!\n"


def test_commands_get_no_object_by_default(runner: CliRunner) -> None:
    assert runner.invoke(args=["show-obj"]).output == "None\n"


def test_a_group_may_make_an_object_of_its_own() -> None:
    class Group(click.Group):
        def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
            return super().make_context(*args, **{"obj": "own", **kwargs})

    group = Group(commands=[show_obj])

    assert CliRunner(None).invoke(group, ["show-obj"]).output == "'own'\n"


def test_a_subclass_makes_the_object_of_each_call() -> None:
    class Own(CliRunner):
        def make_obj(self) -> object:
            return ["made for", self.app]

    result = Own("app").invoke(show_obj)

    assert result.output == "['made for', 'app']\n"


def test_an_object_can_be_given(runner: CliRunner) -> None:
    assert runner.invoke(show_obj, obj={"own": 1}).output == "{'own': 1}\n"


def test_the_exception_of_a_command_is_kept_with_its_traceback(
    runner: CliRunner,
) -> None:
    result = runner.invoke(args=["fail"])

    assert result.exit_code == 1
    assert isinstance(result.exception, ZeroDivisionError)
    assert result.exc_info is not None
    assert result.exc_info[2].tb_next is not None


def test_options_go_to_clicks_runner() -> None:
    runner = CliRunner(SimpleNamespace(cli=cli), env={"NAME": "x"})

    with pytest.raises(ZeroDivisionError, match="on purpose"):
        runner.invoke(args=["fail"], catch_exceptions=False)


def test_an_app_without_commands_is_told() -> None:
    with pytest.raises(
        MissingCommandError,
        match=r"No command to invoke: 7 has no 'cli' group\. Pass the command",
    ):
        CliRunner(7).invoke(args=["hello"])
