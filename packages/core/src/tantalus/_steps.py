"""The overridable steps of a request, called with the context as an argument.

The functions in `_dispatch` are the steps: `run(app, ctx, ...)`. As methods of the app
class they can be called without the context, as user code always did. What a subclass
or an instance puts in their place may take the context (`dispatch_request(self, ctx)`)
or not (`dispatch_request(self)`); which of the two is found out once, when `Steps` is
made, so a request pays nothing for the choice.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable
from functools import wraps
from operator import attrgetter
from types import MethodType
from typing import TYPE_CHECKING, Any, TypeVar
from wsgiref.types import WSGIEnvironment

from tantalus_routing import Map

from .config import Config, ConfigAttribute
from .ctx import AppContext, RequestContext, current_context
from .globals import current_ctx

if TYPE_CHECKING:  # the app class is made of steps
    from ._app import App
    from .wrappers import Response

F = TypeVar("F", bound=Callable[..., Any])
#: `run(app, ctx, ...)`; what follows depends on the step.
Run = Callable[..., Any]

# What the methods of the app class run, by the method itself: whoever wraps one may
# copy its attributes, and must be called nevertheless.
_runs: dict[Callable[..., Any], Run] = {}


def step(run: Run) -> Callable[..., Any]:
    """Return `run(app, ctx, ...)` as a method that can be called without `ctx`."""
    return _method(run, current_context)


def app_step(run: Run) -> Callable[..., Any]:
    """Return a step that needs no request as a method, as `step` does."""
    return _method(run, current_ctx._get_current_object)  # type: ignore[attr-defined]  # a proxy


def _method(run: Run, current: Callable[[], AppContext]) -> Callable[..., Any]:
    @runs(run)
    @wraps(run)
    def method(app: App, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], AppContext):
            return run(app, *args, **kwargs)
        return run(app, current(), *args, **kwargs)

    signature = inspect.signature(run)
    app, _, *rest = signature.parameters.values()
    method.__signature__ = signature.replace(  # type: ignore[attr-defined]  # idem
        parameters=[app.replace(name="self"), *rest]
    )
    return method


def runs(run: Run) -> Callable[[F], F]:
    """Decorate a method of the app class: while nobody replaces it, `run` is called."""

    def remember(method: F) -> F:
        _runs[method] = run
        return method

    return remember


def _run_of(app: App, name: str) -> Run | None:
    """Return what the method `name` of `app` runs, None if it was replaced."""
    bound = getattr(app, name)
    if type(bound) is MethodType and bound.__self__ is app:
        return _runs.get(bound.__func__)
    return None


def _call_request_context(app: App, environ: WSGIEnvironment) -> RequestContext:
    return app.request_context(environ)


def _call_make_response(app: App, value: Any) -> Response:
    return app.make_response(value)


def _call_url_for(
    app: App, endpoint: str, values: dict[str, Any], *options: Any
) -> str:
    names = ("_anchor", "_method", "_scheme", "_external")
    return app.url_for(endpoint, **dict(zip(names, options, strict=True)), **values)


def _takes_context(override: Callable[..., Any]) -> bool:
    """Tell whether the first argument of a bound `override` is named `ctx`."""
    try:
        first = next(iter(inspect.signature(override).parameters.values()), None)
    except (TypeError, ValueError):
        return False
    return first is not None and first.name == "ctx"


def _adapted(replacement: Callable[..., Any]) -> Run:
    """Return what took the place of a step as `run(app, ctx, ...)`."""
    if _takes_context(replacement):
        return lambda app, ctx, *args, **named: replacement(ctx, *args, **named)
    return lambda app, ctx, *args, **named: replacement(*args, **named)


def _reads_plainly(config: object) -> bool:
    """Tell whether what is in `config` changes with its version only."""
    return isinstance(config, Config) and type(config).__getitem__ is dict.__getitem__


class Steps:
    """The steps of one app, each as `run(app, ctx, ...)`.

    Attributes:
        replaced: The names of those that are not ours.
        preprocesses_always: `preprocess_request` is replaced, and so to be called
            where no hook is registered, too; likewise the other three.
        make_context: `request_context`, as a function of app and environ.
        make_response: The method, as a function of app and value.
        request_class: That of the app, as are `response_class` and
            `app_ctx_globals_class`.
        opens_lazily: What the session interface says of itself.
        build_url: `url_for`, as a function of app, endpoint, values and options.
        injects_url_defaults: `inject_url_defaults` was replaced.
        settings_are_config: Every setting is read from `config`, which counts changes.
        match_directly: URLs may be matched without a URL adapter: nobody has replaced
            the map's class, `create_url_adapter` or the matching of subdomains.
    """

    full_dispatch_request: Run
    preprocess_request: Run
    dispatch_request: Run
    make_default_options_response: Run
    finalize_request: Run
    process_response: Run
    handle_user_exception: Run
    handle_http_exception: Run
    handle_exception: Run
    log_exception: Run
    do_teardown_request: Run
    do_teardown_appcontext: Run
    update_template_context: Run

    def __init__(self, app: App) -> None:
        self._parts = _parts_of(type(app))
        replaced = []
        for name in STEP_NAMES:
            run = _run_of(app, name)
            if run is None:
                replaced.append(name)
                run = _adapted(getattr(app, name))
            setattr(self, name, run)
        self.replaced = frozenset(replaced)
        self.preprocesses_always = "preprocess_request" in replaced
        self.processes_always = "process_response" in replaced
        self.tears_requests_down_always = "do_teardown_request" in replaced
        self.tears_contexts_down_always = "do_teardown_appcontext" in replaced
        self.make_response = _run_of(app, "make_response") or _call_make_response
        self.app_ctx_globals_class = app.app_ctx_globals_class
        self.request_class = app.request_class
        self.response_class = app.response_class
        self.opens_lazily = app.session_interface.opens_lazily
        self.make_context: Callable[[App, WSGIEnvironment], RequestContext] = (
            _run_of(app, "request_context") or _call_request_context
        )
        self.build_url = _run_of(app, "url_for") or _call_url_for
        self.injects_url_defaults = _run_of(app, "inject_url_defaults") is None
        self.settings_are_config = _reads_plainly(app.config) and all(
            isinstance(getattr(type(app), name), ConfigAttribute) for name in _SETTINGS
        )
        self.match_directly = (
            _run_of(app, "create_url_adapter") is not None
            and type(app.url_map) is Map
            and not app.subdomain_matching
        )

    def hold_for(self, app: App) -> bool:
        """Tell whether the class of `app` has the methods that it had."""
        return self._parts == _parts_of(type(app))


STEP_NAMES = frozenset(Steps.__annotations__)
_OF_THE_CLASS = STEP_NAMES | {
    "app_ctx_globals_class",
    "create_url_adapter",
    "inject_url_defaults",
    "make_response",
    "request_class",
    "request_context",
    "response_class",
    "session_interface",
    "url_for",
}
# Settings that are attributes of an app.
_SETTINGS = ("permanent_session_lifetime", "secret_key", "testing")
#: Attributes of an app that `Steps` is made from.
STEP_SOURCES = _OF_THE_CLASS | {"config", "subdomain_matching", "url_map"}
_parts_of: Callable[[type[App]], tuple[object, ...]] = attrgetter(*_OF_THE_CLASS)


class Unresolved:
    """Stands in for the steps of an app until the first of them is needed."""

    def __init__(self, app: App) -> None:
        # The app holds this object: a reference back would be a cycle.
        self._app = weakref.ref(app)

    def __getattr__(self, name: str) -> Any:
        app = self._app()
        assert app is not None
        if vars(app)["steps"] is self:
            vars(app)["steps"] = Steps(app)
        return getattr(app.steps, name)


def see_patches(app: object) -> None:
    """Have the steps of an app found again if methods of its class were replaced.

    Tests do so, and back again, while the app is in use; no request looks for it.
    """
    steps = getattr(app, "__dict__", {}).get("steps")
    if isinstance(steps, Steps) and not steps.hold_for(app):  # type: ignore[arg-type]  # who has steps is an app
        app.__dict__["steps"] = Unresolved(app)  # type: ignore[arg-type]  # the same
