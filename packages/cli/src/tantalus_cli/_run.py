"""The command `run`: a development server before any WSGI or ASGI callable.

That of Werkzeug serves by WSGI, uvicorn by ASGI; the reloader and the debugger are
Werkzeug's before both.
"""

from __future__ import annotations

import os
import traceback
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any, TypeAlias

import click
from click.core import ParameterSource

from tantalus_cli._app import WSGICallable, app_title, has, opens_early
from tantalus_cli._cert import (
    Certificate,
    CertParamType,
    SeparatedPathType,
    check_certificate,
    validate_key,
)
from tantalus_cli._env import get_debug_flag
from tantalus_cli._errors import UvicornMissing
from tantalus_cli._faces import AnyCallable, speaks_asgi, speaks_asgi_alone
from tantalus_cli._failed import FailedApp
from tantalus_cli._options import debug_option
from tantalus_cli._script import ScriptInfo, pass_script_info

# What servers are started with, by name.
Served: TypeAlias = dict[str, Any]


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
@click.option(
    "--asgi/--wsgi",
    "asgi",
    default=None,
    help="Serve by ASGI, with uvicorn, or by WSGI. By default as the app wants it, and"
    " by WSGI if it can be served by both.",
)
@click.option(
    "--grace",
    type=click.IntRange(min=0),
    default=1,
    help="The seconds that open answers, such as streams of events, may go on for when"
    " an ASGI server stops or restarts.",
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
    asgi: bool | None,
    grace: int,
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
    by_asgi = _is_by_asgi(app, asgi)
    show_server_banner(debug, info.app_import_path)
    settings: Served = {
        "use_reloader": debug if reload is None else reload,
        "extra_files": extra_files,
        "exclude_patterns": exclude_patterns,
    }
    if by_asgi:
        more: Served = {"host": host, "port": port, "grace": grace}
        _serve_by_asgi(app, settings | more | {"use_debugger": debugger}, cert)
        return
    app = _opened(app, reloads=settings["use_reloader"])
    # Imported here: a server is needed by this command only (40 ms of every start).
    from werkzeug.serving import run_simple  # noqa: PLC0415 - see above

    run_simple(
        host,
        port,
        with_debugger(app, host) if debugger else app,  # type: ignore[arg-type] # as
        # `_is_by_asgi` found out
        threaded=with_threads,
        ssl_context=_for_werkzeug(cert),
        **settings,
    )


run_command.params.insert(0, debug_option)


def with_debugger(app: Any, host: str, *, evalex: bool = True) -> WSGICallable:
    """Return a WSGI application whose errors are shown in the debugger."""
    # Imported here: it is loaded where it is wanted, and nowhere else.
    from tantalus_cli._debugger import Debugger  # noqa: PLC0415 - see above

    return Debugger(app, host, evalex=evalex)


def _load(info: ScriptInfo) -> AnyCallable:
    try:
        return info.load_app()
    except Exception as err:
        if not _is_reloaded():
            raise
        return _failed(err)


def _failed(error: Exception) -> FailedApp:
    """Return what shows an error here and in the browser.

    The program has run before: it is kept up, so that correcting the file is enough.
    """
    traceback.print_exception(error)
    return FailedApp(error)


def _opened(app: AnyCallable, *, reloads: bool) -> AnyCallable:
    """Have an app open what it opens before a request asks for it.

    Not in the process that only starts those that serve; in these an error is shown.
    """
    try:
        open_early(app, serves=not reloads or _is_reloaded())
    except Exception as err:
        if not reloads:
            raise
        return _failed(err)
    return app


def open_early(app: object, *, serves: bool) -> None:
    """Have an app open what it opens, in a process that serves it."""
    if serves and opens_early(app):
        app.start()


def _is_by_asgi(app: AnyCallable, wanted: bool | None) -> bool:
    """Tell how to serve `app`: as is wanted, and else as it can be.

    Raises:
        click.UsageError: It cannot be served so, or an option is for the other way.
    """
    if isinstance(app, FailedApp):  # whatever it will be when it is corrected
        return False
    by_asgi = speaks_asgi_alone(app) if wanted is None else wanted
    if not speaks_asgi(app) if by_asgi else speaks_asgi_alone(app):
        name, other = ("ASGI", "--wsgi") if by_asgi else ("WSGI", "--asgi")
        raise click.UsageError(
            f"{app_title(app)!r} is no {name} application. Use {other!r}."
        )
    _check_options(("with_threads",) if by_asgi else ("grace",), by_asgi=by_asgi)
    return by_asgi


def _check_options(foreign: tuple[str, ...], *, by_asgi: bool) -> None:
    """Refuse options that the server would not see."""
    ctx = click.get_current_context()
    for param in ctx.command.params:
        source = ctx.get_parameter_source(param.name or "")
        if param.name in foreign and source is ParameterSource.COMMANDLINE:
            name = "ASGI" if by_asgi else "WSGI"
            raise click.UsageError(
                f"{param.opts[0]!r} is nothing to the server of {name}. Leave it out."
            )


def _serve_by_asgi(app: Any, settings: Served, certificate: Certificate) -> None:
    if find_spec("uvicorn") is None:
        raise UvicornMissing(app_title(app))
    # Imported here: it needs what is optional, and only this command needs it.
    from tantalus_cli._asgi_server import (  # noqa: PLC0415 - see above
        Options,
        serve_asgi,
    )

    face = app.asgi_app if has(app, "asgi_app") else app
    serve_asgi(face, Options(certificate=certificate, **settings))


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
