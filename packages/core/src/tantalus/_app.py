"""The app object: what the user fills at set-up, and what a server calls.

Its methods are the surface; the work is done by the modules they delegate to.
`_dispatch` tells the life of a request.
"""

from __future__ import annotations

import logging as python_logging
import os
from collections.abc import Callable, Iterable, ValuesView
from datetime import timedelta
from functools import cached_property, wraps
from inspect import iscoroutinefunction
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.routing import MapAdapter
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as ResponseBase

from tantalus_http import HostCheck, JSONProvider, StrictJSONProvider
from tantalus_routing import Map, Rule
from tantalus_sessions import SecureCookieSessionInterface, SessionInterface

from . import (
    _coercion,
    _dispatch,
    _matching,
    _on_demand,
    _resources,
    _setup,
    _urls,
)
from ._defaults import APP_DEFAULTS
from ._error_handlers import PrefixTable, find_error_handler, trap_http_exception
from ._flags import get_debug_flag
from ._scaffold import (
    Scaffold,
    SetupFinished,
    _endpoint_from_view_func,
    setupmethod,
)
from ._steps import STEP_SOURCES, Steps, Unresolved, app_step, runs, step
from ._sync import SynchronousCalls, async_to_sync
from ._urls import Aborter
from .config import Config, ConfigAttribute
from .ctx import AppContext, RequestContext, _AppCtxGlobals
from .globals import g
from .signals import template_rendered
from .wrappers import Request, Response

if TYPE_CHECKING:  # loaded when they are first used
    from . import typing as types
    from .blueprints import Blueprint
    from .templating import DispatchingJinjaLoader, Environment
    from .testing import FlaskClient, FlaskCliRunner

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)
P = ParamSpec("P")
R = TypeVar("R")


def _as_timedelta(value: timedelta | int | None) -> timedelta | None:
    return timedelta(seconds=value) if isinstance(value, int) else value


class App(Scaffold):
    """A web application: a registry of views and hooks, and a WSGI callable.

    Args:
        import_name: The module this is defined in, mostly `__name__`; folders are
            relative to it.
        static_url_path: The URL of the static files; the folder's name by default.
        static_host: The host of the static files, with `host_matching`.
        host_matching: Rules name hosts.
        subdomain_matching: Rules name subdomains of `SERVER_NAME`.
        instance_path: An absolute path for files that are not part of the program.
        instance_relative_config: Look up configuration files there.

    Raises:
        ValueError: `instance_path` is relative, or `static_host` does not fit.
    """

    #: The steps of a request, overridden or not, resolved when first used.
    steps: Steps

    #: What `config` has at first.
    default_config: dict[str, Any] = APP_DEFAULTS
    aborter_class = Aborter
    app_ctx_globals_class = _AppCtxGlobals
    config_class = Config
    json_provider_class: type[JSONProvider] = StrictJSONProvider
    request_class: type[Request] = Request
    response_class: type[Response] = Response
    #: Opens and saves sessions; replace it to keep them elsewhere.
    session_interface: SessionInterface = SecureCookieSessionInterface()
    url_map_class = Map
    url_rule_class = Rule
    jinja_environment: type[Environment] = _on_demand.JinjaEnvironmentClass()  # type: ignore[assignment]  # gives the class when read
    #: Passed to the Jinja environment when it is made.
    jinja_options: dict[str, Any] = {}  # noqa: RUF012 - subclasses replace it
    #: The class of `test_client()`; None for `tantalus.testing.FlaskClient`.
    test_client_class: type[FlaskClient] | None = None
    #: The same for `test_cli_runner()`, and `FlaskCliRunner`.
    test_cli_runner_class: type[FlaskCliRunner] | None = None
    #: Environment variables of `Config.from_prefixed_env` start so.
    env_prefix = "TANTALUS"

    #: The setting `TESTING`.
    testing = ConfigAttribute[bool]("TESTING")
    #: The setting `SECRET_KEY`.
    secret_key = ConfigAttribute[str | bytes | None]("SECRET_KEY")
    #: The setting `PERMANENT_SESSION_LIFETIME`, as a `timedelta`.
    permanent_session_lifetime = ConfigAttribute[timedelta](
        "PERMANENT_SESSION_LIFETIME",
        get_converter=_as_timedelta,  # type: ignore[arg-type]  # None stays None
    )

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
    ) -> None:
        super().__init__(
            import_name, static_folder, static_url_path, template_folder, root_path
        )
        self.instance_path = _setup.instance_path(self, instance_path)
        self.config = self.make_config(instance_relative_config)
        self.aborter = self.make_aborter()
        self.json: JSONProvider = self.json_provider_class(self)
        self.url_build_error_handlers: list[Callable[..., Any]] = []
        self.teardown_appcontext_funcs: list[types.TeardownCallable] = []
        self.shell_context_processors: list[types.ShellContextProcessorCallable] = []
        self.blueprints: dict[str, Blueprint] = {}
        self.extensions: dict[str, Any] = {}
        self.url_map = self.url_map_class(host_matching=host_matching)
        self.subdomain_matching = subdomain_matching
        self._got_first_request = False
        self.prefixes = PrefixTable()
        self.synchronous = SynchronousCalls(self)
        self.host_check = HostCheck(None, strict=False)
        if self.has_static_folder:
            _setup.add_static_route(self, static_host)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in STEP_SOURCES:
            self.__dict__["steps"] = Unresolved(self)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        if name in STEP_SOURCES:
            self.__dict__["steps"] = Unresolved(self)

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_first_request:
            raise SetupFinished(f_name, "application", "handled its first request")

    @cached_property
    def name(self) -> str:  # type: ignore[override]  # an attribute of the base
        """The import name, or the name of the file that is run as a program."""
        return _setup.app_name(self.import_name)

    @cached_property
    def logger(self) -> python_logging.Logger:
        """The app's logger, named like the app."""
        return _on_demand.create_logger(self)

    @cached_property
    def jinja_env(self) -> Environment:
        """The Jinja environment, made when first read."""
        return self.create_jinja_environment()

    def settings_version(self) -> int | None:
        """Return a number that grows with every change of a setting.

        Returns:
            None if settings are not all in `config`, because a subclass decides.
        """
        return self.config.version if self.steps.settings_are_config else None

    @property
    def debug(self) -> bool:
        """Whether errors are shown and templates reloaded; never in production."""
        debug: bool = self.config["DEBUG"]
        return debug

    @debug.setter
    def debug(self, value: bool) -> None:
        self.config["DEBUG"] = value
        if self.config["TEMPLATES_AUTO_RELOAD"] is None and "jinja_env" in vars(self):
            self.jinja_env.auto_reload = value

    # Making of parts: each may be overridden.

    def create_jinja_environment(self) -> Environment:
        """Return a new Jinja environment with the app's options and globals."""
        return _on_demand.create_jinja_environment(self)

    def create_global_jinja_loader(self) -> DispatchingJinjaLoader:
        """Return the loader over the folders of the app and its blueprints."""
        return _on_demand.create_jinja_loader(self)

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Tell whether a template is escaped: by the end of its name; a string is."""
        return _on_demand.autoescapes(filename, safe=True)

    def make_config(self, instance_relative: bool = False) -> Config:
        """Return the config, filled with the defaults."""
        root_path = self.instance_path if instance_relative else self.root_path
        defaults = {**self.default_config, "DEBUG": get_debug_flag()}
        config = self.config_class(root_path, defaults)
        config.env_prefix = self.env_prefix
        return config

    def make_aborter(self) -> Aborter:
        """Return what `abort()` calls."""
        return self.aborter_class()

    def auto_find_instance_path(self) -> str:
        """Return where the instance folder is by default."""
        return _resources.auto_find_instance_path(self.import_name, self.name)

    def open_instance_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = "utf-8"
    ) -> IO[Any]:
        """Open a file of the instance folder, for writing too."""
        return _resources.open_instance_resource(
            self.instance_path, resource, mode, encoding
        )

    # Set-up.

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Add what a blueprint defines.

        Args:
            blueprint: May be registered again under another `name`.
            options: `url_prefix`, `subdomain`, `url_defaults`, `name`, `cli_group`, or
                what a subclass of `Blueprint` understands.

        Raises:
            ValueError: The name is taken.
        """
        blueprint.register(self, options)

    def iter_blueprints(self) -> ValuesView[Blueprint]:
        """Return the registered blueprints in order of registration."""
        return self.blueprints.values()

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: types.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Route a URL to a view.

        Args:
            rule: Starts with a slash; `<int:id>` are variables.
            endpoint: The name of the route; by default that of the view function.
            provide_automatic_options: Answer OPTIONS requests without the view.
            options: `methods`, `defaults`, `strict_slashes`, … of `Rule`.

        Raises:
            RuleError: The rule can't be read.
            TypeError: `methods` is a string.
            AssertionError: The endpoint has another view.
        """
        if endpoint is None:
            endpoint = _endpoint_from_view_func(view_func)
        _setup.add_url_rule(
            self, rule, endpoint, view_func, provide_automatic_options, options
        )

    template_filter = _on_demand.registrar("add_template_filter")

    @setupmethod
    def add_template_filter(self, f: Function, name: str | None = None) -> None:
        """Add a template filter."""
        self.jinja_env.filters[_on_demand.function_name(f, name)] = f

    template_test = _on_demand.registrar("add_template_test")

    @setupmethod
    def add_template_test(self, f: Function, name: str | None = None) -> None:
        """Add a template test."""
        self.jinja_env.tests[_on_demand.function_name(f, name)] = f

    template_global = _on_demand.registrar("add_template_global")

    @setupmethod
    def add_template_global(self, f: Function, name: str | None = None) -> None:
        """Add a function that all templates can call."""
        self.jinja_env.globals[_on_demand.function_name(f, name)] = f

    @setupmethod
    def teardown_appcontext(self, f: F) -> F:
        """Call `f(error)` when the context of any work of this app ends."""
        self.teardown_appcontext_funcs.append(f)
        return f

    @setupmethod
    def shell_context_processor(self, f: F) -> F:
        """Let `f()` return a dict of names for the interactive shell."""
        self.shell_context_processors.append(f)
        return f

    # The steps of a request: see `_dispatch`.

    full_dispatch_request = step(_dispatch.full_dispatch_request)
    preprocess_request = step(_dispatch.preprocess_request)
    dispatch_request = step(_dispatch.dispatch_request)
    make_default_options_response = step(_dispatch.make_default_options_response)
    finalize_request = step(_dispatch.finalize_request)
    process_response = step(_dispatch.process_response)
    handle_user_exception = step(_dispatch.handle_user_exception)
    handle_http_exception = step(_dispatch.handle_http_exception)
    handle_exception = step(_dispatch.handle_exception)
    log_exception = step(_dispatch.log_exception)
    do_teardown_request = step(_dispatch.do_teardown_request)
    do_teardown_appcontext = app_step(_dispatch.do_teardown_appcontext)
    update_template_context = app_step(_dispatch.update_template_context)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request through `wsgi_app`, which middleware may have wrapped."""
        return self.wsgi_app(environ, start_response)

    wsgi_app = _dispatch.wsgi_app

    def app_context(self) -> AppContext:
        """Return a context for work outside requests: `with app.app_context():`."""
        return AppContext(self)

    @runs(RequestContext)
    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Return the context of the request that `environ` describes."""
        return RequestContext(self, environ)

    def test_request_context(self, *args: Any, **kwargs: Any) -> RequestContext:
        """Return the context of a made-up request; arguments as for the test client."""
        return _on_demand.test_request_context(self, args, kwargs)

    def in_context(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a job, command or thread target to run in a context of its own."""

        @wraps(function)
        def in_app_context(*args: P.args, **kwargs: P.kwargs) -> R:
            with self.app_context():
                return function(*args, **kwargs)

        return in_app_context

    @runs(_matching.bind_url_map)
    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return the URL map bound to a request, or to `SERVER_NAME` without one."""
        return _matching.bind_url_map(self, request)

    raise_routing_exception = _dispatch.raise_routing_exception

    make_response = runs(_coercion.make_response)(_coercion.make_response)

    def ensure_sync(self, func: Function) -> Function:
        """Return `func`, or what runs it to its end if it is a coroutine function."""
        return self.async_to_sync(func) if iscoroutinefunction(func) else func

    def async_to_sync(self, func: Function) -> Function:
        """Return a function that runs a coroutine function to its end."""
        return async_to_sync(func)

    def trap_http_exception(self, e: Exception) -> bool:
        """Tell whether an HTTP error is treated as a bug, for the debugger to show."""
        return trap_http_exception(self, e)

    def should_ignore_error(self, error: BaseException | None) -> bool:
        """Tell whether the teardown functions should not be told of an error."""
        return False

    def _find_error_handler(self, e: Exception, blueprints: list[str]) -> Any:
        return find_error_handler(self, e, (None, *reversed(blueprints)))

    # URLs.

    @runs(_urls.build_url)
    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """Return the URL of an endpoint.

        Args:
            endpoint: With a dot in front, relative to the current blueprint.
            _anchor: What follows `#`.
            _method: Of several rules, build the one for this method.
            _scheme: Of an external URL; the request's by default.
            _external: With scheme and host. By default without, and outside requests
                with if `SERVER_NAME` is set.
            values: For the rule's variables; any others become the query.

        Raises:
            BuildError: No rule of the endpoint takes these values.
            RuntimeError: An external URL needs a host and none is known.
        """
        return _urls.build_url(
            self, endpoint, values, _anchor, _method, _scheme, _external
        )

    inject_url_defaults = runs(_urls.inject_url_defaults)(_urls.inject_url_defaults)
    handle_url_build_error = _urls.handle_url_build_error

    def redirect(self, location: str, code: int = 302) -> ResponseBase:
        """Return a response that sends the client to `location`."""
        return redirect(location, code=code, Response=self.response_class)

    # Tools.

    check_templates = _on_demand.check_templates

    def make_shell_context(self) -> dict[str, Any]:
        """Return the names that an interactive shell starts with."""
        names: dict[str, Any] = {"app": self, "g": g}
        for processor in self.shell_context_processors:
            names.update(processor())
        return names

    def run(
        self,
        host: str | None = None,
        port: int | None = None,
        debug: bool | None = None,
        load_dotenv: bool = True,
        **options: Any,
    ) -> None:
        """Serve the app while developing; never in production.

        Args:
            host: The address to listen on; by default that of `SERVER_NAME`, else
                127.0.0.1.
            port: By default that of `SERVER_NAME`, else 5000; 0 takes a free one.
            load_dotenv: Read `.env` files first.
            options: As for `werkzeug.serving.run_simple`.
        """
        _on_demand.run(self, host, port, debug, load_dotenv, options)

    template_rendered_signal = template_rendered

    context_probe = staticmethod(_on_demand.context_probe)
    record_pushes = staticmethod(_on_demand.record_pushes)

    def test_client(self, use_cookies: bool = True, **kwargs: Any) -> FlaskClient:
        """Return a client that calls the app without a server."""
        return _on_demand.test_client(self, use_cookies, kwargs)

    def test_cli_runner(self, **kwargs: Any) -> FlaskCliRunner:
        """Return a runner that calls commands without a shell."""
        return _on_demand.test_cli_runner(self, kwargs)
