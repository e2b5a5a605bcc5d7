"""The set-up of an app: what users call before the first request."""
# ruff: noqa: PLC0415 - methods load what most programs start without: see `_late`

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, ValuesView
from functools import cached_property
from logging import Logger
from typing import IO, Any, Protocol, TypeVar

import tantalus_config as files
from tantalus_http import Aborter
from tantalus_routing import endpoint_of

from .._live._observers import Observer
from .._state._app import AppState
from ..ctx import _AppCtxGlobals
from ..typing import RouteCallable
from . import _late, _routes
from ._scaffold import Scaffold, SetupFinished, setupmethod, to_be_called

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)
Observing = TypeVar("Observing", bound=Observer)


class Registrable(Protocol):
    """What can be registered on an app: a blueprint."""

    def register(self, app: Any, options: dict[str, Any], /) -> None:
        """Add what it defines to `app`."""
        ...


class AppSetup(Scaffold, AppState):
    """An app as it is set up: parts, routes, blueprints, what templates know.

    Raises:
        ValueError: `instance_path` is relative, or `static_host` does not fit.
    """

    aborter_class = Aborter
    app_ctx_globals_class = _AppCtxGlobals
    jinja_environment: type[_late.Environment] = _late.JinjaEnvironmentClass()  # type: ignore[assignment]  # gives the class when read

    def __init__(
        self,
        import_name: str,
        static_url_path: str | None = None,
        static_folder: str | os.PathLike[str] | None = "static",
        static_host: str | None = None,
        host_matching: bool = False,
        subdomain_matching: bool = False,
        template_folder: str | os.PathLike[str] | None = "templates",
        instance_path: str | None = None,
        instance_relative_config: bool = False,
        root_path: str | None = None,
        *,
        typed: bool = False,
    ) -> None:
        super().__init__(
            import_name,
            static_folder,
            static_url_path,
            template_folder,
            root_path,
            instance_path=instance_path,
            instance_relative_config=instance_relative_config,
            host_matching=host_matching,
            subdomain_matching=subdomain_matching,
        )
        self.aborter = self.make_aborter()
        if typed:
            self.typed = True
        if self.has_static_folder:
            self._add_static_route(static_host)

    def _add_static_route(self, host: str | None) -> None:
        if bool(host) != self.url_map.host_matching:
            raise AssertionError(
                "Invalid static_host/host_matching combination: give both or none."
            )
        # The route must not keep the app alive: that would be a cycle.
        reference = weakref.ref(self)

        def static(filename: str) -> Any:
            owner = reference()
            assert owner is not None
            return owner.send_static_file(filename)

        rule = f"{self.static_url_path}/<path:filename>"
        domain = host or self.url_map.default_subdomain
        self.static_places[domain, rule] = "static"
        self.add_url_rule(
            rule,
            endpoint="static",
            host=host,
            view_func=static,
        )

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_first_request:
            raise SetupFinished(f_name, "application", "handled its first request")

    @cached_property
    def logger(self) -> Logger:  # type: ignore[override]  # an attribute of the base
        """The app's logger, named like the app."""
        from ..logging import create_logger

        return create_logger(self)

    @cached_property
    def jinja_env(self) -> _late.Environment:
        """The Jinja environment, made when first read."""
        return self.create_jinja_environment()

    @cached_property
    def lifespan(self) -> _late.AppLifespan:
        """Decorates what opens before the first request and closes at the end.

        `app.lifespan[function]` is what a function has yielded.
        """
        from .._live._lifespan import AppLifespan

        return AppLifespan(self)

    @setupmethod
    def observe(self, observer: Observing) -> Observing:
        """Tell an observer of each request: a trace, a metric, an access log.

        Args:
            observer: Has `started()`, `finished()` and `sent()`; see `Observer`.
        """
        self.observers = (*self.observers, observer)
        return observer

    @setupmethod
    def add_health(
        self,
        live: str | None = "/healthz",
        ready: str | None = "/readyz",
        checks: Iterable[Callable[[], object]] = (),
    ) -> None:
        """Answer whether the process lives, and whether it is ready for requests.

        It is not ready while it stops, or if a check fails: 503, as problem+json.

        Args:
            live: The URL of the first; None for none.
            ready: The URL of the second.
            checks: Each raises, or returns False, if something is missing.
        """
        from .._live import _health

        if live is not None:
            self.add_url_rule(live, "health_live", _health.alive)
        if ready is not None:
            view = _health.readiness_of(checks)
            self.add_url_rule(ready, "health_ready", view)

    # Making of parts: each may be overridden.

    def create_jinja_environment(self) -> _late.Environment:
        """Return a new Jinja environment with the app's options and globals."""
        from ..templating import create_jinja_environment

        return create_jinja_environment(self)

    def create_global_jinja_loader(self) -> _late.DispatchingJinjaLoader:
        """Return the loader over the folders of the app and its blueprints."""
        from ..templating import DispatchingJinjaLoader

        return DispatchingJinjaLoader(self)

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Tell whether a template is escaped: by the end of its name; a string is."""
        return _late.autoescapes(filename, safe=True)

    def make_aborter(self) -> Aborter:
        """Return what `abort()` calls."""
        return self.aborter_class()

    def open_instance_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = "utf-8"
    ) -> IO[Any]:
        """Open a file of the instance folder, for writing too."""
        return files.open_instance_resource(
            self.instance_path, resource, mode, encoding
        )

    # Registration.

    @setupmethod
    def register_blueprint(self, blueprint: Registrable, **options: Any) -> None:
        """Add what a blueprint defines.

        Args:
            blueprint: May be registered again under another `name`.
            options: `url_prefix`, `subdomain`, `url_defaults`, `name`, `cli_group`,
                `cors`, `cross_site`, `typed`, or what a subclass understands.

        Raises:
            ValueError: The name is taken.
        """
        blueprint.register(self, options)

    def iter_blueprints(self) -> ValuesView[Any]:
        """Return the registered blueprints in order of registration."""
        return self.blueprints.values()

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Route a URL to a view.

        Args:
            rule: Starts with a slash; `<int:id>` are variables.
            endpoint: The name of the route; by default that of the view function.
            provide_automatic_options: Answer OPTIONS requests without the view.
            options: `methods`, `defaults`, `strict_slashes`, … of `Rule`;
                `cross_site=True` for what pages of any site may send to; `cors` for
                what pages of other origins may read; `typed`, whether parameters that
                nothing marks are read from the query.

        Raises:
            RuleError: The rule can't be read.
            TypeError: `methods` is a string.
            AssertionError: The endpoint has another view.
        """
        if endpoint is None:
            endpoint = endpoint_of(view_func, rule)
        _routes.add_url_rule(
            self, rule, endpoint, view_func, provide_automatic_options, options
        )

    @setupmethod
    def add_openapi(
        self,
        path: str = "/docs",
        *,
        title: str | None = None,
        version: str = "1",
        edit: Callable[[dict[str, Any]], object] | None = None,
        swagger_ui: bool | str | os.PathLike[str] = False,
    ) -> None:
        """Serve a page that shows the typed views, with their OpenAPI document.

        Args:
            path: Of the page; the document is `openapi.json` below it.
            title: Of the API; by default the name of the app.
            version: Of the API.
            edit: `edit(document)` changes the document, which is a plain dict.
            swagger_ui: Whether the page is Swagger UI, of the package that the extra
                `swagger-ui` installs; or of the files in a folder.

        Raises:
            ImportError: tantalus-typed is not installed.
            TypeError: Swagger UI is not there.
        """
        from .._typed._binding import about_to_type

        about_to_type("App.add_openapi()")
        from .._typed._document import About, add_openapi

        add_openapi(self, path, About(title, version, edit), swagger_ui)

    template_filter = _late.registrar("add_template_filter")

    @setupmethod
    def add_template_filter(self, f: Function, name: str | None = None) -> None:
        """Add a template filter; without a name under the function's own."""
        self.jinja_env.filters[_late.template_name(f, name)] = f

    template_test = _late.registrar("add_template_test")

    @setupmethod
    def add_template_test(self, f: Function, name: str | None = None) -> None:
        """Add a template test; without a name under the function's own."""
        self.jinja_env.tests[_late.template_name(f, name)] = f

    template_global = _late.registrar("add_template_global")

    @setupmethod
    def add_template_global(self, f: Any, name: str | None = None) -> None:
        """Add a function, or any other value under a name, to all templates."""
        self.jinja_env.globals[_late.template_name(f, name)] = f

    @setupmethod
    def teardown_appcontext(self, f: F) -> F:
        """Call `f(error)` when the context of any work of this app ends."""
        self.teardown_appcontext_funcs.append(to_be_called(f))
        return f

    @setupmethod
    def shell_context_processor(self, f: F) -> F:
        """Let `f()` return a dict of names for the interactive shell."""
        self.shell_context_processors.append(to_be_called(f))
        return f
