"""The command `shell`: an interactive Python inside the app's context."""

from __future__ import annotations

import os
import sys
from typing import cast

import click

from tantalus_cli._app import HasShellContext, ShellNamespace, app_title, has
from tantalus_cli._context import enter_app_context
from tantalus_cli._script import ScriptInfo


@click.command("shell", short_help="Run a shell in the app context.")
@click.pass_context
def shell_command(ctx: click.Context) -> None:
    """Run an interactive Python shell in the context of the application.

    The shell knows 'app' and what the application adds for shells. A start-up file
    named by PYTHONSTARTUP runs first.
    """
    # Imported here: needed by this command only.
    import code  # noqa: PLC0415 - see above

    app = ctx.ensure_object(ScriptInfo).load_app()
    enter_app_context(ctx, app)
    namespace = _startup_names()
    namespace.update(_app_names(app))
    _prepare_line_editing(namespace)
    code.interact(banner=_banner(app), local=namespace)


def _banner(app: object) -> str:
    lines = [f"Python {sys.version} on {sys.platform}", f"App: {app_title(app)}"]
    if has(app, "instance_path"):
        lines.append(f"Instance: {getattr(app, 'instance_path')}")  # noqa: B009 - optional
    return "\n".join(lines)


def _app_names(app: object) -> ShellNamespace:
    if has(app, "make_shell_context"):
        return cast(HasShellContext, app).make_shell_context()
    return {"app": app}


def _startup_names() -> ShellNamespace:
    names: ShellNamespace = {}
    path = os.environ.get("PYTHONSTARTUP")
    if path and os.path.isfile(path):
        with open(path, "rb") as file:
            exec(compile(file.read(), path, "exec"), names)
    return names


def _prepare_line_editing(namespace: ShellNamespace) -> None:
    """Do what Python does before its first prompt: history, and completion of names."""
    hook = getattr(sys, "__interactivehook__", None)
    if hook is None:
        return
    try:
        import readline  # noqa: PLC0415 - missing on some systems
        from rlcompleter import Completer  # noqa: PLC0415 - needs readline
    except ImportError:
        pass
    else:
        readline.set_completer(Completer(namespace).complete)
    hook()
