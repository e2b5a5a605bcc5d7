"""The overridable steps of a request, called with the context as an argument.

The functions of this room are the steps: `run(app, ctx, ...)`. As methods of the app
class they can be called without the context, as user code always did. What a subclass
or an instance puts in their place may take the context (`dispatch_request(self, ctx)`)
or not (`dispatch_request(self)`); which of the two is found out once, when the steps
are found, so a request pays nothing for the choice.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from types import MethodType
from typing import Any, TypeVar
from wsgiref.types import WSGIEnvironment

from tantalus_routing import Map

from .._live._observers import observe
from .._state._app import AppState
from .._state._steps import STEP_NAMES, Run, Steps, parts_of
from ..config import Config, ConfigAttribute
from ..ctx import AppContext, RequestContext, current_app_context, current_context
from ..wrappers import Response
from ._for_browsers import usual_headers

F = TypeVar("F", bound=Callable[..., Any])

# What the methods of the app class run, by the identity of the method: whoever wraps
# one may copy its attributes, and be equal to it, and must be called nevertheless.
_runs: dict[int, Run] = {}
# Settings that are attributes of an app.
_SETTINGS = ("permanent_session_lifetime", "secret_key", "testing")


def step(run: Run) -> Callable[..., Any]:
    """Return `run(app, ctx, ...)` as a method that can be called without `ctx`."""
    return _method(run, current_context)


def app_step(run: Run) -> Callable[..., Any]:
    """Return a step that needs no request as a method, as `step` does."""
    return _method(run, current_app_context)


def _method(run: Run, current: Callable[[], AppContext]) -> Callable[..., Any]:
    @runs(run)
    @wraps(run)
    def method(app: AppState, *args: Any, **kwargs: Any) -> Any:
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
        _runs[id(method)] = run
        return method

    return remember


def find_steps(app: AppState) -> Steps:
    """Return the steps of an app, each as it is or as what took its place is called."""
    found: dict[str, Run] = {}
    replaced = []
    for name in STEP_NAMES:
        run = _run_of(app, name)
        if run is None:
            replaced.append(name)
            run = _adapted(getattr(app, name))
        found[name] = run
    steps = Steps(frozenset(replaced), parts_of(type(app)))
    for name, run in found.items():
        setattr(steps, name, run)
    steps.make_response = _run_of(app, "make_response") or _call_make_response
    steps.make_context = _run_of(app, "request_context") or _call_request_context
    steps.build_url = _run_of(app, "url_for") or _call_url_for
    steps.app_ctx_globals_class = app.app_ctx_globals_class
    steps.request_class = app.request_class
    steps.response_class = app.response_class
    steps.opens_lazily = getattr(app.session_interface, "opens_lazily", False)
    steps.injects_url_defaults = _run_of(app, "inject_url_defaults") is None
    steps.settings_are_config = _reads_plainly(app.config) and all(
        isinstance(getattr(type(app), name), ConfigAttribute) for name in _SETTINGS
    )
    steps.match_directly = (
        _run_of(app, "create_url_adapter") is not None
        and type(app.url_map) is Map
        and not app.subdomain_matching
    )
    says_usual = app.config.get("SECURITY_HEADERS") is True
    steps.usual_headers = usual_headers() if says_usual else None
    if app.observers:
        observe(steps, app.observers)
    return steps


def _run_of(app: AppState, name: str) -> Run | None:
    """Return what the method `name` of `app` runs, None if it was replaced."""
    bound = getattr(app, name)
    if type(bound) is MethodType and bound.__self__ is app:
        return _runs.get(id(bound.__func__))
    return None


def is_ours(app: AppState, name: str) -> bool:
    """Tell whether nobody has replaced the method `name` of `app`."""
    if _run_of(app, name) is not None:
        return True
    bound, ours = getattr(app, name), getattr(AppState, name, None)
    return ours is not None and getattr(bound, "__func__", None) is ours


def _adapted(replacement: Callable[..., Any]) -> Run:
    """Return what took the place of a step as `run(app, ctx, ...)`."""
    if _takes_context(replacement):
        return lambda app, ctx, *args, **named: replacement(ctx, *args, **named)
    return lambda app, ctx, *args, **named: replacement(*args, **named)


def _takes_context(override: Callable[..., Any]) -> bool:
    """Tell whether the first argument of a bound `override` is named `ctx`."""
    try:
        first = next(iter(inspect.signature(override).parameters.values()), None)
    except (TypeError, ValueError):
        return False
    return first is not None and first.name == "ctx"


def _reads_plainly(config: object) -> bool:
    """Tell whether what is in `config` changes with its version only."""
    return isinstance(config, Config) and type(config).__getitem__ is dict.__getitem__


def _call_request_context(app: AppState, environ: WSGIEnvironment) -> RequestContext:
    context: RequestContext = app.request_context(environ)
    return context


def _call_make_response(app: AppState, value: Any) -> Response:
    return app.make_response(value)


def _call_url_for(
    app: AppState, endpoint: str, values: dict[str, Any], *options: Any
) -> str:
    names = ("_anchor", "_method", "_scheme", "_external")
    return app.url_for(endpoint, **dict(zip(names, options, strict=True)), **values)
