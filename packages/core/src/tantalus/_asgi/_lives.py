"""Where the functions of an app run under ASGI: on the event loop, or in a worker.

A request has one of two lives. Its view decides: what is awaited, or says that it never
waits, runs on the loop, and so does all of the request that may; anything else has all
of its request in one worker. What stands nearest to the view is asked first: its route,
the function itself (`nonblocking`), its blueprint and those around that, the app. Where
nobody has said anything, coroutine functions run on the loop, and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import isasyncgenfunction, iscoroutinefunction
from itertools import chain
from typing import Any, TypeVar

from werkzeug.routing import BaseConverter

from tantalus_routing import Map, enclosing_groups

from .._live._websockets import WebSocketView
from .._request._steps import is_ours
from .._state._app import AppState
from .._state._steps import BESIDE_THE_STEPS
from ..wrappers import Request

Function = Callable[..., Any]
F = TypeVar("F", bound=Callable[..., Any])

LOOP, WORKER = "loop", "worker"
# More come only from programs that make some anew for each request.
MOST_REMEMBERED = 10_000


def nonblocking(function: F) -> F:
    """Say that a function never waits, so that it may run on the event loop.

    For views, hooks, error handlers, receivers of signals and URL converters that are
    no coroutine functions: `@nonblocking` stands below the decorator that registers.
    What waits nevertheless (for a database, a file, a lock) keeps all requests waiting.
    """
    function.is_nonblocking = True  # type: ignore[attr-defined]  # for `stays_on_loop`
    return function


def stays_on_loop(function: Function) -> bool:
    """Tell whether a function runs on the loop where nothing else was asked for."""
    return (
        iscoroutinefunction(function)
        or isasyncgenfunction(function)
        or getattr(function, "is_nonblocking", False)
    )


class LifeRefused(ValueError):
    """What a route asks of its life cannot be."""


def check_asked(rule: str, view: Function | None, asked: dict[str, Any]) -> None:
    """Check what a route asks of its life.

    Raises:
        LifeRefused: It can't be had.
    """
    place = asked.get("runs_on")
    if place not in {None, LOOP, WORKER}:
        raise LifeRefused(
            f"The route {rule!r} asks for runs_on={place!r}. Say 'loop' or 'worker'."
        )
    if not asked.get("cancel_on_disconnect"):
        return
    if place == WORKER or not (view is None or iscoroutinefunction(view)):
        raise LifeRefused(
            f"The route {rule!r} asks for cancel_on_disconnect, but its view {view!r}"
            " runs in a thread, which cannot be cancelled. Write the view with 'async"
            " def', and leave out runs_on='worker'."
        )


def life_of(app: AppState, rule: Any) -> str:
    """Return the life of requests with a rule, or of WebSockets."""
    if isinstance(app.view_functions.get(rule.endpoint), WebSocketView):
        return LOOP  # or nowhere
    lives = Lives(app)
    return LOOP if lives.may_be_on_loop() and lives.is_on_loop(rule) else WORKER


class Lives:
    """Where the functions of one app run, found out once for each."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._known: dict[int, bool] = {}
        # Kept alive, so that their identities are given to no others.
        self._functions: list[Function] = []
        self._found: dict[int, tuple[Function, bool]] = {}
        # Whether matching a URL may wait.
        self._matching_waits = any(map(_may_wait, app.url_map.converters.values()))
        # What was found of the steps of the app, as long as they are these.
        self._steps: object = None
        self._awaits = False

    def may_be_on_loop(self) -> bool:
        """Tell whether any request may live on the loop.

        None does where something is replaced that is awaited there, or where already
        the matching of a URL may wait.
        """
        app = self._app
        if app.steps is not self._steps:
            replaced = app.steps.replaced  # they may have to be found
            self._steps, request_class = app.steps, app.steps.request_class
            self._awaits = (
                not (replaced or self._matching_waits)
                and isinstance(request_class, type)
                and issubclass(request_class, Request)
                and all(is_ours(app, name) for name in BESIDE_THE_STEPS)
            )
        return self._awaits

    def stays(self, function: Function) -> bool:
        """Tell whether a hook or handler runs on the loop."""
        known = self._known.get(id(function))
        if known is None:
            known = stays_on_loop(function)
            if len(self._functions) < MOST_REMEMBERED:
                self._functions.append(function)
                self._known[id(function)] = known
        return known

    def all_stay(self, functions: Iterable[Function]) -> bool:
        """Tell whether all of these run on the loop."""
        return all(map(self.stays, functions))

    def is_on_loop(self, rule: Any) -> bool:
        """Tell whether a request lives on the loop.

        Args:
            rule: The rule that its URL matched, None if there is none.
        """
        if rule is None:
            return self._nothing_waits()
        view = self._app.view_functions.get(rule.endpoint)
        if view is None:  # an endpoint without a view is the worker's to complain of
            return False
        # The map keeps its rules: their identities are given to no others.
        found = self._found.get(id(rule))
        if found is None or found[0] is not view:
            found = self._found[id(rule)] = view, self._find(rule, view)
        return found[1]

    def _find(self, rule: Any, view: Function) -> bool:
        asked = getattr(rule, "runs_on", None)
        if asked is not None:
            return bool(asked == LOOP)
        if getattr(view, "is_nonblocking", False):
            return True
        app = self._app
        for name in enclosing_groups(rule.endpoint.rpartition(".")[0]):
            blueprint = app.blueprints.get(name)
            if blueprint is not None and blueprint.runs_on is not None:
                return bool(blueprint.runs_on == LOOP)
        return stays_on_loop(view) if app.runs_on is None else app.runs_on == LOOP

    def _nothing_waits(self) -> bool:
        """Tell whether all hooks and handlers of an app run on the loop.

        They are all that may be called where no view is.
        """
        app = self._app
        registries = (
            app.before_request_funcs,
            app.after_request_funcs,
            app.teardown_request_funcs,
            app.url_value_preprocessors,
        )
        for registry in registries:
            if registry and not self.all_stay(chain(*registry.values())):
                return False
        if not app.error_handler_spec:
            return self.all_stay(app.teardown_appcontext_funcs)
        handlers = (
            handler
            for by_code in app.error_handler_spec.values()
            for by_class in by_code.values()
            for handler in by_class.values()
        )
        return self.all_stay(app.teardown_appcontext_funcs) and self.all_stay(handlers)


def _may_wait(converter: type[BaseConverter]) -> bool:
    """Tell whether a URL converter does something of its own with a text."""
    to_python: Any = converter.to_python
    ours = {known.to_python for known in Map.default_converters.values()}
    return to_python not in ours and not getattr(converter, "is_nonblocking", False)
