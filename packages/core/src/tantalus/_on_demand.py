"""The parts of an app that are loaded when it first uses them.

Jinja, Click, the test client, the development server, the logger, files, the errors of
debug mode and leak checks are imported inside these functions: measured, they take
longer to load than all the rest together.
"""
# ruff: noqa: PLC0415 - the module's purpose, told above

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

if TYPE_CHECKING:  # an app is what these functions work on
    from logging import Logger

    from tantalus_templating import Problem

    from ._app import App
    from .cli import AppGroup
    from .ctx import AppContext, RequestContext
    from .templating import DispatchingJinjaLoader, Environment
    from .testing import FlaskClient, FlaskCliRunner
    from .wrappers import Request, Response

F = TypeVar("F", bound=Callable[..., Any])


class JinjaEnvironmentClass:
    """The class attribute `jinja_environment`, which is loaded when it is read."""

    def __get__(self, app: object, owner: type) -> type[Environment]:
        from .templating import Environment

        return Environment


def create_jinja_environment(app: App) -> Environment:
    """Return a new Jinja environment with the app's options and globals."""
    from .templating import create_jinja_environment

    return create_jinja_environment(app)


def create_jinja_loader(app: App) -> DispatchingJinjaLoader:
    """Return a loader over the template folders of an app and its blueprints."""
    from .templating import DispatchingJinjaLoader

    return DispatchingJinjaLoader(app)


def check_templates(app: App) -> tuple[list[str], list[Problem]]:
    """Return the names of all templates of an app, and the mistakes in them.

    Raises:
        TypeError: A loader cannot list its templates.
    """
    from tantalus_templating import check

    environment = app.jinja_env
    names = environment.list_templates() if environment.loader else []
    return names, check(environment, names) if names else []


@lru_cache(maxsize=1024)
def autoescapes(name: str | None, *, safe: bool) -> bool:
    """Tell whether a template of that name is escaped.

    Args:
        safe: Look before the ending of template files too (`page.html.j2`), and escape
            what has no known ending of plain text.
    """
    from tantalus_templating import autoescape_html, autoescape_safe

    return autoescape_safe(name) if safe else autoescape_html(name)


class Registers(Protocol):
    """A decorator that takes a name in parentheses, or stands without any."""

    @overload
    def __call__(self, name: F, /) -> F: ...
    @overload
    def __call__(self, name: str | None = None) -> Callable[[F], F]: ...


class Registrar(Protocol):
    """A method that is such a decorator."""

    def __get__(self, app: object, owner: type) -> Registers:
        """Return it bound to an app."""
        ...


def registrar(add: str) -> Registrar:
    """Return the method that registers a function by calling the method `add`."""

    def register(self: App, name: Any = None) -> Any:
        from tantalus_templating import registration

        return registration(getattr(self, add), name)

    register.__name__ = add.removeprefix("add_")
    register.__doc__ = f"Decorate a function, with its name or without: see `{add}`."
    return register


def function_name(function: Callable[..., Any], name: str | None) -> str:
    """Return the name to register a function under."""
    from tantalus_templating import function_name

    return function_name(function, name)


def form_data_redirect(request: Request) -> AssertionError:
    """Return the error about a redirect on which browsers drop what was submitted."""
    from .debughelpers import FormDataRoutingRedirect

    return FormDataRoutingRedirect(request)


def send_static_file(folder: str, filename: str, max_age: int | None) -> Response:
    """Return the response for a static URL."""
    from ._files import send_static_file

    return send_static_file(folder, filename, max_age)


def stamp_static_url(app: App, endpoint: str, values: dict[str, Any]) -> None:
    """Add the hash of a static file to the values that its URL is built from."""
    from ._files import stamp_static_url

    stamp_static_url(app, endpoint, values)


def create_logger(app: App) -> Logger:
    """Return the logger named after an app."""
    from .logging import create_logger

    return create_logger(app)


def context_probe() -> list[AppContext]:
    """Return the contexts, of whatever app, that are current here."""
    from ._leaks import context_probe

    return context_probe()


def record_pushes(enabled: bool) -> None:
    """Let contexts remember where they were pushed."""
    from ._leaks import record_pushes

    record_pushes(enabled)


def command_group(name: str) -> AppGroup:
    """Return an empty group of commands."""
    from .cli import AppGroup

    return AppGroup(name=name)


def test_request_context(app: App, args: Any, kwargs: Any) -> RequestContext:
    """Return the context of a made-up request."""
    from .testing import EnvironBuilder

    builder = EnvironBuilder(app, *args, **kwargs)
    try:
        return app.request_context(builder.get_environ())
    finally:
        builder.close()


def test_client(app: App, use_cookies: bool, kwargs: dict[str, Any]) -> FlaskClient:
    """Return a test client of the app's class."""
    from .testing import FlaskClient

    client_class = app.test_client_class or FlaskClient
    return client_class(app, app.response_class, use_cookies=use_cookies, **kwargs)


def test_cli_runner(app: App, kwargs: dict[str, Any]) -> FlaskCliRunner:
    """Return a command runner of the app's class."""
    from .testing import FlaskCliRunner

    return (app.test_cli_runner_class or FlaskCliRunner)(app, **kwargs)


def run(
    app: App,
    host: str | None,
    port: int | None,
    debug: bool | None,
    read_dotenv: bool,
    options: dict[str, Any],
) -> None:
    """Serve an app with Werkzeug's development server."""
    from .cli import serve

    name, _, name_port = (app.config.get("SERVER_NAME") or "").partition(":")
    if port is None:
        port = int(name_port or 5000)
    options |= {"name": app.name, "debug": debug, "load_dotenv": read_dotenv}
    try:
        serve(app, host or name or "127.0.0.1", int(port), **options)
    finally:
        # The app can be set up further once the server has stopped.
        app._got_first_request = False
