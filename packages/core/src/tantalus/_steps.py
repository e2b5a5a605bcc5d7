"""The overridable steps of a request, called with the context as an argument.

The functions in `_dispatch` are the steps: `run(app, ctx, ...)`. As methods of the app
class they can be called without the context, as user code always did. What a subclass
or an instance puts in their place may take the context (`dispatch_request(self, ctx)`)
or not (`dispatch_request(self)`); which of the two is found out once, when `Steps` is
made, so a request pays nothing for the choice.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from tantalus_routing import Map

from .ctx import AppContext, current_context
from .globals import current_ctx

if TYPE_CHECKING:  # the app class is made of steps
    from ._app import App

#: `run(app, ctx, ...)`; what follows depends on the step.
Run = Callable[..., Any]


def step(run: Run) -> Callable[..., Any]:
    """Return `run(app, ctx, ...)` as a method that can be called without `ctx`."""
    return _method(run, current_context)


def app_step(run: Run) -> Callable[..., Any]:
    """Return a step that needs no request as a method, as `step` does."""
    return _method(run, current_ctx._get_current_object)  # type: ignore[attr-defined]  # a proxy


def _method(run: Run, current: Callable[[], AppContext]) -> Callable[..., Any]:
    @wraps(run)
    def method(app: App, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], AppContext):
            return run(app, *args, **kwargs)
        return run(app, current(), *args, **kwargs)

    method.run = run  # type: ignore[attr-defined]  # read by `Steps`
    signature = inspect.signature(run)
    app, _, *rest = signature.parameters.values()
    method.__signature__ = signature.replace(  # type: ignore[attr-defined]  # idem
        parameters=[app.replace(name="self"), *rest]
    )
    return method


def _takes_context(override: Callable[..., Any]) -> bool:
    """Tell whether the first argument of a bound `override` is named `ctx`."""
    try:
        first = next(iter(inspect.signature(override).parameters.values()), None)
    except (TypeError, ValueError):
        return False
    return first is not None and first.name == "ctx"


def _adapted(app: App, name: str) -> Run:
    """Return the step `name` of `app` as `run(app, ctx, ...)`."""
    bound = getattr(app, name)
    run = getattr(bound, "run", None)
    if run is not None and getattr(bound, "__self__", None) is app:
        return run  # type: ignore[no-any-return]  # set by `step`
    if _takes_context(bound):
        return lambda app, ctx, *args: bound(ctx, *args)
    return lambda app, ctx, *args: bound(*args)


class Steps:
    """The steps of one app, each as `run(app, ctx, ...)`.

    `match_directly` tells that URLs may be matched without a URL adapter: nobody has
    replaced the map's class, `create_url_adapter` or the matching of subdomains.
    """

    __slots__ = (
        "dispatch_request",
        "do_teardown_appcontext",
        "do_teardown_request",
        "finalize_request",
        "full_dispatch_request",
        "handle_exception",
        "handle_http_exception",
        "handle_user_exception",
        "log_exception",
        "make_default_options_response",
        "match_directly",
        "preprocess_request",
        "process_response",
        "update_template_context",
    )
    dispatch_request: Run
    do_teardown_appcontext: Run
    do_teardown_request: Run
    finalize_request: Run
    full_dispatch_request: Run
    handle_exception: Run
    handle_http_exception: Run
    handle_user_exception: Run
    log_exception: Run
    make_default_options_response: Run
    preprocess_request: Run
    process_response: Run
    update_template_context: Run
    match_directly: bool

    def __init__(self, app: App, app_class: type[App]) -> None:
        for name in STEP_NAMES:
            setattr(self, name, _adapted(app, name))
        adapter = getattr(app.create_url_adapter, "__func__", None)
        self.match_directly = (
            adapter is app_class.create_url_adapter
            and type(app.url_map) is Map
            and not app.subdomain_matching
        )


STEP_NAMES = frozenset(Steps.__slots__) - {"match_directly"}
#: Attributes of an app that `Steps` is made from.
STEP_SOURCES = STEP_NAMES | {"create_url_adapter", "url_map", "subdomain_matching"}
