"""The command `run`: Werkzeug's development server before any WSGI callable."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import click

from tantalus_cli._app import WSGICallable
from tantalus_cli._cert import (
    Certificate,
    CertParamType,
    SeparatedPathType,
    check_certificate,
    validate_key,
)
from tantalus_cli._env import get_debug_flag
from tantalus_cli._options import debug_option
from tantalus_cli._script import ScriptInfo, pass_script_info


def show_server_banner(debug: bool | None, app_import_path: str | None) -> None:
    """Print what is served and in which mode; silent in a reloaded process."""
    facts = {
        "Serving app": None if app_import_path is None else f" '{app_import_path}'",
        "Debug mode": None if debug is None else (": on" if debug else ": off"),
    }
    for name, fact in facts.items():
        if fact is not None and not _is_reloaded():
            click.echo(f" * {name}{fact}")


@click.command("run", short_help="Run a development server.")
@click.option("--host", "-h", default="127.0.0.1", help="The interface to bind to.")
@click.option(
    "--port",
    "-p",
    type=click.IntRange(0, 65535),
    default=5000,
    help="The port to bind to; 0 takes any free one.",
)
@click.option(
    "--cert",
    type=CertParamType(),
    help=(
        "A certificate file to use HTTPS, 'adhoc' for a temporary one, or the import"
        " path of an SSLContext."
    ),
    is_eager=True,
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True),
    callback=validate_key,
    expose_value=False,
    help="The key file to the certificate.",
)
@click.option(
    "--reload/--no-reload",
    default=None,
    help="Restart when code changes. By default on in debug mode.",
)
@click.option(
    "--debugger/--no-debugger",
    default=None,
    help="Show errors in the interactive debugger. By default on in debug mode, and"
    " only possible there.",
)
@click.option(
    "--with-threads/--without-threads",
    default=True,
    help="Serve requests in parallel.",
)
@click.option(
    "--extra-files",
    type=SeparatedPathType(),
    help="Restart when these files change, too. Several are separated by"
    f" {os.path.pathsep!r}.",
)
@click.option(
    "--exclude-patterns",
    type=SeparatedPathType(),
    help="Don't restart for files that match these patterns (fnmatch). Several are"
    f" separated by {os.path.pathsep!r}.",
)
@pass_script_info
def run_command(
    info: ScriptInfo,
    *,
    host: str,
    port: int,
    cert: Certificate,
    reload: bool | None,
    debugger: bool | None,
    with_threads: bool,
    extra_files: list[str] | None,
    exclude_patterns: list[str] | None,
) -> None:
    """Run a development server.

    It is made for development only: neither secure, stable nor fast enough for
    anything else. In debug mode it restarts when code changes and shows errors in
    an interactive debugger.
    """
    app = _load(info)
    debug = get_debug_flag()
    debugger = debug if debugger is None else debugger
    _check_debugger(debugger, debug=debug, host=host)
    _check_host(host)
    check_certificate(cert)
    show_server_banner(debug, info.app_import_path)
    # Imported here: a server is needed by this command only (40 ms of every start).
    from werkzeug.serving import run_simple  # noqa: PLC0415 - see above

    run_simple(
        host,
        port,
        app,
        use_reloader=debug if reload is None else reload,
        use_debugger=debugger,
        threaded=with_threads,
        ssl_context=_for_werkzeug(cert),
        extra_files=extra_files,
        exclude_patterns=exclude_patterns,
    )


run_command.params.insert(0, debug_option)


class _FailedApp:
    """Answers every request with the error that loading the app ended in."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.trace = error.__traceback__

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse, /
    ) -> Iterable[bytes]:
        # The traceback as it was: raising again would make it longer each time.
        raise self.error.with_traceback(self.trace) from None


def _load(info: ScriptInfo) -> WSGICallable:
    try:
        return info.load_app()
    except Exception as err:
        if not _is_reloaded():
            raise
        # The program has run before: keep it up, so that correcting the file is
        # enough, and show the error here and in the browser.
        traceback.print_exception(err)
        return _FailedApp(err)


def _check_debugger(wanted: bool, *, debug: bool, host: str) -> None:
    if not wanted:
        return
    if not debug:
        raise click.UsageError(
            "The debugger runs code for whoever can reach it, so it is only available"
            " in debug mode. Add '--debug', or leave out '--debugger'."
        )
    if os.environ.get("WERKZEUG_DEBUG_PIN") == "off" and not _is_own(host):
        raise click.UsageError(
            f"With WERKZEUG_DEBUG_PIN=off, everybody who can reach {host!r} could run"
            " code. Unset that variable, or use '--no-debugger' or another '--host'."
        )


def _check_host(host: str) -> None:
    if host.startswith("unix://"):
        return
    # Imported here, as the server is: other commands need no sockets.
    import socket  # noqa: PLC0415 - see above

    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError) as err:
        raise click.BadParameter(
            f"{host!r} is no address of this machine: {_reason(err)}. Use '127.0.0.1'"
            " to be reached from this machine only, or '0.0.0.0' to be reached from"
            " others.",
            param_hint="'--host'",
        ) from err


def _reason(error: OSError | UnicodeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _is_own(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    if host == "localhost" or host.startswith("unix://"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _for_werkzeug(certificate: Certificate) -> Any:
    # Werkzeug takes exactly what the option type and its check let through.
    return certificate


def _is_reloaded() -> bool:
    # The same test as werkzeug.serving.is_running_from_reloader(), which is slow to
    # import.
    return os.environ.get("WERKZEUG_RUN_MAIN") == "true"
