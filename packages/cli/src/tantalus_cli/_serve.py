"""Serving an app from a program of one's own: `python app.py` instead of a command."""

from __future__ import annotations

from typing import Any

import click

from tantalus_cli import _env
from tantalus_cli._app import WSGICallable, app_title
from tantalus_cli._faces import speaks_asgi_alone
from tantalus_cli._run import open_early, show_server_banner, with_debugger
from tantalus_cli._settings import current_settings


def serve(
    app: WSGICallable,
    host: str = "127.0.0.1",
    port: int = 5000,
    *,
    name: str | None = None,
    debug: bool | None = None,
    load_dotenv: bool = True,
    **options: Any,
) -> None:
    """Serve an app while developing, with Werkzeug's server; never in production.

    Where the command `run` loads the program it is that which serves: the call is
    reported, and does nothing. What the app opens for its process is opened first, if
    one process serves it.

    Args:
        port: 0 takes a free one.
        name: What the app is called in the first line that is shown.
        debug: Restart when code changes, and show errors in the debugger. By default
            as the environment says, else as the app's attribute `debug` does, which
            is set in any case if there is one.
        load_dotenv: Read `.env` files first.
        options: As for `werkzeug.serving.run_simple`.

    Raises:
        TypeError: `app` can be called by ASGI alone.
    """
    if speaks_asgi_alone(app):
        raise TypeError(
            f"{app_title(app)!r} is an ASGI application, and serve() is for WSGI. Call"
            " the command 'run', or uvicorn.run(app)."
        )
    # Imported here: a server is needed by few programs (40 ms of every start).
    from werkzeug.serving import (  # noqa: PLC0415 - see above
        is_running_from_reloader,
        run_simple,
    )

    if current_settings().variable("RUN_FROM_CLI") == "true":
        if not is_running_from_reloader():
            click.secho(
                " * Ignoring a call that serves the app, which would block this"
                " command.\n   Only make it in an"
                " 'if __name__ == \"__main__\"' guard.",
                fg="red",
            )
        return
    debug = _debug_mode(app, debug, load_dotenv)
    show_server_banner(debug, name)
    settings = {"use_reloader": debug, "threaded": True} | options
    reloads = settings["use_reloader"] and not is_running_from_reloader()
    # What is opened must not be carried into processes that are forked off.
    open_early(app, serves=not reloads and settings.get("processes", 1) == 1)
    evalex = settings.pop("use_evalex", True)
    if settings.pop("use_debugger", debug):
        app = with_debugger(app, host, evalex=evalex)
    run_simple(host, port, app, **settings)


def _debug_mode(app: Any, wanted: bool | None, read_files: bool) -> bool:
    """Return whether to debug, and tell the app."""
    if _env.get_load_dotenv(read_files):
        _env.load_dotenv()
        if wanted is None and current_settings().variable("DEBUG"):
            wanted = _env.get_debug_flag()
    if wanted is None:
        return bool(getattr(app, "debug", False))
    if hasattr(app, "debug"):
        app.debug = wanted
    return bool(wanted)
