"""The app object: what the user fills at set-up, and what a server calls.

Its methods are the surface; the work is done by the modules they delegate to.
`_request` tells the life of a request.
"""
# ruff: noqa: PLC0415 - methods load what most programs start without: see `_late`

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property, partial, wraps
from inspect import iscoroutinefunction
from typing import Any, ParamSpec, TypeVar, overload
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.routing import MapAdapter, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as ResponseBase

from tantalus_http import (
    ASGIApplication,
    ASGIReceive,
    ASGIScope,
    ASGISend,
    find_error_handler,
)

from ._answers import _coercion, _urls
from ._answers._proxies import g
from ._live._running import running, start_lifespan, stop_lifespan, stop_on_sigterm
from ._request import (
    _begin,
    _decisions,
    _dispatch,
    _errors,
    _steps,
    _teardown,
    _template_context,
)
from ._request._steps import app_step, runs, step
from ._request.app import log_exception
from ._setup import _late
from ._setup._app_setup import AppSetup
from ._state import _matching
from ._state._loops import awaited_in
from .ctx import AppContext, RequestContext, _cv_app, current_request_of
from .signals import template_rendered
from .wrappers import Request

P = ParamSpec("P")
R = TypeVar("R")


class App(AppSetup):
    """A web application: a registry of views and hooks, and what a server calls.

    Servers of WSGI and of ASGI call the same object.

    Args:
        import_name: The module this is defined in, mostly `__name__`; folders are
            relative to it.
        static_url_path: The URL of the static files; the folder's name by default.
        static_host: The host of the static files, with `host_matching`.
        host_matching: Rules name hosts.
        subdomain_matching: Rules name subdomains of `SERVER_NAME`.
        instance_path: An absolute path for files that are not part of the program.
        instance_relative_config: Look up configuration files there.
        typed: Parameters of views that nothing marks are read from the query.

    Raises:
        ValueError: `instance_path` is relative, or `static_host` does not fit.
    """

    #: The class of `test_client()`; None for `tantalus.testing.FlaskClient`.
    test_client_class: type[_late.FlaskClient] | None = None
    #: The same for `test_cli_runner()`, and `FlaskCliRunner`.
    test_cli_runner_class: type[_late.FlaskCliRunner] | None = None

    find_steps = _steps.find_steps

    # The steps of a request: see `_request`.

    full_dispatch_request = step(_dispatch.full_dispatch_request)
    preprocess_request = step(_dispatch.preprocess_request)
    dispatch_request = step(_dispatch.dispatch_request)
    make_default_options_response = step(_dispatch.make_default_options_response)
    finalize_request = step(_dispatch.finalize_request)
    process_response = step(_dispatch.process_response)
    handle_user_exception = step(_errors.handle_user_exception)
    handle_http_exception = step(_errors.handle_http_exception)
    handle_exception = step(_errors.handle_exception)
    log_exception = step(log_exception)
    do_teardown_request = step(_teardown.do_teardown_request)
    do_teardown_appcontext = app_step(_teardown.do_teardown_appcontext)
    update_template_context = app_step(_template_context.update_template_context)

    @overload
    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]: ...
    @overload
    def __call__(
        self, environ: ASGIScope, start_response: ASGIReceive, send: ASGISend
    ) -> Awaitable[None]: ...
    @overload
    def __call__(
        self, environ: ASGIScope
    ) -> Callable[[ASGIReceive, ASGISend], Awaitable[None]]: ...
    @runs(_dispatch.wsgi_app)
    def __call__(
        self, environ: Any, start_response: Any = None, send: Any = None
    ) -> Any:
        """Answer what a server asks, through `wsgi_app` or `asgi_app`.

        A server of WSGI passes an environ and `start_response`. One of ASGI 3 passes
        scope, `receive` and `send`; one of ASGI 2 the scope alone, and then the others
        to what that returns. Middleware wraps `wsgi_app` or `asgi_app`, not the app.
        """
        if send is None and start_response is not None:
            return self.wsgi_app(environ, start_response)
        if start_response is None:
            return partial(self.asgi_app, environ)
        return self.asgi_app(environ, start_response, send)

    wsgi_app = runs(_dispatch.wsgi_app)(_dispatch.wsgi_app)

    @cached_property
    def asgi_app(self) -> ASGIApplication:
        """The app for servers of ASGI. Middleware wraps this, not the app."""
        from ._asgi._face import Face

        return Face(self, self)

    def life_of(self, rule: Rule) -> str:
        """Return where requests with a rule of `url_map` live under ASGI.

        Returns:
            "loop" or "worker"; functions of the other kind are called from there.
        """
        from ._asgi._lives import life_of

        return life_of(self, rule)

    def app_context(self) -> AppContext:
        """Return a context for work outside requests: `with app.app_context():`."""
        return AppContext(self)

    @runs(RequestContext)
    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Return the context of the request that `environ` describes."""
        return RequestContext(self, environ)

    def test_request_context(self, *args: Any, **kwargs: Any) -> RequestContext:
        """Return the context of a made-up request; arguments as for the test client."""
        from .testing import EnvironBuilder

        builder = EnvironBuilder(self, *args, **kwargs)
        try:
            return self.request_context(builder.get_environ())
        finally:
            builder.close()

    def in_context(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a job, command or thread target to run in a context of its own.

        A coroutine function stays one, whose context is there while it is awaited.
        """
        if iscoroutinefunction(function):

            @wraps(function)
            async def awaited_in_app_context(*args: Any, **kwargs: Any) -> Any:
                return await awaited_in(self.app_context(), function, *args, **kwargs)

            return awaited_in_app_context  # type: ignore[return-value]  # the same

        @wraps(function)
        def in_app_context(*args: P.args, **kwargs: P.kwargs) -> R:
            with self.app_context():
                return function(*args, **kwargs)

        return in_app_context

    def call(self, function: Callable[..., R], /, **given: Any) -> R:
        """Call a function with its dependencies, as typed views are, without a request.

        Args:
            function: A job or command; in the context of the app, or in a new one.
            given: Parameters by name, and what dependencies want of a request.

        Raises:
            TypeError: Something is missing, or nothing wants it.
        """
        from ._typed._binding import typed_views

        binder = typed_views(self, "App.call()").binder
        call: Callable[[], R] = binder.caller(function, **given)
        context = _cv_app.get(None)
        if context is not None and context.app is self:
            return call()
        return self.in_context(call)()

    def overriding(
        self, replacements: Mapping[Callable[..., Any], Callable[..., Any]]
    ) -> AbstractContextManager[None]:
        """Let other functions stand for dependencies of typed views, in tests.

        `with app.overriding({current_user: lambda: ada}):`

        Raises:
            TypeError: No view uses one of them.
        """
        from ._typed._binding import typed_views

        views = typed_views(self, "App.overriding()")
        return views.binder.overriding(replacements)  # type: ignore[no-any-return]  # loaded late

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI 3.1 document of the typed views; see `add_openapi()`.

        Raises:
            TypeError: Two operations, or two types, would have one name.
            ImportError: tantalus-typed is not installed.
        """
        from ._typed._binding import about_to_type

        about_to_type("App.openapi()")
        from ._typed._document import openapi

        return openapi(self)

    def python_links(self) -> str:
        """Return the source of a module with a function for the URL of each endpoint.

        Raises:
            ValueError: Two endpoints would be one function.
        """
        from ._typed._links import python_links

        return python_links(self)

    @runs(_matching.bind_url_map)
    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return the URL map bound to a request, or to `SERVER_NAME` without one."""
        return _matching.bind_url_map(self, request)

    def current_request(self) -> Request | None:
        """Return the request that this app is handling, for interfaces that ask."""
        return current_request_of(self)

    raise_routing_exception = runs(_decisions.raise_routing_exception)(
        _decisions.raise_routing_exception
    )

    make_response = runs(_coercion.make_response)(_coercion.make_response)

    def _find_error_handler(self, e: Exception, blueprints: list[str]) -> Any:
        return find_error_handler(
            self.error_handler_spec, e, (None, *reversed(blueprints))
        )

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

    # At work, outside of servers.

    def start(self) -> None:
        """Open what the app opens, now instead of with its first request.

        For programs that serve it; never before a `fork()`, such as in the master of a
        server that loads it there.
        """
        self.check_settings()
        start_lifespan(self)

    def stop(self) -> None:
        """Close what the app has opened, in reverse order."""
        stop_lifespan(self)

    running = running
    stop_on_sigterm = stop_on_sigterm

    # Tools.

    check_settings = _begin.check_settings

    def check_templates(self) -> tuple[list[str], list[_late.Problem]]:
        """Return the names of all templates of the app, and the mistakes in them.

        Raises:
            TypeError: A loader cannot list its templates.
        """
        from tantalus_templating import check

        environment = self.jinja_env
        names = environment.list_templates() if environment.loader else []
        return names, check(environment, names) if names else []

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
        from .cli import serve

        name, _, name_port = (self.config.get("SERVER_NAME") or "").partition(":")
        if port is None:
            port = int(name_port or 5000)
        options |= {"name": self.name, "debug": debug, "load_dotenv": load_dotenv}
        try:
            serve(self, host or name or "127.0.0.1", int(port), **options)
        finally:
            # The app can be set up further once the server has stopped.
            self._got_first_request = False

    template_rendered_signal = template_rendered

    # What leak checks ask: see `tantalus_testing`.

    @staticmethod
    def context_probe() -> list[AppContext]:
        """Return the contexts, of whatever app, that are current here."""
        context = _cv_app.get(None)
        return [] if context is None else [context]

    @staticmethod
    def record_pushes(enabled: bool) -> None:
        """Let contexts remember where they were pushed."""
        AppContext.record_pushes = enabled

    def test_client(self, use_cookies: bool = True, **kwargs: Any) -> _late.FlaskClient:
        """Return a client that calls the app without a server."""
        from .testing import FlaskClient

        client_class = self.test_client_class or FlaskClient
        return client_class(
            self, self.response_class, use_cookies=use_cookies, **kwargs
        )

    def async_client(
        self, use_cookies: bool = True, **kwargs: Any
    ) -> _late.AsyncClient:
        """Return a client for coroutines: `await app.async_client().get("/")`."""
        from tantalus_testing import AsyncClient

        return AsyncClient(self, self.response_class, use_cookies, **kwargs)

    def test_cli_runner(self, **kwargs: Any) -> _late.FlaskCliRunner:
        """Return a runner that calls commands without a shell."""
        from .testing import FlaskCliRunner

        return (self.test_cli_runner_class or FlaskCliRunner)(self, **kwargs)
