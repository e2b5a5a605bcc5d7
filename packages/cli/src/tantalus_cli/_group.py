"""The group behind the program: built-in commands, those of plugins, those of the app.

A command is looked for in that order of cost: the app is loaded only for a command that
is neither built in nor announced by an installed package.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import click

from tantalus_cli._app import HasCommands, has
from tantalus_cli._check import check_command
from tantalus_cli._context import AppGroup, enter_app_context
from tantalus_cli._env import share_prefixes
from tantalus_cli._errors import NoAppException
from tantalus_cli._faces import AnyCallable
from tantalus_cli._options import (
    app_option,
    debug_option,
    env_file_option,
    version_option,
)
from tantalus_cli._plugins import EntryPoint, find_plugins, load_plugin
from tantalus_cli._routes import routes_command
from tantalus_cli._run import run_command
from tantalus_cli._script import ScriptInfo
from tantalus_cli._secret import secret_command
from tantalus_cli._settings import current_settings
from tantalus_cli._shell import shell_command
from tantalus_cli._templates import templates_command

_BUILT_IN = {
    "run": run_command,
    "shell": shell_command,
    "routes": routes_command,
    "check": check_command,
    "secret": secret_command,
    "templates": templates_command,
}

# Flask has no such commands, so an app that comes from there may use these names.
_YIELDING = (check_command, secret_command, templates_command)


class TantalusGroup(AppGroup):
    """A group that finds an app and offers its commands beside the built-in ones.

    Args:
        add_default_commands: Offer the built-in commands.
        create_app: Makes the app, instead of searching it.
        add_version_option: Offer `--version`.
        load_dotenv: Set variables from the default `.env` files.
        set_debug_flag: Set the debug mode of the app from the environment.
        extra: What `click.Group` takes.
    """

    def __init__(
        self,
        add_default_commands: bool = True,
        create_app: Callable[[], AnyCallable] | None = None,
        add_version_option: bool = True,
        load_dotenv: bool = True,
        set_debug_flag: bool = True,
        **extra: Any,
    ) -> None:
        params: list[click.Parameter] = [*(extra.pop("params", None) or ())]
        params += [env_file_option, app_option, debug_option]
        if add_version_option:
            params.append(version_option)
        super().__init__(params=params, **extra)
        self.create_app = create_app
        self.load_dotenv = load_dotenv
        self.set_debug_flag = set_debug_flag
        self._plugins: dict[str, EntryPoint] | None = None
        for name in current_settings().commands if add_default_commands else ():
            self.add_command(_BUILT_IN[name])

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Make the context of a call; what it is given wins over the group's own."""
        # A module that starts its own server when imported must not do so now.
        current_settings().set_variable("RUN_FROM_CLI", "true")
        chosen = {**self._own_context(), **self.context_settings, **extra}
        return super().make_context(info_name, args, parent, **chosen)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options; for a bare `--help`, load what its list depends on."""
        share_prefixes(ctx)
        try:
            if self._shows_help(ctx, args):
                # Help is printed before options are processed that were not given.
                env_file_option.handle_parse_result(ctx, {}, [])
                app_option.handle_parse_result(ctx, {}, [])
            return super().parse_args(ctx, args)
        except BaseException:
            ctx.close()  # Click closes only a context that it has entered
            raise

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return a command; one of the app comes with the app's context entered.

        An app that cannot be located is reported, and then has no commands.
        """
        self._load_plugin(name)
        command = super().get_command(ctx, name)
        if command in _YIELDING:
            with suppress(Exception):  # without the app, it has no such command
                return _app_command(ctx, name) or command
        if command is not None:
            return command
        try:
            return _app_command(ctx, name)
        except NoAppException as err:
            _report(ctx, f"Error: {err.format_message()}\n")
            return None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted; an app that fails is reported."""
        names = {*super().list_commands(ctx), *self._announced()}
        try:
            app = ctx.ensure_object(ScriptInfo).load_app()
            if has(app, "cli"):
                names.update(cast(HasCommands, app).cli.list_commands(ctx))
        except NoAppException as err:
            _report(ctx, f"Error: {err.format_message()}\n")
        except Exception:
            _report(ctx, f"{traceback.format_exc()}\n")
        return sorted(names)

    def _own_context(self) -> dict[str, Any]:
        """Return how every call begins: which variables count, and where the app is."""
        info = ScriptInfo(None, self.create_app, self.set_debug_flag, self.load_dotenv)
        return {"obj": info, "auto_envvar_prefix": current_settings().prefixes[0]}

    def _shows_help(self, ctx: click.Context, args: list[str]) -> bool:
        if not args:
            return self.no_args_is_help
        return len(args) == 1 and args[0] in self.get_help_option_names(ctx)

    def _announced(self) -> dict[str, EntryPoint]:
        if self._plugins is None:
            self._plugins = find_plugins(current_settings().entry_point_groups)
        return self._plugins

    def _load_plugin(self, name: str) -> None:
        point = self._announced().pop(name, None)
        command = load_plugin(point) if point is not None else None
        if command is not None:
            self.add_command(command, name)


def _app_command(ctx: click.Context, name: str) -> click.Command | None:
    app = ctx.ensure_object(ScriptInfo).load_app()
    if not has(app, "cli"):
        return None
    enter_app_context(ctx, app)
    return cast(HasCommands, app).cli.get_command(ctx, name)


def _report(ctx: click.Context, text: str) -> None:
    # While a shell completes a word, its line is no place for messages.
    if not ctx.resilient_parsing:
        click.secho(text, err=True, fg="red")


cli = TantalusGroup(
    name="tantalus",
    help="""\
Run a web application, look into it, and call its commands.

The application to load is given with the '--app' option, the 'TANTALUS_APP'
environment variable, 'app' below [tool.tantalus] in pyproject.toml, or by a
'wsgi.py' or 'app.py' file in the current directory.
""",
)


def main() -> None:
    """Run the program `tantalus`."""
    cli.main()
