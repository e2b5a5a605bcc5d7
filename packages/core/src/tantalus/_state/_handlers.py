"""Which error handler answers for an error.

Handlers are kept as `spec[scope][code][class]`, where the scope is None for the app or
the dotted name of a blueprint, and the code is None for errors that are no HTTP error.
The order of the search: handlers for the HTTP code before handlers for a class in
general; within each the innermost blueprint first, the app last; within each the
nearest class of the error's ancestry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from werkzeug.exceptions import HTTPException, default_exceptions

ErrorHandler = Callable[[Any], Any]
Scopes = Sequence[str | None]
Spec = Mapping[str | None, Mapping[int | None, Mapping[type[Exception], ErrorHandler]]]


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
                f"'{kind}' is not a recognized HTTP error code. For a code of your own,"
                " register the handler for a subclass of HTTPException that has it."
            )
        return default_exceptions[kind], kind
    if isinstance(kind, Exception):
        raise TypeError(
            f"{kind!r} is an instance, not a class. A handler answers for all errors of"
            f" a class: register it for {type(kind).__name__}."
        )
    if not issubclass(kind, Exception):
        raise ValueError(
            f"'{kind.__name__}' is not a subclass of Exception, so it is never handled."
            " Register the handler for an exception class or an HTTP error code."
        )
    return kind, kind.code if issubclass(kind, HTTPException) else None


def find_error_handler(
    spec: Spec, error: Exception, scopes: Iterable[str | None]
) -> ErrorHandler | None:
    """Return the handler for `error` in `scopes` (app first, innermost last)."""
    if not spec:
        return None
    code = type(error).code if isinstance(error, HTTPException) else None
    inner_first = tuple(scopes)[::-1]
    for key in (None,) if code is None else (code, None):
        handler = handler_in(spec, inner_first, key, type(error).__mro__)
        if handler is not None:
            return handler
    return None


def handler_in(
    spec: Spec, scopes: Scopes, code: int | None, classes: Iterable[type]
) -> ErrorHandler | None:
    """Return the handler for `code` in the first scope that has one.

    Args:
        code: None for the handlers that are for a class in general.
        classes: Those of the error, the nearest first.
    """
    for scope in scopes:
        handlers = spec.get(scope, {}).get(code)
        if handlers:
            for ancestor in classes:
                handler = handlers.get(ancestor)
                if handler is not None:
                    return handler
    return None
