"""What the commands of one call share: where the app is, and the app once loaded."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

from tantalus_cli._app import ShellNamespace
from tantalus_cli._env import get_debug_flag, get_load_dotenv
from tantalus_cli._errors import AppNotLocated
from tantalus_cli._faces import AnyCallable, is_any_app
from tantalus_cli._locate import locate_app, prepare_import
from tantalus_cli._project import project_app
from tantalus_cli._settings import current_settings

_DEFAULT_FILES = ("wsgi.py", "app.py")

# The colon before a name, but not the one of a Windows drive.
_BEFORE_NAME = re.compile(r":(?![\\/])")


class ScriptInfo:
    """Knows where the app is and loads it once; Click hands it to every command.

    Args:
        app_import_path: `module`, `path/to/file.py` or `module:name`; `None` takes
            what the environment names, and else searches `pyproject.toml`, then
            `wsgi.py` and `app.py`.
        create_app: Makes the app instead; called without arguments.
        set_debug_flag: Set the debug mode of the app from the environment.
        load_dotenv_defaults: Whether default `.env` files are wanted, kept for the
            one who loads them; the environment can turn it off.
    """

    def __init__(
        self,
        app_import_path: str | None = None,
        create_app: Callable[[], AnyCallable] | None = None,
        set_debug_flag: bool = True,
        load_dotenv_defaults: bool = True,
    ) -> None:
        self.app_import_path = app_import_path
        self.create_app = create_app
        self.data: ShellNamespace = {}
        self.set_debug_flag = set_debug_flag
        self.app_debug: bool = False
        """What the app itself says about debug mode, known once it is loaded."""
        self.load_dotenv_defaults: bool = get_load_dotenv(load_dotenv_defaults)
        self._loaded_app: AnyCallable | None = None

    def load_app(self) -> AnyCallable:
        """Return the app; the first call loads it, later ones return the same object.

        Raises:
            NoAppException: No app was found. Whatever the app's own code raises while
                it is imported passes through, except an `ImportError`, whose
                traceback becomes part of the text.
        """
        if self._loaded_app is None:
            app = self._find()
            self.app_debug = bool(getattr(app, "debug", False))
            if self.set_debug_flag and is_any_app(app):
                app.debug = get_debug_flag()  # type: ignore[union-attr] # an app has it
            self._loaded_app = app
        return self._loaded_app

    def _find(self) -> AnyCallable:
        if self.create_app is not None:
            return self.create_app()
        settings = current_settings()
        # The group of an app takes no '--app', whose callback reads the variable.
        path = self.app_import_path or settings.variable("APP")
        if not path and settings.project_table is not None:
            path = project_app(settings.project_table)
        if path:
            return _locate(path)
        for file in _DEFAULT_FILES:
            app = locate_app(prepare_import(file), None, raise_if_not_found=False)
            if app is not None:
                return app
        raise AppNotLocated(settings.program, settings.variable_names("APP"))


def _locate(import_path: str) -> AnyCallable:
    module, *name = _BEFORE_NAME.split(import_path, maxsplit=1)
    return locate_app(prepare_import(module), name[0] if name else None)


#: Give a command the `ScriptInfo` of its call as first argument.
pass_script_info = click.make_pass_decorator(ScriptInfo, ensure=True)
