from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import click
import pytest
from click.testing import CliRunner
from conftest import Invoke, Use
from fakes import FakeApp, plain_app
from werkzeug.routing import Rule

from tantalus_cli import AppGroup, ScriptInfo, TantalusGroup, with_appcontext
from tantalus_cli._context import enter_app_context

F = TypeVar("F", bound=Callable[..., Any])


def call(command: click.Command, app: FakeApp, *args: str) -> str:
    info = ScriptInfo(create_app=lambda: app)
    result = CliRunner().invoke(command, args, obj=info, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_command_runs_inside_the_context(app: FakeApp) -> None:
    @click.command()
    @with_appcontext
    def show() -> None:
        """Show it."""
        click.echo(app.contexts)

    assert call(show, app) == "1\n"
    assert app.contexts == 0
    assert show.help == "Show it."


def test_the_context_is_left_when_the_command_raises(app: FakeApp) -> None:
    @click.command()
    @with_appcontext
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        call(fail, app)

    assert app.contexts == 0


def test_a_context_is_entered_once_for_nested_commands(app: FakeApp) -> None:
    @click.command()
    @with_appcontext
    def inner() -> None:
        click.echo(f"{app.contexts} {app.entered}")

    @click.command()
    @click.pass_context
    @with_appcontext
    def outer(ctx: click.Context) -> None:
        ctx.invoke(inner)

    @click.command()
    @with_appcontext
    @click.pass_context
    def outermost(ctx: click.Context) -> None:
        ctx.invoke(inner)

    assert call(outermost, app) == "1 1\n"


def test_chained_commands_each_enter_a_context(app: FakeApp) -> None:
    @click.group(cls=AppGroup, chain=True)
    def group() -> None: ...

    @group.command()
    def one() -> None:
        click.echo(f"{app.contexts} {app.entered}")

    @group.command()
    def two() -> None:
        click.echo(f"{app.contexts} {app.entered}")

    assert call(group, app, "one", "two") == "1 1\n1 2\n"


def test_a_context_that_the_host_knows_of_is_not_entered_again(
    app: FakeApp, use: Use
) -> None:
    use(active_app=lambda: app)

    @click.command()
    @with_appcontext
    def show() -> None:
        click.echo(app.entered)

    assert call(show, app) == "0\n"


def test_an_app_without_contexts_is_told() -> None:
    @click.command("show")
    @with_appcontext
    def show() -> None: ...

    result = CliRunner().invoke(show, obj=ScriptInfo(create_app=lambda: plain_app))

    assert result.exit_code == 2
    assert (
        "The application 'plain_app' has no 'app_context', so 'show' cannot run in it."
        in result.output
    )


class Awaiting(FakeApp):
    """An app whose contexts are entered by `async with`, as Quart's."""

    @asynccontextmanager
    async def app_context(self) -> AsyncIterator[None]:  # type: ignore[override] # so it is
        raise AssertionError("nobody enters it")
        yield


def test_an_app_whose_contexts_are_awaited_is_told() -> None:
    @click.command("show")
    @with_appcontext
    def show() -> None: ...

    result = CliRunner().invoke(show, obj=ScriptInfo(create_app=Awaiting))

    assert result.exit_code == 2
    assert "has no 'synchronous app_context', so 'show' cannot run" in result.output


def test_commands_that_can_do_without_a_context_do_so(invoke: Invoke) -> None:
    result = invoke("routes", app=Awaiting(rules=[Rule("/one", endpoint="one")]))

    assert result.exit_code == 0
    assert "/one" in result.output


def test_entering_a_context_leaves_a_plain_callable_as_it_is() -> None:
    with click.Context(click.Command("any")) as ctx:
        enter_app_context(ctx, plain_app)

        assert ctx.meta == {}


def test_commands_of_a_group_run_inside_the_context(app: FakeApp) -> None:
    group = AppGroup("group")

    @group.command("named")
    def named() -> None:
        click.echo(app.contexts)

    @group.command
    def bare() -> None:
        click.echo(app.contexts)

    @group.command(with_appcontext=False)
    def without() -> None:
        click.echo(app.contexts)

    outputs = [call(group, app, name) for name in ("named", "bare", "without")]

    assert outputs == ["1\n", "1\n", "0\n"]


@pytest.mark.parametrize("cls", [AppGroup, TantalusGroup])
def test_a_group_in_a_group_is_an_app_group(cls: type[AppGroup], app: FakeApp) -> None:
    group = cls("outer")

    @group.group()
    def inner() -> None: ...

    @inner.command()
    def show() -> None:
        click.echo(app.contexts)

    assert type(inner) is AppGroup
    assert call(group, app, "inner", "show") == "1\n"


def test_a_subclass_brings_its_own_wrapper(app: FakeApp) -> None:
    calls: list[Callable[..., Any]] = []

    def wrap(f: F) -> F:
        calls.append(f)
        return f

    class OwnGroup(AppGroup):
        with_appcontext = staticmethod(wrap)

    @OwnGroup("own").command()
    def show() -> None: ...

    assert calls == [show.callback]
