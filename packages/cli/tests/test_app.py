from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bottle  # type: ignore[import-untyped] # ships no types
import pytest
from fakes import FakeApp, plain_app
from werkzeug.local import LocalProxy

from tantalus_cli._app import app_title, has, is_app_like, is_wsgi_callable


class ClassAsApp:
    """PEP 3333 allows a class whose instances are the response."""

    def __init__(self, environ: object, start_response: object) -> None: ...


class HiddenParameters:
    """Callables written in C may have no signature."""

    __signature__ = "not a signature"

    def __call__(self, *args: Any) -> Iterable[bytes]:
        return [b"" for _ in args]


def two_arguments(user: str, password: str) -> None: ...


def test_an_app_object_is_an_app() -> None:
    assert is_app_like(FakeApp())


@pytest.mark.parametrize(
    "value",
    [plain_app, FakeApp, bottle.Bottle(), None, "app"],
    ids=["function", "class", "other framework", "none", "text"],
)
def test_other_values_are_no_app_objects(value: object) -> None:
    assert not is_app_like(value)


def test_a_proxy_that_is_bound_to_nothing_is_not_woken() -> None:
    def fail() -> object:
        raise RuntimeError("no context")

    assert not is_app_like(LocalProxy(fail))


@pytest.mark.parametrize(
    "value",
    [plain_app, FakeApp(), bottle.Bottle(), ClassAsApp, HiddenParameters()],
    ids=["function", "app object", "other framework", "class", "no signature"],
)
def test_wsgi_callables_are_known_by_their_parameters(value: object) -> None:
    assert is_wsgi_callable(value)


@pytest.mark.parametrize(
    "value",
    [two_arguments, FakeApp, len, "text"],
    ids=["other names", "other class", "one argument", "text"],
)
def test_other_callables_are_no_wsgi_callables(value: object) -> None:
    assert not is_wsgi_callable(value)


def test_an_attribute_that_is_none_counts_as_missing(app: FakeApp) -> None:
    app.config = None  # type: ignore[assignment] # as in a half-built app

    assert not has(app, "config")
    assert has(app, "cli")


@pytest.mark.parametrize(
    ("app", "title"),
    [(FakeApp("shop"), "shop"), (plain_app, "plain_app"), (bottle.Bottle(), "Bottle")],
    ids=["import name", "function name", "class name"],
)
def test_an_app_is_called_by_the_best_name_it_has(app: object, title: str) -> None:
    assert app_title(app) == title
