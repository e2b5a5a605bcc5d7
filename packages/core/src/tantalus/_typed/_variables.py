"""The variables of a rule, and the types of what its converters give."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from werkzeug.routing import BaseConverter
from werkzeug.routing.converters import AnyConverter, NumberConverter, UUIDConverter


def path_types(rule: Any) -> dict[str, Any]:
    """Return the variables of a rule, with the types of their values."""
    converters: dict[str, Any] = rule._converters
    return {name: type_given_by(converter) for name, converter in converters.items()}


def type_given_by(converter: Any) -> Any:
    """Return the type of what a converter gives; `object` if only it knows."""
    method = type(converter).to_python
    if method is NumberConverter.to_python:
        return converter.num_convert
    return _GIVEN.get(method, object)


_GIVEN: dict[Any, type] = {
    BaseConverter.to_python: str,
    UUIDConverter.to_python: uuid.UUID,
}


def path_schemas(rule: Any) -> dict[str, dict[str, Any]]:
    """Return what a rule asks of its variables, in words of JSON schema."""
    converters: dict[str, Any] = rule._converters
    return {name: dict(_schema_of(one)) for name, one in converters.items()}


def _schema_of(converter: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(converter, AnyConverter):
        yield "enum", sorted(converter.items)
    elif isinstance(converter, UUIDConverter):
        yield "format", "uuid"
    elif isinstance(converter, NumberConverter):
        yield "type", "integer" if converter.num_convert is int else "number"
        least = converter.min
        if not converter.signed:
            least = max(0, least or 0)
        if least is not None:
            yield "minimum", least
        if converter.max is not None:
            yield "maximum", converter.max
