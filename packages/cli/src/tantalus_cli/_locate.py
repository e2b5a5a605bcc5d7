"""Find an app from what a user writes: nothing, a module, or `module:factory("arg")`.

In a module, an app object wins over a factory and a factory over a plain callable of
WSGI or ASGI, so that a module which wraps its app is still looked into.
"""

from __future__ import annotations

import ast
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any, Literal, NamedTuple, overload

from tantalus_cli._app import accepts_no_arguments
from tantalus_cli._errors import (
    AttributeNotFound,
    BadAppName,
    FactoryNeedsArguments,
    FactoryRefused,
    ManyApps,
    ModuleNotImported,
    ModuleRaised,
    NoAppInModule,
    NotAnApp,
)
from tantalus_cli._faces import AnyCallable, is_any_app, is_any_callable

_APP_NAMES = ("app", "application")
_FACTORY_NAMES = ("create_app", "make_app")

# Arguments written on the command line are literals of any type.
_Literals = list[Any]
_NamedLiterals = dict[str, Any]


# What a parser may raise on strange text: bad grammar, NUL and surrogates, and nesting
# without end.
_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


class _Reference(NamedTuple):
    """What stands behind the colon of `module:factory("arg")`."""

    text: str
    name: str
    called: bool = False
    arguments: _Literals = []  # noqa: RUF012 - never changed
    named: _NamedLiterals = {}  # noqa: RUF012 - never changed


def prepare_import(path: str | os.PathLike[str]) -> str:
    """Return the module name of a file or dotted name; its root goes on `sys.path`."""
    stem, extension = os.path.splitext(os.path.realpath(path))
    folder = stem if extension == ".py" else stem + extension
    if os.path.basename(folder) == "__init__":
        folder = os.path.dirname(folder)
    names: list[str] = []
    while not names or os.path.exists(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        names.insert(0, name)
    if sys.path[0] != folder:
        sys.path.insert(0, folder)
    return ".".join(names)


@overload
def locate_app(
    module_name: str, app_name: str | None, raise_if_not_found: Literal[True] = True
) -> AnyCallable: ...


@overload
def locate_app(
    module_name: str, app_name: str | None, raise_if_not_found: bool
) -> AnyCallable | None: ...


def locate_app(
    module_name: str, app_name: str | None, raise_if_not_found: bool = True
) -> AnyCallable | None:
    """Import a module and return the app in it.

    Args:
        app_name: `name` or `factory(literals)`; `None` searches the module.
        raise_if_not_found: False returns `None` where the module does not exist.

    Raises:
        NoAppException: No app was found, or importing the module raised an
            `ImportError`, whose traceback is then part of the text.
    """
    try:
        __import__(module_name)
    except ImportError as err:
        trace = err.__traceback__
        if trace is not None and trace.tb_next is not None:
            raise ModuleRaised(module_name, _format(err, trace.tb_next)) from None
        if raise_if_not_found:
            raise ModuleNotImported(module_name, sys.path[0]) from None
        return None
    module = sys.modules[module_name]
    if app_name is None:
        return find_best_app(module)
    return find_app_by_string(module, app_name)


def find_best_app(module: ModuleType) -> AnyCallable:
    """Return the app of a module.

    In this order: an app object named `app` or `application`; the only app object
    there is; what a factory named `create_app` or `make_app` returns; a callable of
    WSGI or ASGI named `app` or `application`.

    Raises:
        NoAppException: None of these, several app objects, or a factory that needs
            arguments.
    """
    app: AnyCallable | None = _only_app_object(module)
    if app is None:
        app = _from_known_factory(module)
    return _plain_callable(module) if app is None else app


def find_app_by_string(module: ModuleType, app_name: str) -> AnyCallable:
    """Return the app that `name` or `factory(literals)` stands for in `module`.

    Raises:
        NoAppException: The text is neither of the two, the attribute is missing, the
            factory refuses the arguments, or what comes out is no application.
    """
    reference = _parse(app_name)
    try:
        found: object = getattr(module, reference.name)
    except AttributeError as err:
        raise AttributeNotFound(module.__name__, reference.name) from err
    if inspect.isfunction(found) and not _is_itself_an_app(found, reference):
        found = _call_factory(found, reference, module.__name__)
    if is_any_app(found) or is_any_callable(found):
        return found
    raise NotAnApp(module.__name__, app_name, found)


def _only_app_object(module: ModuleType) -> AnyCallable | None:
    for name in _APP_NAMES:
        candidate = getattr(module, name, None)
        if is_any_app(candidate):
            return candidate
    apps = [(name, app) for name, app in vars(module).items() if is_any_app(app)]
    if len({id(app) for _, app in apps}) > 1:
        raise ManyApps(module.__name__, [name for name, _ in apps])
    return apps[0][1] if apps else None


def _from_known_factory(module: ModuleType) -> AnyCallable | None:
    for name in _FACTORY_NAMES:
        factory = getattr(module, name, None)
        if not inspect.isfunction(factory):
            continue
        try:
            app = factory()
        except TypeError as err:
            if not _refused_arguments(err, factory):
                raise
            raise FactoryNeedsArguments(module.__name__, name) from err
        if is_any_app(app) or is_any_callable(app):
            return app
    return None


def _plain_callable(module: ModuleType) -> AnyCallable:
    for name in _APP_NAMES:
        candidate = getattr(module, name, None)
        if is_any_callable(candidate):
            return candidate
    raise NoAppInModule(module.__name__)


def _is_itself_an_app(function: Callable[..., object], reference: _Reference) -> bool:
    return (
        not reference.called
        and not accepts_no_arguments(function)
        and is_any_callable(function)
    )


def _call_factory(
    factory: Callable[..., object], reference: _Reference, module_name: str
) -> object:
    try:
        return factory(*reference.arguments, **reference.named)
    except TypeError as err:
        if not _refused_arguments(err, factory):
            raise
        signature = str(inspect.signature(factory))
        raise FactoryRefused(module_name, reference.text, signature) from err


def _parse(text: str) -> _Reference:
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except _UNPARSABLE:
        raise BadAppName(text, "not an attribute name or function call") from None
    if isinstance(expression, ast.Name):
        return _Reference(text, expression.id)
    if not isinstance(expression, ast.Call):
        raise BadAppName(text, "not an attribute name or function call")
    if not isinstance(expression.func, ast.Name):
        raise BadAppName(text, "the function must be a simple name")
    try:
        return _Reference(text, expression.func.id, True, *_literals(expression))
    except (TypeError, *_UNPARSABLE):
        raise BadAppName(text, "the arguments are not literal values") from None


def _literals(call: ast.Call) -> tuple[_Literals, _NamedLiterals]:
    named = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            raise ValueError
        named[keyword.arg] = ast.literal_eval(keyword.value)
    return [ast.literal_eval(argument) for argument in call.args], named


def _refused_arguments(err: TypeError, function: Callable[..., object]) -> bool:
    """Tell a call that failed from a function that ran and raised `TypeError`."""
    trace: TracebackType | None = err.__traceback__
    code = getattr(function, "__code__", None)
    while trace is not None:
        if trace.tb_frame.f_code is code:
            return False
        trace = trace.tb_next
    return True


def _format(err: BaseException, trace: TracebackType) -> str:
    return "".join(traceback.format_exception(type(err), err, trace))
