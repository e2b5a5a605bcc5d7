"""What the command line sees of an app: any WSGI callable, or one with more to offer.

Serving needs nothing but a WSGI callable. Commands, contexts, routes and settings are
separate abilities, each a small Protocol, looked for when a command needs it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeGuard
from wsgiref.types import StartResponse, WSGIEnvironment

import click

# A shell holds objects of any type under names the user chooses.
ShellNamespace = dict[str, Any]


class WSGICallable(Protocol):
    """A WSGI application (PEP 3333): a function, an object, or a class."""

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse, /
    ) -> Iterable[bytes]:
        """Answer one request; may block."""
        ...


class HasContext(Protocol):
    """An app whose code wants a context while a command runs."""

    def app_context(self) -> AbstractContextManager[object]:
        """Return a new context, entered for as long as the command runs."""
        ...


class HasCommands(Protocol):
    """An app that brings commands of its own."""

    @property
    def cli(self) -> click.Group:
        """The group whose commands stand beside the built-in ones."""
        ...


class HasShellContext(Protocol):
    """An app that says which names an interactive shell knows."""

    def make_shell_context(self) -> ShellNamespace:
        """Return the names; the caller may keep and change the dictionary."""
        ...


class WritesLinks(Protocol):
    """An app that writes functions for its URLs."""

    def python_links(self) -> str:
        """Return the source of a module; ValueError if it cannot be one."""
        ...


class RouteProblemLike(Protocol):
    """Something wrong with a route."""

    @property
    def code(self) -> str:
        """A stable name for the kind of problem."""
        ...

    @property
    def rule(self) -> str:
        """The path of the route with its converters."""
        ...

    @property
    def problem(self) -> str:
        """What is wrong."""
        ...

    @property
    def cure(self) -> str:
        """What to do about it."""
        ...


class KnowsProblems(Protocol):
    """A URL map that tells what is wrong with its routes."""

    def problems(self) -> Iterable[RouteProblemLike]:
        """Return what is wrong, in order of registration."""
        ...


class RuleLike(Protocol):
    """One route, as Werkzeug's `Rule` describes it."""

    @property
    def rule(self) -> str:
        """The path with its converters, such as `/user/<int:id>`."""
        ...

    @property
    def endpoint(self) -> object:
        """The name that the rule leads to."""
        ...

    @property
    def methods(self) -> Iterable[str] | None:
        """The accepted methods; `None` means all."""
        ...


class RouteTable(Protocol):
    """All routes of an app, as Werkzeug's `Map` lists them."""

    def iter_rules(self) -> Iterable[RuleLike]:
        """Yield the rules in the order in which they are tried."""
        ...


class RouteAttempt(Protocol):
    """What became of one rule when a request was looked up."""

    @property
    def rule(self) -> object:
        """The rule, or its text."""
        ...

    @property
    def outcome(self) -> str:
        """One word: `match`, or the kind of obstacle, such as `method`."""
        ...

    @property
    def reason(self) -> str:
        """Why, or why not."""
        ...


class ExplainsRoutes(Protocol):
    """A route table, or an app, that can tell how it finds a rule."""

    def explain(self, method: str, path: str, /) -> Iterable[RouteAttempt]:
        """Return what became of each rule for a request."""
        ...


class HasRoutes(Protocol):
    """An app whose routes can be listed."""

    @property
    def url_map(self) -> RouteTable:
        """The routes."""
        ...


class TemplateProblem(Protocol):
    """A mistake in a template."""

    @property
    def template(self) -> str:
        """The name of the template."""
        ...

    @property
    def file(self) -> str:
        """Its file, or its name if it is not in a file."""
        ...

    @property
    def line(self) -> int:
        """The line of the mistake, from 1."""
        ...

    @property
    def kind(self) -> str:
        """One word: what is wrong, such as `syntax` or `filter`."""
        ...

    @property
    def message(self) -> str:
        """What is wrong, in a sentence."""
        ...


class HasTemplates(Protocol):
    """An app that can check its templates."""

    def check_templates(self) -> tuple[Sequence[str], Sequence[TemplateProblem]]:
        """Return the names of all templates, and the mistakes in them.

        Raises:
            TypeError: A loader of templates cannot list them.
        """
        ...


class HasConfig(Protocol):
    """An app whose settings can be read."""

    @property
    def config(self) -> Mapping[str, Any]:
        """Settings by upper-case name, with values of any type."""
        ...


class ChecksSettings(Protocol):
    """An app that refuses some settings when it begins to serve."""

    def check_settings(self) -> object:
        """Do what is done before the first request.

        Raises:
            Exception: A setting is wrong or dangerous; the text says which.
        """
        ...


class AppLike(WSGICallable, HasContext, HasCommands, HasRoutes, Protocol):
    """An app object: what discovery takes for "the app" of a module."""

    debug: bool


class OpensEarly(Protocol):
    """An app that opens something, such as pools, before it serves."""

    @property
    def lifespan(self) -> object:
        """What it opens."""
        ...

    def start(self) -> object:
        """Open it in this process, once; and close it when the process ends.

        Raises:
            Exception: It cannot be opened, or a setting is wrong.
        """
        ...


def opens_early(app: object) -> TypeGuard[OpensEarly]:
    """Tell whether `app` can open what it opens before its first request."""
    return has(app, "lifespan") and callable(getattr(app, "start", None))


def is_app_like(value: object) -> TypeGuard[AppLike]:
    """Tell whether `value` is an app object, without waking a proxy.

    The methods are looked up on the type: a context proxy that stands in a module
    raises on every attribute while no context is active.
    """
    kind = type(value)
    if not hasattr(kind, "app_context") or not callable(value):
        return False
    return all(hasattr(value, name) for name in ("cli", "debug", "url_map"))


def is_wsgi_callable(value: object) -> TypeGuard[WSGICallable]:
    """Tell whether `value` can be called with `(environ, start_response)`.

    A function or class must also *look* like a WSGI application, by the names of its
    parameters: a factory that takes two arguments is not one.
    """
    if not callable(value):
        return False
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):  # compiled callables may hide their parameters
        return True
    try:
        signature.bind(None, None)
    except TypeError:
        return False
    if not inspect.isfunction(value) and not inspect.isclass(value):
        return True
    return _names_wsgi_parameters(list(signature.parameters))


def knows_problems(url_map: object) -> TypeGuard[KnowsProblems]:
    """Tell whether a URL map tells what is wrong with its routes."""
    return has(url_map, "problems")


def has(app: object, ability: str) -> bool:
    """Tell whether `app` offers the attribute of one of the Protocols above."""
    return getattr(app, ability, None) is not None


def app_title(app: object) -> str:
    """Return the name by which messages speak of `app`."""
    for attribute in ("import_name", "name", "__name__"):
        name = getattr(app, attribute, None)
        if isinstance(name, str):
            return name
    return type(app).__name__


def accepts_no_arguments(function: Callable[..., object]) -> bool:
    """Tell whether `function` can be called as `function()`."""
    try:
        inspect.signature(function).bind()
    except TypeError:
        return False
    return True


def _names_wsgi_parameters(names: list[str]) -> bool:
    first, second = (*names, "", "")[:2]
    return first.lstrip("_").startswith("env") or second.lstrip("_").startswith("start")
