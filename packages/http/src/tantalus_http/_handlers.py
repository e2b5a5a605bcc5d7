"""Which function answers for an error.

Handlers are kept as `handlers[scope][code][class]`, where the scope is None for the
whole program or the name of a part of it, and the code is None for errors that are no
HTTP error. The order of the search: handlers for the HTTP code before handlers for a
class in general; within each the innermost part first, the program last; within each
the nearest class of the error's ancestry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from werkzeug.exceptions import HTTPException, default_exceptions

# A handler takes the errors of the class it is for, which no type says of all.
ErrorHandler: TypeAlias = Callable[[Any], Any]
Scopes: TypeAlias = Sequence[str | None]
ErrorHandlers: TypeAlias = Mapping[
    str | None, Mapping[int | None, Mapping[type[Exception], ErrorHandler]]
]


def error_handlers() -> defaultdict[
    str | None, defaultdict[int | None, dict[type[Exception], ErrorHandler]]
]:
    """Return a registry without handlers; add one as `made[scope][code][class]`."""
    return defaultdict(lambda: defaultdict(dict))


def class_and_code(
    exc_class_or_code: type[Exception] | int,
) -> tuple[type[Exception], int | None]:
    """Return the class that a handler is registered for, and its HTTP code if any.

    Raises:
        ValueError: No such HTTP code, or not an exception class.
        TypeError: An instance instead of a class.
    """
    kind: Any = exc_class_or_code
    if isinstance(kind, int):
        if kind not in default_exceptions:
            raise ValueError(
                f"'{kind}' is not a recognized HTTP error code. Use a subclass of"
                " HTTPException for a code of your own, and register that."
            )
        return default_exceptions[kind], kind
    if isinstance(kind, Exception):
        raise TypeError(
            f"{kind!r} is an instance, not a class. A handler answers for all errors of"
            f" a class: register it for {type(kind).__name__}."
        )
    if not issubclass(kind, Exception):
        raise ValueError(
            f"'{kind.__name__}' is not a subclass of Exception. It is never raised:"
            " register the handler for an exception class or an HTTP error code."
        )
    return kind, kind.code if issubclass(kind, HTTPException) else None


def find_error_handler(
    handlers: ErrorHandlers, error: Exception, scopes: Iterable[str | None] = (None,)
) -> ErrorHandler | None:
    """Return the handler for `error` in `scopes`, of which the innermost is last."""
    if not handlers:
        return None
    code = type(error).code if isinstance(error, HTTPException) else None
    inner_first = tuple(scopes)[::-1]
    for key in (None,) if code is None else (code, None):
        handler = handler_in(handlers, inner_first, key, type(error).__mro__)
        if handler is not None:
            return handler
    return None


def handler_in(
    handlers: ErrorHandlers,
    scopes: Scopes,
    code: int | None,
    classes: Iterable[type],
) -> ErrorHandler | None:
    """Return the handler for `code` in the first scope that has one.

    Args:
        code: None for the handlers that are for a class in general.
        classes: Those of the error, the nearest first.
    """
    for scope in scopes:
        by_class = handlers.get(scope, {}).get(code)
        if by_class:
            for ancestor in classes:
                handler = by_class.get(ancestor)
                if handler is not None:
                    return handler
    return None
