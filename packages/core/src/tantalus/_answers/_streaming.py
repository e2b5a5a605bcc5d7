"""Responses whose body is made while it is sent, with the request at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import update_wrapper
from typing import Any, AnyStr, overload

import tantalus_context as contexts

from ..ctx import _request_context_for


@overload
def stream_with_context(
    generator_or_function: Iterator[AnyStr],
) -> Iterator[AnyStr]: ...


@overload
def stream_with_context(
    generator_or_function: AsyncIterator[AnyStr],
) -> Iterator[AnyStr]: ...


@overload
def stream_with_context(
    generator_or_function: Callable[..., Iterator[AnyStr] | AsyncIterator[AnyStr]],
) -> Callable[..., Iterator[AnyStr]]: ...


def stream_with_context(
    generator_or_function: Iterator[AnyStr]
    | AsyncIterator[AnyStr]
    | Callable[..., Iterator[AnyStr] | AsyncIterator[AnyStr]],
) -> Iterator[AnyStr] | Callable[..., Iterator[AnyStr]]:
    """Keep the context of this request while a generator is consumed.

    The context is current only while a piece is made, so a stream that the client
    gives up leaves nothing behind on the worker; it is torn down when the stream
    ends, is closed or is collected.

    Args:
        generator_or_function: An iterator, asynchronous or not, or a function that
            returns one, which may then be used as a decorator. On the loop of a server
            of ASGI an asynchronous one stays so, elsewhere it can be iterated by both.

    Raises:
        RuntimeError: No request is being handled.
    """
    source: Any = generator_or_function
    if hasattr(source, "__aiter__") and not hasattr(source, "__iter__"):
        ctx = _request_context_for("stream_with_context")
        if ctx.is_on_loop:
            return contexts.hold(source, ctx)  # type: ignore[no-any-return]  # of both kinds
        source = contexts.iterate_elsewhere(source)
    try:
        generator: Iterator[AnyStr] = iter(source)
    except TypeError:
        function = source

        def held(*args: Any, **kwargs: Any) -> Iterator[AnyStr]:
            pieces: Iterator[AnyStr] = stream_with_context(function(*args, **kwargs))
            return pieces

        update_wrapper(held, function)
        return held
    return contexts.hold(generator, _request_context_for("stream_with_context"))
