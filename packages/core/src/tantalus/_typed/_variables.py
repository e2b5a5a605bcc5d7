"""The variables of a rule, and the types of what its converters give."""

from __future__ import annotations

import uuid
from typing import Any

from werkzeug.routing import BaseConverter
from werkzeug.routing.converters import NumberConverter, UUIDConverter


def path_types(rule: Any) -> dict[str, Any]:
    """Return the variables of a rule, with the types of their values."""
    converters: dict[str, Any] = rule._converters
    return {name: type_given_by(converter) for name, converter in converters.items()}


def type_given_by(converter: Any) -> Any:
    """Return the type of what a converter gives; `object` if only it knows."""
    method = type(converter).to_python
    if method is NumberConverter.to_python:
        return converter.num_convert
    known: dict[Any, type] = {
        BaseConverter.to_python: str,
        UUIDConverter.to_python: uuid.UUID,
    }
    return known.get(method, object)
