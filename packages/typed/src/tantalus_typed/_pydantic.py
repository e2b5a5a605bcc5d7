"""Types as pydantic reads them: its models, and what has its rules in `Annotated`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, get_origin

import annotated_types
import msgspec
from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticSerializationError

from ._problems import MOST_PROBLEMS, Problem, token
from ._shape import kernel, metadata_in, remembered

ERRORS = (ValidationError, RecursionError, msgspec.DecodeError, UnicodeDecodeError)
# Of these pydantic would find what is wrong only in the view.
LAZY = (Iterable, Iterator, Generator)
# Messages of pydantic that hold a part of what was sent, and ours instead.
QUIET = {
    "union_tag_invalid": "Expected an object of one of the kinds {expected_tags}.",
    "uuid_parsing": "Expected a UUID.",
    "url_parsing": "Expected a URL.",
    "extra_forbidden": "There is no such field.",
    "missing": "Missing.",
}


class PydanticCodec:
    """The codec of pydantic models. Chosen by itself for these once pydantic is loaded.

    As everywhere with pydantic, values in JSON are coerced unless a model is strict.
    """

    name = "pydantic"
    errors: tuple[type[Exception], ...] = ERRORS

    def handles(self, hint: object, /) -> bool:
        """Tell whether pydantic knows the type."""
        return _is_known(hint)

    def understands(self, metadata: object, /) -> bool:
        """Tell whether pydantic obeys a piece of metadata."""
        return _is_understood(metadata)

    def decoder(self, hint: Any, /) -> Callable[[bytes], Any]:
        """Return the decoder of a type, which takes no NaN: that is not JSON."""
        validate = TypeAdapter(hint).validator.validate_json

        def decode(raw: bytes) -> Any:
            if b"NaN" in raw or b"Infinity" in raw:
                msgspec.json.decode(raw)
            return validate(raw)

        return decode

    def converter(self, hint: Any, /) -> Callable[[Any], Any]:
        """Return what turns text, or plain values, into a value of the type."""
        return TypeAdapter(hint).validator.validate_python

    def encoder(self, hint: Any, /) -> Callable[[Any], bytes]:
        """Return the encoder of a type."""
        return TypeAdapter(hint).serializer.to_json

    def checker(self, hint: Any, /) -> Callable[[Any], list[Problem]]:
        """Return a function that has pydantic complain while it serializes."""
        dump = TypeAdapter(hint).serializer.to_python

        def check(value: Any) -> list[Problem]:
            try:
                dump(value, mode="json", warnings="error")
            except PydanticSerializationError as error:
                return _denied(str(error))
            return []

        return check

    def json_problems(
        self, raw: bytes, hint: Any, error: Exception, /
    ) -> list[Problem]:
        """Return all that pydantic found."""
        return self.problems(msgspec.json.decode(raw), hint, error)

    def problems(self, value: object, hint: Any, error: Exception, /) -> list[Problem]:
        """Return all that pydantic found, with pointers into the value."""
        if not isinstance(error, ValidationError):
            return [Problem("body", "Cannot be read.", pointer="#")]
        found = error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]
        return [
            Problem(
                "body",
                _detail(one["type"], one["msg"], one.get("ctx", {})),
                pointer="#" + _pointer(one["loc"], value),
                kind="missing" if one["type"] == "missing" else "rule",
            )
            for one in found
        ]

    def schemas(
        self, hints: Sequence[Any], ref: str, /
    ) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
        """Return schemas as pydantic makes them of what it reads."""
        schemas, all_of_them = TypeAdapter.json_schemas(
            [
                (number, "validation", TypeAdapter(one))
                for number, one in enumerate(hints)
            ],
            ref_template=ref.replace("{name}", "{model}"),
        )
        return (
            [schemas[number, "validation"] for number in range(len(hints))],
            all_of_them.get("$defs", {}),
        )


def _is_understood(metadata: object) -> bool:
    return isinstance(
        metadata,
        FieldInfo | annotated_types.BaseMetadata | annotated_types.GroupedMetadata,
    ) or hasattr(metadata, "__get_pydantic_core_schema__")


@remembered
def _is_known(hint: Any) -> bool:
    if not all(_is_understood(one) for _, one in metadata_in(hint)):
        return False
    if get_origin(kernel(hint)) in LAZY:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            TypeAdapter[Any](hint)
    except (PydanticUserError, PydanticSchemaGenerationError, Warning):
        return False
    return True


# What pydantic says of a value that is not what its annotation says, without the value.
DENIED = re.compile(r"Expected (`[^`\n]+`)(?:[^\n]*?field_name='(\w+)')?")


def _denied(text: str) -> list[Problem]:
    """Return what a serializer complains of."""
    found = [
        Problem(
            "body", f"Expected {kind}.", pointer="#" + (token(name) if name else "")
        )
        for kind, name in DENIED.findall(text)
    ]
    return found or [Problem("body", "Cannot be JSON.", pointer="#")]


def _detail(kind: str, message: str, context: dict[str, Any]) -> str:
    text = QUIET[kind].format(**context) if kind in QUIET else message
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _pointer(place: Sequence[int | str], value: object) -> str:
    """Return the steps that lead into the value; pydantic names types of unions too."""
    pointer = ""
    for number, step in enumerate(place):
        if isinstance(value, dict) and (step in value or number == len(place) - 1):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            continue
        pointer += token(step)
    return pointer
