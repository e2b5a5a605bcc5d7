"""A plugin of pytest: test clients call each app through ASGI, with coroutines alone.

In the folder of a package:

    PYTHONPATH=../../tests/differential pytest -p as_coroutines

While a client calls an app, each of its functions that is none yet (views, hooks, error
handlers, teardown functions) is a coroutine function that calls it. So the request
lives on the event loop, as it does in an app that was written with `async def`. The
tests of core that fail are listed in `lost`. In tests of typed views these are left as
they are: their signatures say what they are given, and coroutines are among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any

import pytest

import lost
import through_asgi
from tantalus._live._websockets import WebSocketView

# Registries of an app: lists of functions by scope.
BY_SCOPE = ("before_request_funcs", "after_request_funcs", "teardown_request_funcs")

TYPED = ("test_typed", "test_openapi")
# Whether views are left as they are, in the test that runs.
is_typed = False
# By the identity of what they call, which they keep alive.
made: dict[int, tuple[Any, Callable[..., Any]]] = {}


def coroutine_of(function: Any) -> Any:
    """Return a coroutine function that calls `function`; not of WebSocket views."""
    is_awaited = iscoroutinefunction(function) or isasyncgenfunction(function)
    if is_awaited or isinstance(function, WebSocketView):
        return function
    known = made.get(id(function))
    if known is None:

        async def call(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        # A callable object need not have what functions have.
        known = made[id(function)] = function, wraps(function)(call)
    return known[1]


@contextmanager
def coroutines_in(app: Any) -> Iterator[None]:
    """Have coroutine functions in the registries of an app, in a block."""
    changed: list[tuple[Any, Any, Any]] = []
    for place, key in places_in(app):
        function = place[key]
        replaced = coroutine_of(function)
        if replaced is not function:
            changed.append((place, replaced, function))
            place[key] = replaced
    try:
        yield
    finally:
        for place, replaced, function in changed:
            for key in keys_of(place):
                if place[key] is replaced:
                    place[key] = function


def places_in(app: Any) -> Iterator[tuple[Any, Any]]:
    """Yield `(registry, key)` for each function of an app that requests may call."""
    registries = [app.teardown_appcontext_funcs]
    if not is_typed:
        registries.append(app.view_functions)
    for name in BY_SCOPE:
        registries += getattr(app, name).values()
    for by_code in app.error_handler_spec.values():
        registries += by_code.values()
    for registry in registries:
        for key in keys_of(registry):
            yield registry, key


def keys_of(registry: Any) -> list[Any]:
    """Return what the functions in a registry are found by."""
    return list(registry) if isinstance(registry, dict) else [*range(len(registry))]


def run_wsgi_app(app: Any, *args: Any) -> Any:
    """Call an app as its client asks, through ASGI and with coroutines."""
    if not hasattr(app, "asgi_app"):
        return through_asgi.run_wsgi_app(app, *args)
    with coroutines_in(app):
        return through_asgi.run_wsgi_app(app, *args)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect those to fail of which it is known why."""
    lost.expect(items, lost.THROUGH_ASGI | lost.AS_COROUTINES)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look whether the test is one of typed views."""
    global is_typed
    is_typed = item.path.name.startswith(TYPED)


def pytest_configure() -> None:
    """Put these in the place of what clients and the app call."""
    through_asgi.pytest_configure()
    through_asgi.client.run_wsgi_app = run_wsgi_app
