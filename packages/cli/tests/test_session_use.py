from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tantalus_cli._session_use import uses_sessions

FRAMEWORK = """
class App:
    def __init__(self, **views):
        self.view_functions = views

session = {}

def flash(text): session["flash"] = text
def get_flashed_messages(): return session
def render(): return get_flashed_messages()
"""
# Knows the framework, as extensions do.
EXTENSION = """
from site_framework import session

def log_in(): session["user"] = 1
"""
# Does not know it, and has a session of another kind.
LIBRARY = """
session = []

def query(): return session
def apply(function): return function()
"""
SHOP = """
import functools
import json
import os

from contextvars import ContextVar

import site_extension
import site_framework
import site_library
from site_framework import App, flash, render, session as current
from site_library import apply, query
from werkzeug.local import LocalProxy

class Database:
    session = query

database = Database()
nobody = LocalProxy(ContextVar("nobody"))

def plain(): return os.getcwd() or json.dumps(1)
def rendered(): return render()
def queried(): return database.session or query() or site_library.query()
def recursive(): return recursive()
def unknown(): return nowhere
def proxied(): return nobody

def by_name(): return current["a"]
def by_module(): return site_framework.session
def by_message(): flash("a")
def by_helper(): return by_name()
def by_extension(): site_extension.log_in()
def by_default(where=current): return where
def nested(): return [current for _ in range(1)]

def in_closure(view):
    return lambda: view()

class Page:
    def get(self): return self.show()
    def show(self): return current

def as_view(cls):
    def view(): return cls().get()
    view.view_class = cls
    return view

class Callable:
    def __call__(self): return current

class Tool:
    @staticmethod
    def run(): return current

def by_class(): return Tool.run()

wrapped = in_closure(by_name)
page = as_view(Page)
instance = Callable()
method = Page().show
part = functools.partial(by_name)
cached = functools.cache(by_name)
"""


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Any:
    sources = {
        "site_framework": FRAMEWORK,
        "site_extension": EXTENSION,
        "site_library": LIBRARY,
        "site_shop": SHOP,
    }
    for name, source in sources.items():
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        exec(source, vars(module))
    return sys.modules["site_shop"]


@pytest.mark.parametrize(
    "name",
    [
        "by_name", "by_module", "by_message", "by_helper", "by_extension", "by_default",
        "nested", "wrapped", "page", "instance", "method", "part", "cached", "by_class",
    ],
)  # fmt: skip
def test_a_view_that_uses_sessions_is_found(shop: Any, name: str) -> None:
    assert uses_sessions(shop.App(index=shop.plain, other=getattr(shop, name)))


@pytest.mark.parametrize(
    "name", ["plain", "rendered", "queried", "recursive", "unknown", "proxied"]
)
def test_a_view_that_uses_none_is_not_accused(shop: Any, name: str) -> None:
    assert not uses_sessions(shop.App(index=getattr(shop, name)))


@pytest.mark.parametrize(
    ("registry", "kept"),
    [
        ("before_request_funcs", lambda hook: {None: [hook]}),
        ("template_context_processors", lambda hook: {"news": (hook,)}),
        ("error_handler_spec", lambda hook: {None: {404: {LookupError: hook}}}),
    ],
)
def test_hooks_and_handlers_are_looked_into(
    shop: Any, registry: str, kept: Callable[[object], object]
) -> None:
    app = shop.App(index=shop.plain)
    assert not uses_sessions(app)

    setattr(app, registry, kept(shop.by_name))

    assert uses_sessions(app)


def test_an_app_whose_code_is_not_seen_may_use_sessions(shop: Any) -> None:
    assert uses_sessions(object())
    assert uses_sessions(shop.App())
    assert uses_sessions(shop.App(static=shop.plain, **{"news.static": shop.plain}))
