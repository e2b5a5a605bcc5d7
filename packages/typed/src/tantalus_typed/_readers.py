"""The reader of each leaf; a record of parameters is read by the readers of its fields.

`Query[Filters]` and `Form[Login]`: each field of the type is a parameter, which may be
a `File` or a `JsonPart`, and its rules are told with its own name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, get_origin

from ._bodies import body_reader, file_reader, json_part_reader
from ._codec import Codec, choose
from ._errors import Refused, SetupError
from ._markers import In, Use
from ._problems import Problem
from ._reader import Args, Convert, Reader, is_missing
from ._request import Source
from ._scalars import scalar_reader
from ._shape import Field, fields_of, is_pydantic, is_record, kernel, peel
from ._signature import MISSING, Where
from ._steps import Leaf

# Records in records, whose fields are parameters too.
DEEPEST = 12
GROUPS = ("query", "header", "cookie", "form")


def reader_for(leaf: Leaf, codecs: Sequence[Codec], where: Where | str) -> Reader:
    """Return how to read a leaf.

    Raises:
        SetupError: No codec knows its type.
    """
    if leaf.place == "body":
        return body_reader(leaf, codecs, where)
    if leaf.place == "file":
        return file_reader(leaf, codecs, where)
    if leaf.place == "json":
        return json_part_reader(leaf, codecs, where)
    if leaf.place in GROUPS and is_record(leaf.hint):
        return group_reader(leaf, codecs, where)
    return scalar_reader(leaf, codecs, where)


def flat(leaves: Sequence[Leaf], *places: str) -> Iterator[Leaf]:
    """Yield what clients send, each once: the fields of records of parameters too.

    Args:
        places: Only these; by default all.
    """
    seen: set[tuple[str, str]] = set()
    for leaf in leaves:
        for part in _parts(leaf):
            wanted = not places or part.place in places
            if wanted and (part.place, part.key) not in seen:
                seen.add((part.place, part.key))
                yield part


def _parts(leaf: Leaf) -> list[Leaf]:
    if leaf.place not in GROUPS or not is_record(leaf.hint):
        return [leaf]
    parts = [leaf_of_field(field, leaf) for field in fields_of(kernel(leaf.hint))]
    if leaf.default is MISSING:
        return parts
    return [replace(part, default=None) for part in parts]  # all may be left out


def leaf_of_field(field: Field, group: Leaf, within: Where | str = "") -> Leaf:
    """Return the leaf that a field of a record of parameters is.

    Raises:
        SetupError: The field uses a function, or the type holds itself.
    """
    where = f"{within}.{field.name}"
    marks = [one for one in peel(field.hint)[1] if isinstance(one, In)]
    if any(isinstance(one, Use) for one in peel(field.hint)[1]):
        raise SetupError(f"{where}: a field uses nothing. Use it in the signature.")
    if where.count(".") > DEEPEST:
        raise SetupError(f"{where}: the records of a {group.place} hold each other.")
    mark = marks[0] if marks else None
    return replace(
        group,
        place=mark.place if mark else group.place,
        key=(mark.name if mark else None) or field.key,
        name=field.name,
        hint=field.hint,
        # The type knows the default; whether there is one is all that counts here.
        default=MISSING if field.required else None,
    )


def group_reader(leaf: Leaf, codecs: Sequence[Codec], where: Where | str) -> Reader:
    """Return how to read a record of parameters."""
    base = kernel(leaf.hint)
    fields = fields_of(base)
    readers = [
        reader_for(leaf_of_field(one, leaf, where), codecs, f"{where}.{one.name}")
        for one in fields
    ]
    make, errors, explain_whole = _maker(leaf, base, codecs, where)

    def fetch(request: Source, args: Args) -> Any:
        if leaf.default is not MISSING and not any(
            _is_there(reader, request, args) for reader in readers
        ):
            return MISSING
        return request, args

    def convert(asked: tuple[Source, Args]) -> Any:
        values = {}
        for reader in readers:
            raw = reader.fetch(*asked)
            if not is_missing(raw, reader.keeps_empty):
                change = reader.convert
                values[reader.leaf.name] = raw if change is None else change(raw)
            elif reader.is_required:
                raise Refused("Missing.")
        return make(values)

    def explain(asked: tuple[Source, Args], error: Exception) -> list[Problem]:
        found = [one for reader in readers for one in reader.problems(*asked)]
        return found or explain_whole(error)

    every: set[type[Exception]] = {Refused, *errors}
    every.update(*(reader.errors for reader in readers))
    return Reader(leaf, fetch, convert, explain, tuple(every))


def _is_there(reader: Reader, request: Source, args: Args) -> bool:
    """Tell whether a client sent a field of a record, right or wrong."""
    try:
        return not is_missing(reader.fetch(request, args), reader.keeps_empty)
    except Refused:
        return True


def _maker(
    leaf: Leaf, base: Any, codecs: Sequence[Codec], where: Where | str
) -> tuple[Convert, tuple[type[Exception], ...], Callable[[Exception], list[Problem]]]:
    """Return what makes the record of its fields; and what explains its refusal."""
    if is_pydantic(base) and not dataclasses.is_dataclass(base):
        codec = choose(codecs, base, where)
        convert = codec.converter(base)
        keys = {field.name: field.key for field in fields_of(base)}

        def by_model(values: dict[str, Any]) -> Any:
            return convert({keys[name]: value for name, value in values.items()})

        def explain_model(error: Exception) -> list[Problem]:
            found = codec.problems(dict.fromkeys(keys.values()), base, error)
            return [_of_field(one, leaf) for one in found]

        return by_model, codec.errors, explain_model

    make = get_origin(base) or base
    names = {one.name: one.alias for one in getattr(make, "__attrs_attrs__", ())}

    def by_call(values: dict[str, Any]) -> Any:
        try:
            return make(**{names.get(name, name): one for name, one in values.items()})
        except ValueError as error:  # of a rule about the whole, in __post_init__
            raise Refused(str(error)) from None

    def explain_call(error: Exception) -> list[Problem]:
        return [Problem(leaf.place, str(error), kind="rule")]

    return by_call, (), explain_call


def _of_field(problem: Problem, leaf: Leaf) -> Problem:
    """Return a problem of a model as one of the parameter that is its field."""
    name = (problem.pointer or "#").removeprefix("#").removeprefix("/")
    return Problem(leaf.place, problem.detail, name or None, kind=problem.kind)
