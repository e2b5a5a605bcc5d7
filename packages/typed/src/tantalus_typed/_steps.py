"""What plans are made of: values that are read, and functions that are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ._signature import MISSING, Function, is_bare, unwrapped


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A value that is read from the request, once for all that want it.

    Views that want the same share it.

    Attributes:
        place: A place of `In`; or "provided", "given", "default" (not of the client).
        key: The name on the wire.
        name: The name of the parameter.
        hint: Its type.
        default: For when it is missing; `MISSING` if it must not be.
        typed_as: What the router gives, where that is known; `object` if it is
            whatever the router made.
        get: Reads a provided value.
    """

    place: str
    key: str
    name: str
    hint: Any
    default: Any
    typed_as: Any = None
    get: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A call of a function: arguments are (source, keyword or None)."""

    function: Function
    kind: str
    arguments: tuple[tuple[Leaf | Step, str | None], ...]
    returns: Any

    @property
    def is_async(self) -> bool:
        """Whether it is awaited."""
        return self.kind.startswith("async")


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What a function takes; views with the same parameters share it.

    Attributes:
        leaves: What is read.
        steps: The dependencies, as they are called.
        arguments: Those of the function, as in a `Step`.
        security: Schemes that dependencies enforce, by name.
    """

    leaves: tuple[Leaf, ...]
    steps: tuple[Step, ...]
    arguments: tuple[tuple[Leaf | Step, str | None], ...]
    security: Mapping[str, Mapping[str, object]]


# Flags of code that is no plain function (`inspect` on code objects).
_NOT_PLAIN = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def kind_of(function: Function) -> str:
    """Return how a function is called: plain, generator, async, async generator."""
    if is_bare(function) and not function.__code__.co_flags & _NOT_PLAIN:
        return "plain"
    bare = unwrapped(function)
    if inspect.isasyncgenfunction(bare):
        return "async generator"
    if inspect.isgeneratorfunction(bare):
        return "generator"
    return "async" if inspect.iscoroutinefunction(bare) else "plain"


def result_of(step: Step) -> Any:
    """Return the type of what a dependency gives; of a generator, what it yields."""
    function = step.function
    if isinstance(function, type):
        return function
    if "generator" in step.kind and step.returns is not MISSING:
        arguments = get_args(step.returns)
        return arguments[0] if arguments else MISSING
    return step.returns
