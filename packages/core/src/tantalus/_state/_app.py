"""What the steps of a request work on: the settings and registries of an app.

The app object stands on this class and adds what users call. Modules between the two
take an `AppState`; what a subclass may override they call through it all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from inspect import iscoroutinefunction
from logging import Logger
from typing import Any, NoReturn
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import BadRequest, BadRequestKeyError
from werkzeug.routing import BuildError, MapAdapter
from werkzeug.wrappers import Response as ResponseBase

import tantalus_config as files
import tantalus_http as http
from tantalus_http import HostCheck, JSONProvider, StrictJSONProvider
from tantalus_routing import Map, PrefixTable, Rule
from tantalus_sessions import ExactCookieSessionInterface, SessionInterface

from .._ground._defaults import APP_DEFAULTS
from .._ground._flags import get_debug_flag
from ..config import Config, ConfigAttribute
from ..typing import ShellContextProcessorCallable, TeardownCallable
from ..wrappers import Request, Response
from ._part import Part
from ._steps import STEP_SOURCES, Steps, Unresolved
from ._sync import SynchronousCalls, async_to_sync

Function = Callable[..., Any]


def _as_timedelta(value: timedelta | int | None) -> timedelta | None:
    return timedelta(seconds=value) if isinstance(value, int) else value


class AppState(Part):
    """The settings and registries of an app, and the classes it makes things of.

    Args:
        folders: As for `Part`.

    Raises:
        ValueError: `instance_path` is relative.
    """

    #: The steps of a request, overridden or not, found when first used.
    steps: Steps

    #: What `config` has at first.
    default_config: dict[str, Any] = APP_DEFAULTS
    #: The class of `g`.
    app_ctx_globals_class: type[Any]
    config_class = Config
    json_provider_class: type[JSONProvider] = StrictJSONProvider
    request_class: type[Request] = Request
    response_class: type[Response] = Response
    #: Opens and saves sessions; replace it to keep them elsewhere.
    session_interface: SessionInterface = ExactCookieSessionInterface()
    url_map_class = Map
    url_rule_class = Rule
    #: Passed to the Jinja environment when it is made.
    jinja_options: dict[str, Any] = {}  # noqa: RUF012 - subclasses replace it
    #: Environment variables of `Config.from_prefixed_env` start so.
    env_prefix = "TANTALUS"

    #: Whether all views are called with the data of requests that they ask for.
    typed: bool = False
    #: Those that are, once their signatures have been read; None without any.
    typed_views: Any = None

    #: The setting `TESTING`.
    testing = ConfigAttribute[bool]("TESTING")
    #: The setting `SECRET_KEY`.
    secret_key = ConfigAttribute[str | bytes | None]("SECRET_KEY")
    #: The setting `PERMANENT_SESSION_LIFETIME`, as a `timedelta`.
    permanent_session_lifetime = ConfigAttribute[timedelta](
        "PERMANENT_SESSION_LIFETIME",
        get_converter=_as_timedelta,  # type: ignore[arg-type]  # None stays None
    )

    # These are made and defined above, and called of an app, overridden or not.
    aborter: Callable[..., NoReturn]
    create_global_jinja_loader: Callable[[], Any]
    check_settings: Callable[[], None]
    _check_setup_finished: Callable[[str], None]
    create_url_adapter: Callable[[Request | None], MapAdapter | None]
    find_steps: Callable[[], Steps]
    get_send_file_max_age: Callable[[str | None], int | None]
    handle_url_build_error: Callable[[BuildError, str, dict[str, Any]], str]
    inject_url_defaults: Callable[[str, dict[str, Any]], None]
    jinja_env: Any
    jinja_environment: type[Any]
    logger: Logger
    make_response: Callable[[Any], Response]
    raise_routing_exception: Callable[[Any], NoReturn]
    redirect: Callable[..., ResponseBase]
    request_context: Callable[[WSGIEnvironment], Any]
    select_jinja_autoescape: Callable[[str | None], bool]
    url_for: Callable[..., str]

    def __init__(
        self,
        *folders: Any,
        instance_path: str | None = None,
        instance_relative_config: bool = False,
        host_matching: bool = False,
        subdomain_matching: bool = False,
    ) -> None:
        super().__init__(*folders)
        self.instance_path = (
            self.auto_find_instance_path()
            if instance_path is None
            else files.absolute_instance_path(instance_path)
        )
        self.config = self.make_config(instance_relative_config)
        self.json: JSONProvider = self.json_provider_class(self)
        self.url_build_error_handlers: list[Function] = []
        self.teardown_appcontext_funcs: list[TeardownCallable] = []
        self.shell_context_processors: list[ShellContextProcessorCallable] = []
        #: The registered blueprints by their dotted names.
        self.blueprints: dict[str, Any] = {}
        self.extensions: dict[str, Any] = {}
        self.url_map = self.url_map_class(host_matching=host_matching)
        self.subdomain_matching = subdomain_matching
        self._got_first_request = False
        self.prefixes = PrefixTable()
        #: The endpoint that matches for static files, by domain and rule.
        self.static_places: dict[tuple[str, str], str] = {}
        self.synchronous = SynchronousCalls(self)
        #: What is called instead of typed methods of class-based views.
        self.typed_methods: dict[Function, Function] = {}
        self.host_check = HostCheck(None, strict=False)
        #: Whether a route has said who may read its answers.
        self.has_cors = False
        #: Who observes the requests: see `observe()`.
        self.observers: tuple[Any, ...] = ()
        #: Whether the process takes its last requests: `/readyz` says so.
        self.is_draining = False
        #: The trusted origins that it was made for, and the check.
        self.cross_site_check: tuple[Any, http.CrossSiteCheck] | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in STEP_SOURCES:
            self.__dict__["steps"] = Unresolved(self)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        if name in STEP_SOURCES:
            self.__dict__["steps"] = Unresolved(self)

    @cached_property
    def name(self) -> str:  # type: ignore[override]  # an attribute of the base
        """The import name, or the name of the file that is run as a program."""
        return files.program_name(self.import_name)

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
            self._reload_templates(value)

    def _reload_templates(self, value: bool) -> None:
        environment = self.jinja_env
        follow = getattr(environment, "follow_settings", None)
        if follow is None:  # it is of Jinja's own class
            environment.auto_reload = value
        else:
            follow()

    def make_config(self, instance_relative: bool = False) -> Config:
        """Return the config, filled with the defaults."""
        root_path = self.instance_path if instance_relative else self.root_path
        defaults = {**self.default_config, "DEBUG": get_debug_flag()}
        config = self.config_class(root_path, defaults)
        config.env_prefix = self.env_prefix
        return config

    def auto_find_instance_path(self) -> str:
        """Return where the instance folder is by default."""
        return files.auto_find_instance_path(self.import_name, self.name)

    def ensure_sync(self, func: Function) -> Function:
        """Return `func`, or what runs it to its end if it is a coroutine function."""
        return self.async_to_sync(func) if iscoroutinefunction(func) else func

    def async_to_sync(self, func: Function) -> Function:
        """Return a function that runs a coroutine function to its end."""
        return async_to_sync(func)

    def should_ignore_error(self, error: BaseException | None) -> bool:
        """Tell whether the teardown functions should not be told of an error."""
        return False

    def trap_http_exception(self, e: Exception) -> bool:
        """Tell whether an HTTP error is treated as a bug, for the debugger to show."""
        if self.config["TRAP_HTTP_EXCEPTIONS"]:
            return True
        trap_bad_requests = self.config["TRAP_BAD_REQUEST_ERRORS"]
        if trap_bad_requests is None:
            return isinstance(e, BadRequestKeyError) and self.debug
        return bool(trap_bad_requests) and isinstance(e, BadRequest)
