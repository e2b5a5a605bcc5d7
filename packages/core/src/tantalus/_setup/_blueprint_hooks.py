"""What a blueprint adds to the whole app, once it is registered."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

from .. import typing as types
from . import _late
from ._scaffold import Scaffold, added, setupmethod

F = TypeVar("F", bound=Callable[..., Any])


class AppWide(Scaffold):
    """The decorators of a blueprint for every request, template and URL of its app."""

    @abstractmethod
    def record_once(self, func: Callable[[Any], None], /) -> None:
        """Call `func(state)` at the first registration; `state.app` is the app."""

    app_template_filter = _late.registrar("add_app_template_filter")

    @setupmethod
    def add_app_template_filter(
        self, f: types.TemplateFilterCallable, name: str | None = None
    ) -> None:
        """Add a template filter to the whole app."""
        self.record_once(lambda state: state.app.add_template_filter(f, name))

    app_template_test = _late.registrar("add_app_template_test")

    @setupmethod
    def add_app_template_test(
        self, f: types.TemplateTestCallable, name: str | None = None
    ) -> None:
        """Add a template test to the whole app."""
        self.record_once(lambda state: state.app.add_template_test(f, name))

    app_template_global = _late.registrar("add_app_template_global")

    @setupmethod
    def add_app_template_global(self, f: Any, name: str | None = None) -> None:
        """Add a function, or any other value under a name, to all templates."""
        self.record_once(lambda state: state.app.add_template_global(f, name))

    @setupmethod
    def lifespan(self, f: F) -> F:
        """Open something with the app, and close it with it: see `App.lifespan`.

        `app.lifespan[f]` is what it has yielded, once for all registrations.
        """
        self.record_once(lambda state: state.app.lifespan(f))
        return f

    def _on_app(self, registry: str, f: F) -> F:
        """Append `f` to a registry of the app, in the app's own scope."""

        def add(state: Any) -> None:
            added(getattr(state.app, registry), f)

        self.record_once(add)
        return f

    @setupmethod
    def before_app_request(self, f: F) -> F:
        """Like `before_request`, for each request of the app."""
        return self._on_app("before_request_funcs", f)

    @setupmethod
    def after_app_request(self, f: F) -> F:
        """Like `after_request`, for each request of the app."""
        return self._on_app("after_request_funcs", f)

    @setupmethod
    def teardown_app_request(self, f: F) -> F:
        """Like `teardown_request`, for each request of the app."""
        return self._on_app("teardown_request_funcs", f)

    @setupmethod
    def before_app_websocket(self, f: F) -> F:
        """Like `before_websocket`, for each WebSocket of the app."""
        return self._on_app("before_websocket_funcs", f)

    @setupmethod
    def after_app_websocket(self, f: F) -> F:
        """Like `after_websocket`, for each WebSocket of the app."""
        return self._on_app("after_websocket_funcs", f)

    @setupmethod
    def teardown_app_websocket(self, f: F) -> F:
        """Like `teardown_websocket`, for each WebSocket of the app."""
        return self._on_app("teardown_websocket_funcs", f)

    @setupmethod
    def app_context_processor(self, f: F) -> F:
        """Like `context_processor`, for each template of the app."""
        return self._on_app("template_context_processors", f)

    @setupmethod
    def app_errorhandler(self, code: type[Exception] | int) -> Callable[[F], F]:
        """Like `errorhandler`, for each request of the app."""

        def decorator(f: F) -> F:
            self.record_once(lambda state: state.app.register_error_handler(code, f))
            return f

        return decorator

    @setupmethod
    def app_url_value_preprocessor(self, f: F) -> F:
        """Like `url_value_preprocessor`, for each request of the app."""
        return self._on_app("url_value_preprocessors", f)

    @setupmethod
    def app_url_defaults(self, f: F) -> F:
        """Like `url_defaults`, for each URL of the app."""
        return self._on_app("url_default_functions", f)
