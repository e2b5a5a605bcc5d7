"""Responses whose body is made while it is sent, with the request at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Any, AnyStr, overload

from tantalus_context import hold

from ..ctx import _request_context_for


@overload
def stream_with_context(
    generator_or_function: Iterator[AnyStr],
) -> Iterator[AnyStr]: ...


@overload
def stream_with_context(
    generator_or_function: Callable[..., Iterator[AnyStr]],
) -> Callable[..., Iterator[AnyStr]]: ...


def stream_with_context(
    generator_or_function: Iterator[AnyStr] | Callable[..., Iterator[AnyStr]],
) -> Iterator[AnyStr] | Callable[..., Iterator[AnyStr]]:
    """Keep the context of this request while a generator is consumed.

    The context is current only while a piece is made, so a stream that the client
    gives up leaves nothing behind on the worker; it is torn down when the stream
    ends, is closed or is collected.

    Args:
        generator_or_function: An iterator, or a function that returns one, which may
            then be used as a decorator.

    Raises:
        RuntimeError: No request is being handled.
    """
    try:
        generator = iter(generator_or_function)  # type: ignore[arg-type]  # tried
    except TypeError:
        function: Any = generator_or_function

        def held(*args: Any, **kwargs: Any) -> Iterator[AnyStr]:
            pieces: Iterator[AnyStr] = stream_with_context(function(*args, **kwargs))
            return pieces

        update_wrapper(held, function)
        return held
    return hold(generator, _request_context_for("stream_with_context"))
