"""Context processors: functions that give every render more variables.

One that has to wait is a coroutine function. It is awaited before the render begins, so
Jinja's `enable_async`, which makes every render slower, is not needed for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from inspect import isawaitable
from typing import Any, TypeAlias

from ._errors import NotAMapping, NotAwaited, describe_function

# A template may use any object, so the values of its variables have no type.
Variables: TypeAlias = dict[str, Any]
Processor: TypeAlias = Callable[[], Mapping[str, Any]]
AnyProcessor: TypeAlias = Callable[[], Mapping[str, Any] | Awaitable[Mapping[str, Any]]]


def apply_processors(context: Variables, processors: Iterable[AnyProcessor]) -> None:
    """Add to `context` what each processor returns; what is there already wins.

    Of two processors that give the same name, the later wins.

    Raises:
        NotAMapping: A processor returned no mapping.
        NotAwaited: A processor has to be awaited.
    """
    given: Variables | None = None
    for processor in processors:
        if given is None:
            given = context.copy()
        context.update(_call(processor))
    if given:
        context.update(given)


async def apply_processors_async(
    context: Variables, processors: Iterable[AnyProcessor]
) -> None:
    """Do as `apply_processors()`, awaiting those that have to be, one after another.

    Raises:
        NotAMapping: A processor returned no mapping.
    """
    given: Variables | None = None
    for processor in processors:
        if given is None:
            given = context.copy()
        context.update(await _call_async(processor))
    if given:
        context.update(given)


def _call(processor: AnyProcessor) -> Mapping[str, Any]:
    try:
        values = processor()
    except Exception as error:
        error.add_note(_blame(processor))
        raise
    if isawaitable(values):
        # A coroutine that is dropped would complain of it, too.
        getattr(values, "close", int)()
        raise NotAwaited(describe_function(processor))
    return _checked(processor, values)


async def _call_async(processor: AnyProcessor) -> Mapping[str, Any]:
    try:
        values = processor()
        if isawaitable(values):
            values = await values
    except Exception as error:
        error.add_note(_blame(processor))
        raise
    return _checked(processor, values)


def _blame(processor: AnyProcessor) -> str:
    return f"Raised by context processor {describe_function(processor)}."


def _checked(processor: AnyProcessor, values: object) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise NotAMapping(describe_function(processor), values)
    return values
