"""Which error handler answers for an error.

Handlers are kept as `spec[scope][code][class]`, where the scope is None for the app or
the dotted name of a blueprint, and the code is None for errors that are no HTTP error.
The order of the search: handlers for the HTTP code before handlers for a class in
general; within each the innermost blueprint first, the app last; within each the
nearest class of the error's ancestry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.exceptions import HTTPException, default_exceptions

ErrorHandler = Callable[[Any], Any]
Spec = Mapping[str | None, Mapping[int | None, Mapping[type[Exception], ErrorHandler]]]


def class_and_code(
    exc_class_or_code: type[Exception] | int,
) -> tuple[type[Exception], int | None]:
    """Return the class that a handler is registered for, and its HTTP code if any.

    Raises:
        ValueError: No such HTTP code, or not an exception class.
        TypeError: An instance instead of a class.
    """
    if isinstance(exc_class_or_code, int):
        try:
            return default_exceptions[exc_class_or_code], exc_class_or_code
        except KeyError:
            raise ValueError(
                f"'{exc_class_or_code}' is not a recognized HTTP error code. Use a"
                " subclass of HTTPException with that code instead."
            ) from None
    if isinstance(exc_class_or_code, Exception):
        raise TypeError(
            f"{exc_class_or_code!r} is an instance, not a class. Handlers can only be"
            " registered for Exception classes or HTTP error codes."
        )
    if not issubclass(exc_class_or_code, Exception):
        raise ValueError(
            f"'{exc_class_or_code.__name__}' is not a subclass of Exception. Handlers"
            " can only be registered for Exception classes or HTTP error codes."
        )
    code = getattr(exc_class_or_code, "code", None)
    return exc_class_or_code, code if issubclass(
        exc_class_or_code, HTTPException
    ) else None


def find_error_handler(
    spec: Spec, error: Exception, scopes: Iterable[str | None]
) -> ErrorHandler | None:
    """Return the handler for `error` in `scopes` (app first, innermost last)."""
    if not spec:
        return None
    code = type(error).code if isinstance(error, HTTPException) else None
    inner_first = tuple(scopes)[::-1]
    for key in (None,) if code is None else (code, None):
        for scope in inner_first:
            handlers = spec.get(scope, {}).get(key)
            if handlers:
                for ancestor in type(error).__mro__:
                    handler = handlers.get(ancestor)
                    if handler is not None:
                        return handler
    return None


class PrefixTable:
    """The URL prefixes of the registered blueprints."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, re.Pattern[str], str]] = []

    def add(self, prefix: str, name: str) -> None:
        """Set-up: let blueprint `name` own what lies under `prefix`.

        A variable in the prefix stands for one segment.
        """
        segments = [part for part in prefix.split("/") if part]
        pattern = "".join(
            "/[^/]+" if "<" in part else f"/{re.escape(part)}" for part in segments
        )
        self._entries.append((len(segments), re.compile(f"{pattern}(?:/|$)"), name))
        self._entries.sort(key=lambda entry: entry[0], reverse=True)

    def owner_of(self, path: str) -> str | None:
        """Return the blueprint with the longest prefix that `path` lies under."""
        return next(
            (name for _, prefix, name in self._entries if prefix.match(path)), None
        )
