"""Environment variables: the debug flag, `.env` files, and prefixes that stand in.

Order of precedence, highest first: what is set in the environment, the file given with
`--env-file`, then the files named in the settings, searched upwards from here.
"""

from __future__ import annotations

import os
from io import StringIO

import click

from tantalus_cli._errors import BrokenEnvFile
from tantalus_cli._settings import Settings, current_settings

_FALSE = frozenset({"0", "false", "no"})

# These are asked for under every prefix when they are needed, so that a program which
# sets one of them while it runs is heard.
_READ_DIRECTLY = frozenset({"DEBUG", "RUN_FROM_CLI", "SKIP_DOTENV"})

_Variables = dict[str, str | None]


def get_debug_flag() -> bool:
    """Tell whether the environment asks for debug mode (`TANTALUS_DEBUG`)."""
    value = current_settings().variable("DEBUG")
    return value is not None and value.lower() not in _FALSE


def get_load_dotenv(default: bool = True) -> bool:
    """Tell whether default files are to be loaded, unless `TANTALUS_SKIP_DOTENV`."""
    value = current_settings().variable("SKIP_DOTENV")
    return default if value is None else value.lower() in _FALSE


def load_dotenv(
    path: str | os.PathLike[str] | None = None, load_defaults: bool = True
) -> bool:
    """Set variables from `.env` files that are not set yet.

    Args:
        path: A file that takes precedence over the default ones.
        load_defaults: Search the default files in this folder and those above it.

    Returns:
        True if a file held at least one variable; False without python-dotenv.

    Raises:
        BrokenEnvFile: A file is not UTF-8 text, or `path` has a line that is no
            assignment. Such a line in a default file is reported and left out.
    """
    settings = current_settings()
    if not has_dotenv():
        _tell_about_unread_files(path, settings)
        return False
    variables: _Variables = {}
    if load_defaults:
        for found in _default_files(settings):
            variables |= _read(found, strict=False)
    if path is not None and os.path.isfile(path):
        variables |= _read(os.fspath(path), strict=True)
    for name, value in variables.items():
        if value is not None:
            os.environ.setdefault(name, value)
    return bool(variables)


def has_dotenv() -> bool:
    """Tell whether python-dotenv can be imported."""
    try:
        import dotenv  # noqa: F401, PLC0415 - an optional dependency
    except ImportError:
        return False
    return True


def share_prefixes(ctx: click.Context) -> None:
    """Let options read `FLASK_X` where `TANTALUS_X` is not set, until `ctx` closes.

    Click derives the variable of an option from one prefix alone, also for commands of
    the app and of plugins; so what another prefix sets is lent to the first.
    """
    first, *others = current_settings().prefixes
    lent = [
        name for other in others for name in _lend(f"{other}_", f"{first}_") if name
    ]
    ctx.call_on_close(lambda: _take_back(lent))


def _lend(source: str, target: str) -> list[str]:
    names = []
    for name, value in list(os.environ.items()):
        option = name.removeprefix(source)
        lent = target + option
        if option == name or option in _READ_DIRECTLY or os.environ.get(lent):
            continue
        os.environ[lent] = value
        names.append(lent)
    return names


def _take_back(names: list[str]) -> None:
    for name in names:
        os.environ.pop(name, None)


def _default_files(settings: Settings) -> list[str]:
    import dotenv  # noqa: PLC0415 - an optional dependency

    searched = (
        dotenv.find_dotenv(name, usecwd=True) for name in reversed(settings.env_files)
    )
    return [path for path in searched if path]


def _read(path: str, *, strict: bool) -> _Variables:
    import dotenv  # noqa: PLC0415 - an optional dependency
    from dotenv.parser import parse_stream  # noqa: PLC0415 - an optional dependency

    readable = []
    for binding in parse_stream(StringIO(_text(path))):
        if (
            binding.error
            or "=" in (binding.key or "")
            or "\0" in binding.original.string
        ):
            _refuse_line(path, binding.original.line, strict=strict)
        else:
            readable.append(binding.original.string)
    return dotenv.dotenv_values(stream=StringIO("".join(readable)))


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError as err:
        raise BrokenEnvFile(
            path, f"Byte {err.start} is not UTF-8. Save the file as UTF-8 text."
        ) from None
    except OSError as err:
        raise BrokenEnvFile(
            path, f"{err.strerror}. Make the file readable, or move it away."
        ) from None


def _refuse_line(path: str, line: int, *, strict: bool) -> None:
    problem = f"Line {line} is not NAME=value, or its quote is open. Correct it."
    if strict:
        raise BrokenEnvFile(path, problem)
    click.secho(f"Warning: {path}: {problem}", fg="yellow", err=True)


def _tell_about_unread_files(
    path: str | os.PathLike[str] | None, settings: Settings
) -> None:
    if path or any(os.path.isfile(name) for name in settings.env_files):
        click.secho(
            " * Tip: There are .env files present. Install python-dotenv to use them.",
            fg="yellow",
            err=True,
        )
