"""The parameters of anything that can be called, with their types found."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any, get_type_hints

from ._errors import SetupError


class _Missing:
    """What is not there; false, as empty texts are."""

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()  # Any: stands where a value may stand
MANY: Any = _Missing()  # where a list may stand
Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `hint` and `default` are MISSING where none is written."""

    name: str
    hint: Any
    default: Any
    by_keyword: bool


def identity(hint: object) -> object:
    """Return what is equal for equal types or functions."""
    try:
        hash(hint)
    except TypeError:  # metadata, or an object that is called
        return id(hint)
    return hint


def name_of(function: object) -> str:
    """Return how a function is called in messages."""
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return str(name).rpartition("<locals>.")[2]


def _annotated(function: Function) -> Any:
    """Return what carries the annotations of a partial, a class or an object."""
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, type):
        return function.__init__  # type: ignore[misc]  # of exactly this class
    if hasattr(function, "__annotations__"):
        return function
    return type(function).__call__


def hints_of_function(function: Function) -> dict[str, Any]:
    """Return the resolved annotations, with `return`.

    Raises:
        SetupError: One cannot be found at run time; says which, and what to do.
    """
    target = _annotated(function)
    try:
        return get_type_hints(_evaluated(target), include_extras=True)
    except NameError as error:
        which = _which(target, str(error.name))
        raise SetupError(
            f"{name_of(function)}: the annotation of {which} names"
            f" {error.name!r}, which cannot be found at run time. Import or define it"
            " at the top of the module, outside of 'if TYPE_CHECKING:' and functions."
        ) from None
    except Exception as error:  # an annotation is an expression, and may fail as any
        raise SetupError(
            f"{name_of(function)}: an annotation cannot be read: {error}."
        ) from error


def _evaluated(target: Any) -> Any:
    """Return what has the annotations of a function, those that are texts evaluated.

    `get_type_hints()` would compile each text again, and there are few different ones.
    Of anything but a plain function it knows better in which names to look.
    """
    if type(target) is not FunctionType or hasattr(target, "__wrapped__"):
        return target
    names = target.__globals__
    annotations = {
        name: eval(_compiled(one), names) if type(one) is str else one
        for name, one in target.__annotations__.items()
    }
    return SimpleNamespace(__annotations__=annotations, __globals__=names)


@lru_cache(maxsize=1024)
def _compiled(text: str) -> CodeType:
    return compile(text, "<an annotation>", "eval", dont_inherit=True)


def hint_of(function: Function, name: str) -> Any:
    """Return the resolved annotation of one parameter, whatever the others are.

    Returns:
        `MISSING` if there is none, or if it cannot be found at run time.
    """
    target = inspect.unwrap(_annotated(function))
    written = getattr(target, "__annotations__", {})
    if name not in written:
        return MISSING
    alone = SimpleNamespace(__annotations__={name: written[name]})
    names = getattr(target, "__globals__", {})
    try:
        return get_type_hints(alone, names, include_extras=True)[name]
    except Exception:  # an annotation is an expression, and may fail as any
        return MISSING


def _which(target: Any, missing: str) -> str:
    """Return the parameter whose annotation has a name."""
    names = [
        "what it returns" if name == "return" else repr(name)
        for name, annotation in target.__annotations__.items()
        if missing in re.findall(r"\w+", str(annotation))
    ]
    return " and ".join(names) or "a parameter"


def signature_of(function: Function) -> inspect.Signature:
    """Return the signature.

    Raises:
        SetupError: It cannot be found.
    """
    try:
        return inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise SetupError(f"{name_of(function)}: its signature is unknown.") from error


def parameters_of(function: Function, hints: dict[str, Any]) -> list[Parameter]:
    """Return the parameters that a caller fills, without those a partial has filled.

    Args:
        function: What is called.
        hints: Its resolved annotations.

    Raises:
        SetupError: The signature cannot be found, or takes any arguments.
    """
    signature = signature_of(function)
    filled = function.keywords if isinstance(function, functools.partial) else {}
    # What decorates a view may look for values by name, as frameworks pass them.
    decorated = hasattr(unwrapped(function), "__wrapped__")
    found = []
    for name, one in signature.parameters.items():
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            star = "*" if one.kind is one.VAR_POSITIONAL else "**"
            raise SetupError(
                f"{name_of(function)}({star}{name}): nothing says what of a request"
                " this is. Name the parameters; a decorator keeps those of its view by"
                " functools.wraps."
            )
        if name not in filled:
            default = MISSING if one.default is one.empty else one.default
            hint = hints.get(name, MISSING)
            by_keyword = one.kind is one.KEYWORD_ONLY or (
                decorated and one.kind is not one.POSITIONAL_ONLY
            )
            found.append(Parameter(name, hint, default, by_keyword))
    return found


def unwrapped(function: Any) -> Any:
    """Return the function below partials, or the `__call__` of an object."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function) or isinstance(function, type):
        return function
    return type(function).__call__
