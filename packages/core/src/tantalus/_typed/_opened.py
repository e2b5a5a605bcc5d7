"""What lifespan functions have opened, given to typed views as dependencies are."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from functools import update_wrapper
from typing import Any, get_args, get_origin, get_type_hints

from tantalus_typed import Binder, SetupError

from .._state._app import AppState
from ..ctx import _cv_app
from ._candidates import Candidate, Function

_OF_STEPS = (Iterator, Generator, AsyncIterator, AsyncGenerator)
_UNKNOWN: Any = object()


def functions_of(app: AppState) -> list[Function]:
    """Return the lifespan functions of an app."""
    lifespan = vars(app).get("lifespan")
    return [] if lifespan is None else lifespan.functions


def share_opened(app: AppState, binder: Binder) -> None:
    """Let views have what is open: by `Use`, or by the class that is yielded."""
    functions = functions_of(app)
    hints = {one: yielded_by(one) for one in functions}
    kinds = {one: hint for one, hint in hints.items() if is_class_of_its_own(hint)}
    binder.share({one: _opened(one, hints[one]) for one in functions}, kinds)


def refuse_unopened(app: AppState, one: Candidate, passed: set[str]) -> None:
    """Refuse a view that is to be given what nothing has opened.

    Args:
        one: A view that is not typed: nothing that it asks for is of a request.
        passed: The parameters that it is given.

    Raises:
        SetupError: It asks for an object of a class, which no lifespan function yields.
    """
    hints = _hints_of(one.function)
    for name, parameter in inspect.signature(one.function).parameters.items():
        hint: Any = hints.get(name)
        is_filled = name in passed or parameter.default is not parameter.empty
        if is_filled or not is_class_of_its_own(hint):
            continue
        known = ", ".join(found.__qualname__ for found in functions_of(app))
        raise SetupError(
            f"{one.function.__qualname__}({name}): nothing gives a"
            f" {hint.__qualname__}. None of the lifespan functions ({known}) says that"
            f" it yields one: write -> Iterator[{hint.__qualname__}] there, or mark the"
            " parameter with Use(...)."
        )


def yielded_by(function: Function) -> Any:
    """Return what a generator function says that it yields, if it does."""
    hint = _hints_of(function).get("return")
    return get_args(hint)[0] if get_origin(hint) in _OF_STEPS else _UNKNOWN


def _hints_of(function: Function) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except Exception:  # an annotation is an expression; nobody had to read it so far
        return {}


def is_class_of_its_own(hint: Any) -> bool:
    """Tell whether a class says by itself what is meant, as `dict` or `str` do not."""
    return isinstance(hint, type) and hint.__module__ != "builtins"


def _opened(function: Function, hint: Any) -> Function:
    """Return what gives the value that a lifespan function has yielded."""

    def opened() -> Any:
        app: Any = _cv_app.get().app
        # Jobs and commands may be the first that need it.
        if not app.lifespan.is_started:
            app.lifespan.start(app)
        return app.lifespan[function]

    update_wrapper(opened, function, ("__module__", "__name__", "__qualname__"))
    del opened.__wrapped__  # type: ignore[attr-defined]  # its signature is another
    opened.__annotations__ = {} if hint is _UNKNOWN else {"return": hint}
    opened.is_nonblocking = True  # type: ignore[attr-defined]  # no hop to a worker
    return opened
