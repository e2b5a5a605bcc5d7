"""Whether the code of an app uses sessions.

The functions of the app are followed through what they name: code of the app, and of
packages that know the framework. Using sessions means to name what the framework calls
`session` or `flash`.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType

from tantalus_cli._layers import closure_values, is_proxy

_LOADS = ("LOAD_GLOBAL", "LOAD_NAME")
_NAMES = ("session", "flash", "get_flashed_messages")
_REGISTRIES = (
    "view_functions",
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "template_context_processors",
    "url_value_preprocessors",
    "error_handler_spec",
)


def uses_sessions(app: object) -> bool:
    """Tell whether `app` uses sessions; True as well if there is no code to look at."""
    views: dict[str, Callable[..., object]] = getattr(app, "view_functions", {})
    own = [view for name, view in views.items() if not name.endswith("static")]
    return not own or _Search(app, own).finds()


class _Search:
    """Looks into each function once.

    Args:
        app: Its functions are looked into; its classes tell what the framework is.
        views: Show which packages are the app's own.
    """

    def __init__(self, app: object, views: list[Callable[..., object]]) -> None:
        roots = {_root(kind.__module__) for kind in type(app).__mro__}
        modules = [sys.modules[root] for root in roots if root in sys.modules]
        self.doors = [door for door in modules if hasattr(door, "flash")]
        marks = [getattr(door, name) for door in self.doors for name in _NAMES]
        self.marks = {id(mark) for mark in marks}
        self.framework = {door.__name__ for door in self.doors}
        self.own = {_root(getattr(view, "__module__", "")) for view in views}
        self.own -= self.framework
        self.knows_framework = cache(self._knows_framework)
        self.waiting = [getattr(app, name, None) for name in _REGISTRIES]
        self.seen: dict[int, object] = {}

    def finds(self) -> bool:
        """Return whether one of the functions uses sessions."""
        while self.waiting:
            found = self.waiting.pop()
            if id(found) in self.marks:
                return True
            if id(found) not in self.seen:
                self.seen[id(found)] = found
                self.waiting += _named_by(found) if self._is_followed(found) else ()
        return False

    def _is_followed(self, found: object) -> bool:
        if is_proxy(found) or not isinstance(found, FunctionType | type):
            return True
        root = _root(str(getattr(found, "__module__", "")))
        return root in self.own or self.knows_framework(root)

    def _knows_framework(self, root: str) -> bool:
        known = self.marks | {id(door) for door in self.doors}
        return root not in self.framework and any(
            not known.isdisjoint(map(id, vars(module).values()))
            for name, module in [*sys.modules.items()]
            if _root(name) == root and type(module) is ModuleType
        )


def _named_by(found: object) -> Iterator[object]:
    if is_proxy(found):
        return
    if isinstance(found, dict):
        yield from found.values()
    elif isinstance(found, list | tuple):
        yield from found
    elif isinstance(found, type):
        yield from vars(found).values()
    elif isinstance(found, FunctionType):
        yield from _used_by(found)
    elif callable(found) or isinstance(found, staticmethod | classmethod):
        yield type(found)
        # A method, a partial, and whatever else stands for a function.
        for name in ("__func__", "func", "__wrapped__"):
            yield getattr(found, name, None)


def _used_by(function: FunctionType) -> Iterator[object]:
    """Yield what a function names or holds: globals, its closure, what it wraps."""
    yield from vars(function).values()
    yield from function.__defaults__ or ()
    yield from closure_values(function)
    for code in _codes(function.__code__):
        loads = [step for step in dis.get_instructions(code) if step.opname in _LOADS]
        for step in loads:
            value = function.__globals__.get(step.argval)
            yield value
            if isinstance(value, ModuleType) and not is_proxy(value):
                names = [key for key in code.co_names if hasattr(value, key)]
                yield from (getattr(value, key) for key in names)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of a function, and of those that it defines."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _root(module: str) -> str:
    return module.partition(".")[0]
