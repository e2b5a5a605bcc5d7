"""Types as msgspec reads them: dataclasses, TypedDicts, attrs, its own Structs.

What msgspec does not do is done here: rules of `annotated_types` are translated into
its own, and all problems of a value are told instead of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from ._complete import completing
from ._errors import Refused
from ._look import Looks
from ._problems import Problem
from ._rules import (
    has_hidden_rules,
    is_rule,
    translated,
)
from ._schema import schemas_of
from ._shape import metadata_in, remembered
from ._walk import Walk

# `msgspec.ValidationError` is a DecodeError: a rule broken, not a syntax. Before 0.20,
# bytes that are no UTF-8 raise Python's own error.
ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Refused)
ENCODE = msgspec.json.Encoder().encode


class MsgspecCodec:
    """The codec that is always there.

    Args:
        forbid_unknown_fields: Refuse fields that a type does not have. A Struct says
            so itself; this is for dataclasses and the like, and costs a second look
            at each body.
    """

    name = "msgspec"
    errors: tuple[type[Exception], ...] = ERRORS

    def __init__(self, *, forbid_unknown_fields: bool = False) -> None:
        self._forbid = forbid_unknown_fields
        self._looks = Looks(forbid_unknown=forbid_unknown_fields)

    def handles(self, hint: object, /) -> bool:
        """Tell whether msgspec knows the type without help from a hook."""
        return _is_known(hint)

    def understands(self, metadata: object, /) -> bool:
        """Tell whether it is a `Meta`, or a rule of annotated_types that can be one."""
        return _is_understood(metadata)

    def decoder(self, hint: Any, /) -> Callable[[bytes], Any]:
        """Return the decoder of a type."""
        decode = _completed(msgspec.json.Decoder(translated(hint)).decode, hint)
        if not self._looks_twice(hint):
            return decode

        look = self._looks.at(hint)

        def decode_and_look(raw: bytes) -> Any:
            value = decode(raw)
            if not look(msgspec.json.decode(raw)):
                raise Refused("Refused by a rule of a field.")
            return value

        return decode_and_look

    def converter(self, hint: Any, /) -> Callable[[Any], Any]:
        """Return what turns text, or plain values, into a value of the type."""
        wanted = translated(hint)

        def convert_plainly(value: Any) -> Any:
            return msgspec.convert(value, wanted, strict=False)

        convert = _completed(convert_plainly, hint)
        if not self._looks_twice(hint):
            return convert

        def convert_and_look(value: Any) -> Any:
            converted = convert(value)
            for problem in self._walk(value, hint, strict=False):
                raise Refused(problem.detail)
            return converted

        return convert_and_look

    def encoder(self, hint: Any, /) -> Callable[[Any], bytes]:
        """Return the encoder: msgspec's is the same for all types."""
        return ENCODE

    def checker(self, hint: Any, /) -> Callable[[Any], list[Problem]]:
        """Return a function that encodes a value, and reads it back as the type."""
        decode = self.decoder(hint)

        def check(value: Any) -> list[Problem]:
            try:
                raw = ENCODE(value)
            except (TypeError, ValueError) as error:
                return [Problem("body", f"Cannot be JSON: {error}.", pointer="#")]
            try:
                decode(raw)
            except ERRORS as error:
                return self.json_problems(raw, hint, error)
            return []

        return check

    def json_problems(
        self, raw: bytes, hint: Any, error: Exception, /
    ) -> list[Problem]:
        """Return all that is wrong, by a walk over the plain value."""
        found = self._walk(msgspec.json.decode(raw), hint, strict=True)
        return found or [Problem("body", "Cannot be read.", pointer="#")]

    def problems(self, value: object, hint: Any, error: Exception, /) -> list[Problem]:
        """Return all that is wrong with texts, or dicts and lists of them."""
        found = self._walk(value, hint, strict=False)
        return found or [Problem("body", "Cannot be read.", pointer="#")]

    def schemas(
        self, hints: Sequence[Any], ref: str, /
    ) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
        """Return schemas by msgspec, with the rules that it does not see."""
        return schemas_of(hints, ref)

    def _looks_twice(self, hint: Any) -> bool:
        return self._forbid or has_hidden_rules(hint)

    def _walk(self, value: object, hint: Any, *, strict: bool) -> list[Problem]:
        walk = Walk(strict=strict, forbid_unknown=self._forbid)
        walk.visit(value, hint, "#", 0)
        return walk.found


def _completed(read: Callable[[Any], Any], hint: Any) -> Callable[[Any], Any]:
    """Return a function that reads, and gives dataclasses all of their defaults."""
    complete = completing(hint)
    if complete is None:
        return read

    def read_and_complete(raw: Any) -> Any:
        value = read(raw)
        complete(value)
        return value

    return read_and_complete


def _is_understood(metadata: object) -> bool:
    return isinstance(metadata, msgspec.Meta) or is_rule(metadata)


@remembered
def _is_known(hint: Any) -> bool:
    if not all(_is_understood(one) for _, one in metadata_in(hint)):
        return False
    try:
        known = msgspec.inspect.type_info(translated(hint))
    except (TypeError, NameError):
        return False
    return not any(
        isinstance(one, msgspec.inspect.CustomType) for one in _below(known, set())
    )


def _below(known: msgspec.inspect.Type, seen: set[int]) -> Iterator[object]:
    """Yield what msgspec says of a type, and of all types in it, each once."""
    pending: list[object] = [known]
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, tuple):
            pending.extend(one)
        elif isinstance(one, msgspec.inspect.Field):
            pending.append(one.type)
        elif isinstance(one, msgspec.inspect.Type):
            yield one
            pending.extend(
                getattr(one, name)
                for name in one.__struct_fields__
                if name not in ("cls", "default", "values")
            )
