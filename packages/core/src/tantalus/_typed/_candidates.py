"""Which views may be read from requests; looked for once, when the set-up ends.

Most apps have none. They are found out without an import, by names alone: a view that
is called with all it asks for is none, unless a mark or `typed=True` says so.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tantalus_routing import MethodView, View, http_method_funcs

from .._state._app import AppState

Function = Callable[..., Any]
_BY_CODE = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_BY_KIND = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function that answers for a rule.

    Attributes:
        rule: Of the URL map.
        view: As it is registered.
        function: What reads the parameters: the view, or a method of its class.
        instance: The name of its first parameter, if that is an instance.
        methods: Of the rule, those that it answers.
        opted: Whether `typed=True` was said: True of the route, False of nothing, and
            None of the app or a blueprint, which may have views that cannot be.
    """

    rule: Any
    view: Function
    function: Function
    instance: str | None
    methods: frozenset[str]
    opted: bool | None

    @property
    def is_decorated(self) -> bool:
        """Whether something around it may fill parameters that no URL fills."""
        return hasattr(self.function, "__wrapped__")

    @property
    def takes_anything(self) -> bool:
        """Whether its parameters have no names."""
        if self.is_decorated:
            return False
        code = getattr(self.function, "__code__", None)
        if code is not None:
            return bool(code.co_flags & _BY_CODE)
        kinds = {one.kind for one in _parameters(self.function)}
        return not kinds.isdisjoint(_BY_KIND)


def candidates(app: AppState) -> Iterator[Candidate]:
    """Yield what answers for the rules of an app."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        said = getattr(rule, "typed", None)
        if view is None or rule.websocket or said is False or _is_ours(view):
            continue
        opted = True if said else None if app.typed else False
        methods = frozenset(rule.methods or ())
        kind = _class_of(view)
        if kind is None:
            yield Candidate(rule, view, view, None, methods, opted)
            continue
        for name, answered in _functions_of(kind, methods).items():
            function = getattr(kind, name, None)
            if function is not None:
                instance = _first_of(kind, name, function)
                yield Candidate(rule, view, function, instance, answered, opted)


def _is_ours(view: Function) -> bool:
    """Tell whether a view is of this package, as that of static files is."""
    # It is no text where a view was made by `exec`, or is a stand-in of tests.
    module = str(getattr(view, "__module__", ""))
    return module.partition(".")[0] == "tantalus"


def _class_of(view: Function) -> type[View] | None:
    """Return the class that makes what answers; None of any other callable."""
    kind = getattr(view, "view_class", None)
    return kind if isinstance(kind, type) and issubclass(kind, View) else None


def _functions_of(kind: type[View], methods: frozenset[str]) -> dict[str, Any]:
    """Return the names of the functions of a class, with the methods they answer."""
    if not issubclass(kind, MethodView):
        return {"dispatch_request": methods}
    asked = {name.lower(): frozenset({name}) for name in sorted(methods)}
    return {name: asked[name] for name in asked if name in http_method_funcs}


def _first_of(kind: type, name: str, function: Function) -> str | None:
    """Return the name of a method's first parameter; None if it gets no instance."""
    if isinstance(inspect.getattr_static(kind, name, None), staticmethod):
        return None
    code = getattr(_unwrapped(function), "__code__", None)
    return next(iter(getattr(code, "co_varnames", ())), None)


def _unwrapped(function: Function) -> Any:
    """Return what decorators are around; None if that has no end."""
    try:
        return inspect.unwrap(function)
    except ValueError:
        return None


def may_be_typed(one: Candidate) -> bool:
    """Tell whether it is worth a closer look."""
    if one.opted is not False:
        return True
    bare = _unwrapped(one.function)
    if bare is None:
        return False
    if not getattr(bare, "__annotations__", None) and hasattr(bare, "__code__"):
        return False
    if not hasattr(bare, "__code__") and not _parameters(one.function):
        return False
    if sys.modules.get("tantalus_typed") is not None:  # there may be marks
        return True
    if one.is_decorated:
        return False
    code = getattr(bare, "__code__", None)
    arguments: set[str] = one.rule.arguments
    if code is None or hasattr(bare, "__self__") or code.co_kwonlyargcount:
        return not arguments.issuperset(_required(one))
    required = code.co_argcount - len(bare.__defaults__ or ())
    first = 0 if one.instance is None else 1
    return not arguments.issuperset(code.co_varnames[first:required])


def _required(one: Candidate) -> set[str]:
    """Return the names of parameters that have to be passed; the slow way."""
    return {
        parameter.name
        for parameter in _parameters(one.function)
        if parameter.name != one.instance
        and parameter.default is parameter.empty
        and parameter.kind not in _BY_KIND
    }


def _parameters(function: Function) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # it is written in C, and does not say
        return []
