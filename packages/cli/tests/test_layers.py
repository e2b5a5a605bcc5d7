from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

import pytest
from fakes import FakeApp, plain_app
from werkzeug.local import LocalProxy
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from tantalus_cli._layers import closure_values, is_configured, is_proxy, layers


def in_closure(app: Any) -> Any:
    def middleware(environ: Any, start_response: Any) -> Any:
        return app(environ, start_response)

    return middleware


class Holding:
    """A middleware that keeps what it wraps where it likes."""

    def __init__(self, **held: object) -> None:
        vars(self).update(held)

    def __call__(self, environ: Any, start_response: Any) -> Any: ...

    def method(self, environ: Any, start_response: Any) -> Any: ...


class Slotted:
    """A middleware without a dict of attributes."""

    __slots__ = ("_inner", "unset")

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __call__(self, environ: Any, start_response: Any) -> Any: ...


class SlottedOnce(Slotted):
    __slots__ = "other"


WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "attribute": ProxyFix,
    "other attribute": lambda app: Holding(inner=app),
    "slot": Slotted,
    "inherited slot": SlottedOnce,
    "list": lambda app: Holding(apps=[app]),
    "mounted": lambda app: DispatcherMiddleware(plain_app, {"/a": app}),
    "closure": in_closure,
    "method": lambda app: Holding(inner=app).method,
    "partial": lambda app: partial(in_closure, app),
    "keyword": lambda app: partial(in_closure, app=app),
    "several": lambda app: ProxyFix(in_closure(Holding(inner=app).method)),
}


@pytest.mark.parametrize("name", WRAPPERS)
def test_what_is_wrapped_is_found(name: str) -> None:
    app = FakeApp()

    assert app in list(layers(WRAPPERS[name](app)))


@pytest.mark.parametrize("name", WRAPPERS)
def test_what_wraps_the_inside_of_an_app_is_found(name: str) -> None:
    app, inner = FakeApp(), Holding()
    app.wsgi_app = WRAPPERS[name](inner)  # type: ignore[attr-defined] # as an app object has

    assert inner in list(layers(app))


def test_only_the_inside_of_an_app_is_entered() -> None:
    app = FakeApp()
    app.helper = Holding()  # type: ignore[attr-defined] # whatever an app may have

    assert list(layers(app)) == [app]


def test_layers_that_hold_each_other_come_once() -> None:
    first, second = Holding(), Holding()
    vars(first)["inner"], vars(second)["inner"] = second, first

    assert list(layers(first)) == [first, second]


def test_proxies_are_not_woken() -> None:
    nobody: Any = LocalProxy(ContextVar[object]("nobody"))

    assert is_proxy(nobody)
    assert not is_proxy(plain_app)
    assert len(list(layers(Holding(inner=nobody)))) == 1


def test_a_variable_without_a_value_holds_nothing() -> None:
    def function() -> object:
        return later

    assert list(closure_values(function)) == []  # type: ignore[arg-type] # a function
    later = 1
    assert list(closure_values(function)) == [1]  # type: ignore[arg-type] # the same


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({}, True),
        ({"SECRET_KEY": "k", "mine": 1}, True),
        ({"traces": True}, False),
        (["DEBUG"], False),
        (None, False),
    ],
)
def test_settings_have_names_in_capitals(config: object, told: bool) -> None:
    assert is_configured(Holding(config=config)) is told
