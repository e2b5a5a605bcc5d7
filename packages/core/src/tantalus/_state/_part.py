"""What an app and a blueprint are both made of: their folders, and their registries.

Each registry of hooks is a dict from a scope (None for the object itself, or the dotted
name of a blueprint) to a list that is read at every request: what is appended counts at
once.
"""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any, Literal

import tantalus_config as files
from tantalus_http import error_handlers

from ..typing import RouteCallable


class Part:
    """An app or a blueprint, before anybody adds to it.

    Args:
        import_name: The module this is defined in, mostly `__name__`.
        static_folder: Files served as they are; relative to `root_path`.
        static_url_path: The URL they are served at; the folder's name by default.
        template_folder: Relative to `root_path`.
        root_path: Found by `import_name` unless given.
    """

    name: str
    #: Where views run under ASGI that do not say so: on the "loop" or in a "worker".
    #: By default coroutine functions run on the loop.
    runs_on: Literal["loop", "worker"] | None = None
    #: The loader of `template_folder`, None without one.
    jinja_loader: Any
    _static_folder: str | None = None
    _static_url_path: str | None = None

    def __init__(
        self,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        root_path: str | None = None,
    ) -> None:
        self.import_name = import_name
        self.static_folder = static_folder
        self.static_url_path = static_url_path
        self.template_folder = template_folder
        self.root_path = root_path or files.get_root_path(import_name)
        self.view_functions: dict[str, RouteCallable] = {}
        self.error_handler_spec = error_handlers()
        self.before_request_funcs: dict[Any, list[Any]] = defaultdict(list)
        self.after_request_funcs: dict[Any, list[Any]] = defaultdict(list)
        self.teardown_request_funcs: dict[Any, list[Any]] = defaultdict(list)
        self.before_websocket_funcs: dict[Any, list[Any]] = defaultdict(list)
        self.after_websocket_funcs: dict[Any, list[Any]] = defaultdict(list)
        self.teardown_websocket_funcs: dict[Any, list[Any]] = defaultdict(list)
        self.template_context_processors: dict[Any, list[Any]] = defaultdict(list)
        self.url_value_preprocessors: dict[Any, list[Any]] = defaultdict(list)
        self.url_default_functions: dict[Any, list[Any]] = defaultdict(list)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @property
    def static_folder(self) -> str | None:
        """The absolute path of the static files."""
        if self._static_folder is None:
            return None
        return os.path.join(self.root_path, self._static_folder)

    @static_folder.setter
    def static_folder(self, value: str | os.PathLike[str] | None) -> None:
        self._static_folder = None if value is None else os.fspath(value).rstrip("\\/")

    @property
    def has_static_folder(self) -> bool:
        """Whether a static folder is set, existing or not."""
        return self.static_folder is not None

    @property
    def static_url_path(self) -> str | None:
        """The URL of the static files without a final slash."""
        if self._static_url_path is not None:
            return self._static_url_path
        folder = self.static_folder
        if folder is None:
            return None
        return f"/{os.path.basename(folder)}".rstrip("/")

    @static_url_path.setter
    def static_url_path(self, value: str | None) -> None:
        self._static_url_path = None if value is None else value.rstrip("/")
