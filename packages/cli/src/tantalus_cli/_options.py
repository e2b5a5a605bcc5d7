"""The options that every call of the program takes before its command.

They work in callbacks, not in the callback of the group, so that a group of the user's
with a callback of its own keeps them.
"""

from __future__ import annotations

import click
from click.core import ParameterSource

from tantalus_cli._env import has_dotenv, load_dotenv, share_prefixes
from tantalus_cli._script import ScriptInfo
from tantalus_cli._settings import current_settings


def get_version(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Print the versions and end the program, if the option was given."""
    if value and not ctx.resilient_parsing:
        text = current_settings().version_text()
        click.echo(text, color=ctx.color)
        ctx.exit()


def _set_app(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> str | None:
    if value is not None:
        ctx.ensure_object(ScriptInfo).app_import_path = value
    return value


def _set_debug(ctx: click.Context, param: click.Parameter, value: bool) -> bool | None:
    """Set debug mode in the environment, where a factory can already see it."""
    source = ctx.get_parameter_source(param.name or "")
    if source in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP):
        return None
    current_settings().set_variable("DEBUG", "1" if value else "0")
    return value


def _load_env_file(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> str | None:
    defaults = ctx.ensure_object(ScriptInfo).load_dotenv_defaults
    if value is not None and not has_dotenv():
        raise click.BadParameter(
            "python-dotenv must be installed to load an env file."
            " Run 'pip install python-dotenv'.",
            ctx=ctx,
            param=param,
        )
    if value is not None or defaults:
        load_dotenv(value, load_defaults=defaults)
        share_prefixes(ctx)
    return value


version_option = click.Option(
    ["--version"],
    help="Show the versions of what is installed.",
    expose_value=False,
    callback=get_version,
    is_flag=True,
    is_eager=True,
)

# The order matters among eager options: variables are loaded before the app is named,
# and the app is named before --help lists its commands.
env_file_option = click.Option(
    ["-e", "--env-file"],
    type=click.Path(exists=True, dir_okay=False),
    help=(
        "Load environment variables from this file, taking precedence over those of"
        " the default files. Variables set in the environment win over both."
        " python-dotenv must be installed."
    ),
    is_eager=True,
    expose_value=False,
    callback=_load_env_file,
)
app_option = click.Option(
    ["-A", "--app"],
    metavar="IMPORT",
    help=(
        "The application or factory to load, in the form 'module:name'. Module can be"
        " a dotted import or file path. Name is not required if it is 'app',"
        " 'application', 'create_app' or 'make_app', and can be 'name(args)' to pass"
        " arguments."
    ),
    is_eager=True,
    expose_value=False,
    callback=_set_app,
)
debug_option = click.Option(
    ["--debug/--no-debug"],
    help="Set debug mode.",
    expose_value=False,
    callback=_set_debug,
)
