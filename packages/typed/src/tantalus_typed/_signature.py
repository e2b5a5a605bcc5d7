"""The parameters of anything that can be called, with their types found."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FunctionType, NoneType, SimpleNamespace
from typing import (
    Annotated,
    Any,
    ForwardRef,
    Literal,
    NamedTuple,
    get_args,
    get_origin,
    get_type_hints,
)

from ._errors import SetupError
from ._shape import remembered


class _Missing:
    """What is not there; false, as empty texts are."""

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()  # Any: stands where a value may stand
MANY: Any = _Missing()  # where a list may stand
Function = Callable[..., Any]


class Parameter(NamedTuple):
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


class Where(NamedTuple):
    """A parameter of a function, put into words for the few that messages name."""

    function: Function
    parameter: str

    def __str__(self) -> str:
        """Return how the parameter is called in messages."""
        return f"{name_of(self.function)}({self.parameter})"


def is_bare(function: object) -> bool:
    """Tell whether it is what `def` makes, and no attribute says more of it."""
    return type(function) is FunctionType and not function.__dict__


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
        # Of anything but a plain function it is known better where to look for names.
        if type(target) is not FunctionType or hasattr(target, "__wrapped__"):
            return get_type_hints(target, include_extras=True)
        found = _evaluated(target)
        if all(map(is_settled, found.values())):
            return found
        names = target.__globals__
        alone = SimpleNamespace(__annotations__=found, __globals__=names)
        return get_type_hints(alone, include_extras=True)
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


def _evaluated(target: FunctionType) -> dict[str, Any]:
    """Return the annotations of a function, those that are texts evaluated.

    `get_type_hints()` would compile each text again, and there are few different ones.
    """
    names = target.__globals__
    found = {
        name: eval(_compiled(one), names) if type(one) is str else one
        for name, one in target.__annotations__.items()
    }
    return {name: NoneType if one is None else one for name, one in found.items()}


@remembered
def is_settled(hint: object) -> bool:
    """Tell whether nothing in a type is a name that has still to be looked up."""
    if type(hint) is type:
        return True
    if isinstance(hint, str | ForwardRef):
        return False
    if isinstance(hint, list):  # the parameters of a callable
        return all(map(is_settled, hint))
    origin = get_origin(hint)
    if origin is Annotated:
        return is_settled(get_args(hint)[0])
    return origin is Literal or all(map(is_settled, get_args(hint)))


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
    if is_bare(function) and not function.__code__.co_flags & _BY_CODE:
        return _written(function, hints)
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


_BY_CODE = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def _written(function: Function, hints: dict[str, Any]) -> list[Parameter]:
    """Return the parameters of a bare function; most are, and this is quickly done."""
    code = function.__code__
    positional = code.co_argcount
    names = code.co_varnames[: positional + code.co_kwonlyargcount]
    values = function.__defaults__ or ()
    last = names[positional - len(values) : positional]
    defaults = dict(zip(last, values, strict=True)) | (function.__kwdefaults__ or {})
    return [
        Parameter(
            name,
            hints.get(name, MISSING),
            defaults.get(name, MISSING),
            place >= positional,
        )
        for place, name in enumerate(names)
    ]


def unwrapped(function: Any) -> Any:
    """Return the function below partials, or the `__call__` of an object."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function) or isinstance(function, type):
        return function
    return type(function).__call__
