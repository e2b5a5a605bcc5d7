"""The decorators that apps and blueprints have in common; each fills a registry."""
# ruff: noqa: PLC0415 - methods load what most programs start without: see `_late`

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property, wraps
from os.path import join
from typing import IO, Any, TypeVar

import tantalus_config as files
from tantalus_http import class_and_code
from tantalus_routing import RouteDecorators, endpoint_of

from .._state._part import Part
from ..ctx import _cv_app, current_app_context
from ..typing import ErrorHandlerCallable
from ..wrappers import Response
from . import _late

F = TypeVar("F", bound=Callable[..., Any])

_sentinel: Any = object()
# The name that extensions know.
_endpoint_from_view_func = endpoint_of


def setupmethod(method: F) -> F:
    """Make a method of set-up refuse to be called once requests are handled."""

    @wraps(method)
    def checked(self: Scaffold, *args: Any, **kwargs: Any) -> Any:
        self._check_setup_finished(method.__name__)
        return method(self, *args, **kwargs)

    return checked  # type: ignore[return-value]  # same signature


def added(registry: dict[Any, list[Any]], f: F) -> F:
    """Return `f`, which stands last in a registry's own scope from now on."""
    registry.setdefault(None, []).append(to_be_called(f))
    return f


def to_be_called(f: F) -> F:
    """Return `f`, which requests will call; refuse it here if they could not."""
    if callable(f):
        return f
    raise TypeError(
        f"{f!r} cannot be registered: it cannot be called. Pass the function itself,"
        " not what a call of it returns."
    )


def _default_template_ctx_processor() -> dict[str, Any]:
    """Return `g` and `request`, whichever of them there are."""
    context = _cv_app.get(None)
    if context is None:
        return {}
    found = context.request_context
    if found is None:
        return {"g": context.g}
    return {"g": context.g, "request": found.request}


class SetupFinished(AssertionError):
    """A method of set-up was called after set-up."""

    def __init__(self, method: str, owner: str, event: str) -> None:
        self.method = method
        super().__init__(
            f"The setup method '{method}' can no longer be called on the {owner}. It"
            f" has already {event}, so what is added now would be missing there. Call"
            f" '{method}' earlier: where the modules are imported, or in the factory."
        )


class Scaffold(Part, RouteDecorators):
    """The set-up surface of `App` and `Blueprint`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.template_context_processors[None].append(_default_template_ctx_processor)

    @abstractmethod
    def _check_setup_finished(self, f_name: str) -> None:
        """Raise SetupFinished if it is too late for the method `f_name`."""

    def websocket(
        self, rule: str, *, endpoint: str | None = None, **options: Any
    ) -> Callable[[F], F]:
        """Register the decorated coroutine function as the view of a WebSocket.

        It is given the values of the rule, and the `WebSocket` itself if it has a
        parameter `websocket`. Its handshake is a request, with the hooks and the
        session of one; `before_websocket` and its like are for WebSockets alone.

        Args:
            options: `max_size` in bytes and `max_rate` in messages a second, by default
                what `WEBSOCKET_MAX_SIZE` and `WEBSOCKET_MAX_RATE` say, None for any;
                and those of a route, such as `cross_site=True` for pages of any site.
        """
        from .._live._websockets import websocket_view

        limits = {n: options.pop(n) for n in ("max_size", "max_rate") if n in options}

        def register(view: F) -> F:
            made: Any = websocket_view(view, **limits)
            name = endpoint or endpoint_of(view, rule)
            self.add_url_rule(rule, name, made, websocket=True, **options)
            return view

        return register

    @cached_property
    def cli(self) -> _late.AppGroup:
        """The commands registered here; Click is loaded when this is first read."""
        from ..cli import AppGroup

        return AppGroup(name=self.name)

    @cached_property
    def jinja_loader(self) -> _late.BaseLoader | None:
        """The loader of `template_folder`, None without one."""
        folder = self.template_folder
        if folder is None:
            return None
        from jinja2 import FileSystemLoader

        return FileSystemLoader(join(self.root_path, folder))

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Return for how many seconds browsers may keep a file without asking.

        None lets them ask each time; `SEND_FILE_MAX_AGE_DEFAULT` says so for all files.
        """
        value = current_app_context().app.config["SEND_FILE_MAX_AGE_DEFAULT"]
        if isinstance(value, timedelta):
            return int(value.total_seconds())
        if value is None or isinstance(value, int):
            return value
        raise TypeError(
            f"The setting SEND_FILE_MAX_AGE_DEFAULT is {value!r}. Set it to seconds, a"
            " timedelta or None."
        )

    def send_static_file(self, filename: str) -> Response:
        """Return a file of the static folder.

        Raises:
            RuntimeError: There is no static folder.
            NotFound: There is no such file (404).
        """
        folder = self.static_folder
        if folder is None:
            raise RuntimeError("'static_folder' must be set to serve static_files.")
        max_age = self.get_send_file_max_age(filename)
        from .._answers._files import send_static_file

        return send_static_file(folder, filename, max_age)

    def open_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = None
    ) -> IO[Any]:
        """Open a file that is shipped with the app, relative to `root_path`.

        Raises:
            ValueError: The mode is for writing.
        """
        return files.open_resource(self.root_path, resource, mode, encoding)

    @setupmethod
    def endpoint(self, endpoint: str) -> Callable[[F], F]:
        """Decorate the view of an endpoint whose rule is added elsewhere."""

        def decorator(f: F) -> F:
            self.view_functions[endpoint] = f
            return f

        return decorator

    @setupmethod
    def before_request(self, f: F) -> F:
        """Call `f()` before each request; what it returns but None is the answer."""
        return added(self.before_request_funcs, f)

    @setupmethod
    def after_request(self, f: F) -> F:
        """Call `f(response)` after each request; it returns the response to send."""
        return added(self.after_request_funcs, f)

    @setupmethod
    def teardown_request(self, f: F) -> F:
        """Call `f(error)` when the context of a request ends, error or not."""
        return added(self.teardown_request_funcs, f)

    @setupmethod
    def before_websocket(self, f: F) -> F:
        """Call `f()` before each WebSocket, once `before_request` has let it pass.

        What it returns but None is the answer to the handshake, which is denied.
        """
        return added(self.before_websocket_funcs, f)

    @setupmethod
    def after_websocket(self, f: F) -> F:
        """Call `f(response)` with the answer to each handshake: accepted is 101.

        It returns the response to send, and comes before `after_request`.
        """
        return added(self.after_websocket_funcs, f)

    @setupmethod
    def teardown_websocket(self, f: F) -> F:
        """Call `f(error)` when a WebSocket has ended, before `teardown_request`."""
        return added(self.teardown_websocket_funcs, f)

    @setupmethod
    def context_processor(self, f: F) -> F:
        """Let `f()` return a dict of values for each template."""
        return added(self.template_context_processors, f)

    @setupmethod
    def url_value_preprocessor(self, f: F) -> F:
        """Call `f(endpoint, values)` for each request; it may change the values."""
        return added(self.url_value_preprocessors, f)

    @setupmethod
    def url_defaults(self, f: F) -> F:
        """Call `f(endpoint, values)` whenever a URL is built; it may add values."""
        return added(self.url_default_functions, f)

    @setupmethod
    def errorhandler(
        self, code_or_exception: type[Exception] | int
    ) -> Callable[[F], F]:
        """Decorate `f(error)`, which answers for an HTTP code or a class of errors."""

        def decorator(f: F) -> F:
            self.register_error_handler(code_or_exception, f)
            return f

        return decorator

    @setupmethod
    def register_error_handler(
        self,
        code_or_exception: type[Exception] | int,
        f: ErrorHandlerCallable,
    ) -> None:
        """Let `f(error)` answer for an HTTP code or a class of errors.

        Raises:
            ValueError: No such code, or not an exception class.
            TypeError: An instance of an exception, or `f` cannot be called.
        """
        error_class, code = class_and_code(code_or_exception)
        self.error_handler_spec[None][code][error_class] = to_be_called(f)

    # The name that extensions know.
    _get_exc_class_and_code = staticmethod(class_and_code)
