"""Jinja in an app: its environment, its loader, and the functions that render."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import BaseLoader
from jinja2 import Environment as JinjaEnvironment

import tantalus_templating as templating

from ._answers import _rendering
from ._answers._flash import get_flashed_messages
from ._answers._nonce import csp_nonce
from ._answers._proxies import g, request, session
from ._answers._rendering import *  # noqa: F403 - all of them stand here, too
from ._answers._rendering import (
    _render,  # noqa: F401 - Flask-Testing puts another in its place
    _stream,  # noqa: F401 - the same
)
from ._state._app import AppState
from .debughelpers import explain_template_loading_attempts

__all__ = ["DispatchingJinjaLoader", "Environment"]
__all__ += _rendering.__all__


class Environment(templating.Environment):
    """The Jinja environment of an app: knows the app and loads from its folders."""

    def __init__(self, app: AppState, **options: Any) -> None:
        self.app = app
        given = "loader" in options
        loader = options.pop("loader") if given else app.create_global_jinja_loader()
        super().__init__(loader=loader, **options)

    @property
    def auto_reload(self) -> bool:
        """Whether templates are read anew when their files have changed.

        Until it is set, and again when it is set to None, the settings decide:
        `TEMPLATES_AUTO_RELOAD`, else `DEBUG`.
        """
        own = self._auto_reload
        return _reloads(self.app) if own is None else own

    @auto_reload.setter
    def auto_reload(self, value: bool | None) -> None:
        self._auto_reload = value

    def follow_settings(self) -> None:
        """Have the settings decide again about reading templates anew."""
        self._auto_reload = None


def _reloads(app: AppState) -> bool:
    """Tell whether the settings have templates read anew when they have changed."""
    reload = app.config["TEMPLATES_AUTO_RELOAD"]
    return bool(app.debug if reload is None else reload)


class DispatchingJinjaLoader(templating.DispatchingLoader):
    """Looks for a template in the app's folder, then in those of its blueprints."""

    def __init__(self, app: AppState) -> None:
        self.app = app
        super().__init__(self._folders)

    def _folders(self) -> Iterable[tuple[str, BaseLoader]]:
        for owner in (self.app, *self.app.blueprints.values()):
            if owner.jinja_loader is not None:
                kind = "application" if owner is self.app else "blueprint"
                yield (
                    f"{kind} {owner.name!r} ({owner.import_name})",
                    owner.jinja_loader,
                )

    def get_source(
        self, environment: JinjaEnvironment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return source, file name and freshness check of a template.

        `EXPLAIN_TEMPLATE_LOADING` logs where it was looked for.

        Raises:
            jinja2.TemplateNotFound: No folder has it.
        """
        if self.app.config["EXPLAIN_TEMPLATE_LOADING"]:
            attempts = self.explain(environment, template)
            explain_template_loading_attempts(self.app, template, attempts)
        return super().get_source(environment, template)


def create_jinja_environment(app: AppState) -> Environment:
    """Return a new environment with the app's options, and the names templates use."""
    options = dict(app.jinja_options)
    options.setdefault("autoescape", app.select_jinja_autoescape)
    follows = issubclass(app.jinja_environment, Environment)
    options.setdefault("auto_reload", None if follows else _reloads(app))
    environment: Environment = app.jinja_environment(app, **options)
    environment.globals.update(
        url_for=app.url_for,
        get_flashed_messages=get_flashed_messages,
        config=app.config,
        # Proxies, so that imported templates see the current ones too.
        request=request,
        session=session,
        g=g,
        csp_nonce=csp_nonce,
    )
    environment.policies["json.dumps_function"] = app.json.dumps
    return environment
