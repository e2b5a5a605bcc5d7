"""What a type is made of: metadata, fields, members; the same for all libraries."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, wraps
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from ._errors import SetupError
from ._markers import In, Status, Use

LISTS = (list, set, frozenset, tuple, Sequence)
UNIONS = (Union, types.UnionType)
Hint = TypeVar("Hint", bound=Callable[[Any], Any])


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """A field of a record: its name in JSON, its type, whether it must be."""

    name: str
    key: str
    hint: Any  # a type, with what `Annotated` says of it
    required: bool


def remembered(function: Hint) -> Hint:
    """Return a function that remembers what it said of a type.

    Types are few, and the same ones come in the signatures of many views.
    """
    cached = lru_cache(maxsize=4096)(function)

    def ask(hint: Any) -> Any:
        if type(hint) is not type:  # most are plain classes
            try:
                hash(hint)
            except TypeError:  # metadata that cannot be hashed
                return function(hint)
        return cached(hint)

    return wraps(function)(ask)  # type: ignore[return-value]  # takes the same


def peel(hint: object) -> tuple[Any, tuple[object, ...]]:
    """Return a type without `Annotated`, `NewType` and aliases, and the metadata."""
    if type(hint) is type:  # most are plain classes
        return hint, ()
    metadata: tuple[object, ...] = ()
    while True:
        if get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            metadata = (*more, *metadata)
        elif hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        elif type(hint).__name__ == "TypeAliasType":
            hint = getattr(hint, "__value__")  # noqa: B009  # its class is of 3.12
        else:
            return hint, metadata


def members(hint: object) -> tuple[object, ...]:
    """Return what a union may be, without None; a type that is no union alone."""
    if type(hint) is type:
        return (hint,)
    base, _ = peel(hint)
    if get_origin(base) in UNIONS:
        return tuple(one for one in get_args(base) if one is not type(None))
    return (hint,)


def may_be_none(hint: object) -> bool:
    """Tell whether a type includes None."""
    base, _ = peel(hint)
    return base in (None, type(None)) or (
        get_origin(base) in UNIONS and type(None) in get_args(base)
    )


@remembered
def kernel(hint: object) -> Any:
    """Return the bare type below `Annotated` and `| None`; a true union stays one."""
    several = members(hint)
    base, _ = peel(several[0]) if len(several) == 1 else peel(hint)
    return base


@remembered
def classes_of(hint: object) -> tuple[type, ...] | None:
    """Return the classes that values of a type have; None if that cannot be told."""
    bases = [peel(one)[0] for one in members(hint)]
    kinds = [
        dict if typing.is_typeddict(one) else get_origin(one) or one for one in bases
    ]
    if any(
        not isinstance(kind, type)
        or kind in (Any, object)
        or getattr(kind, "_is_protocol", False)
        for kind in kinds
    ):
        return None
    if float in kinds:
        kinds.append(int)  # a float is an int to who reads types (PEP 484)
    if may_be_none(hint):
        kinds.append(type(None))
    return tuple(kinds)


@remembered
def listed(hint: object) -> Any | None:
    """Return the type of the items if `hint` is a list, set or tuple of one type."""
    base = kernel(hint)
    arguments = get_args(base)
    if base in LISTS:
        return Any
    if get_origin(base) not in LISTS or not arguments:
        return None
    if get_origin(base) is tuple and arguments[1:] != (Ellipsis,):
        return None
    return arguments[0]


def is_pydantic(kind: object) -> bool:
    """Tell whether `kind` is a model, without an import of pydantic."""
    return isinstance(kind, type) and hasattr(kind, "__pydantic_validator__")


def is_attrs(kind: object) -> bool:
    """Tell whether `kind` is a class of attrs, without an import of it."""
    return isinstance(kind, type) and hasattr(kind, "__attrs_attrs__")


def is_namedtuple(kind: object) -> bool:
    """Tell whether `kind` is a named tuple."""
    return isinstance(kind, type) and hasattr(kind, "_field_defaults")


@remembered
def is_record(hint: object) -> bool:
    """Tell whether a type has named fields: a dataclass, a model, a TypedDict ..."""
    base = kernel(hint)
    kind = get_origin(base) or base
    return isinstance(kind, type) and (
        dataclasses.is_dataclass(kind)
        or issubclass(kind, msgspec.Struct)
        or is_attrs(kind)
        or is_pydantic(kind)
        or typing.is_typeddict(kind)
        or is_namedtuple(kind)
        or (hasattr(kind, "__required_keys__") and hasattr(kind, "__total__"))
    )


@remembered
def is_structured(hint: object) -> bool:
    """Tell whether a record is somewhere in a type: such a value is a JSON body."""
    if is_record(hint):
        return True
    base, _ = peel(hint)
    return any(is_structured(one) for one in get_args(base) if one is not hint)


def hints_of(kind: Any) -> dict[str, Any]:
    """Return the resolved annotations of a class.

    Raises:
        SetupError: One of them names what cannot be found.
    """
    try:
        return get_type_hints(kind, include_extras=True)
    except NameError as error:
        raise SetupError(
            f"{kind.__module__}.{kind.__qualname__}: its annotations name"
            f" {error.name!r}, which cannot be found at run time. Import it outside of"
            " 'if TYPE_CHECKING:', at the top of the module."
        ) from None


@remembered
def fields_of(hint: Any) -> tuple[Field, ...]:
    """Return the fields of a record, type variables filled in."""
    base = kernel(hint)
    kind = get_origin(base) or base
    hints = hints_of(kind)
    filled = dict(
        zip(getattr(kind, "__parameters__", ()), get_args(base), strict=False)
    )
    return tuple(
        Field(name, key, fill(_unwrapped(hints[name]), filled), required)
        for name, key, required in _raw_fields(kind, hints)
    )


Raw = Iterator[tuple[str, str, bool]]  # name, key, whether it is required


def _raw_fields(kind: Any, hints: dict[str, Any]) -> Raw:
    if issubclass(kind, msgspec.Struct):
        return _of_struct(kind)
    if is_attrs(kind):
        return _of_attrs(kind)
    if dataclasses.is_dataclass(kind):
        return _of_dataclass(kind)
    if is_pydantic(kind):
        return _of_model(kind)
    if is_namedtuple(kind):
        return _of_namedtuple(kind)
    return _of_typeddict(kind, hints)


def _of_struct(kind: Any) -> Raw:
    for field in msgspec.structs.fields(kind):
        yield field.name, field.encode_name, field.required


def _of_attrs(kind: Any) -> Raw:
    for field in kind.__attrs_attrs__:
        if field.init:
            yield field.name, field.name, repr(field.default) == "NOTHING"


def _of_dataclass(kind: Any) -> Raw:
    missing = dataclasses.MISSING
    for field in dataclasses.fields(kind):
        if field.init:
            bare = field.default is missing and field.default_factory is missing
            yield field.name, field.name, bare


def _of_model(kind: Any) -> Raw:
    for name, info in kind.model_fields.items():
        alias = info.validation_alias
        yield name, alias if isinstance(alias, str) else name, info.is_required()


def _of_namedtuple(kind: Any) -> Raw:
    for name in kind._fields:
        yield name, name, name not in kind._field_defaults


def _of_typeddict(kind: Any, hints: dict[str, Any]) -> Raw:
    for name, hint in hints.items():
        yield name, name, _is_required(kind, name, hint)


def _is_required(kind: Any, name: str, hint: object) -> bool:
    # Postponed annotations are texts when `__required_keys__` is worked out.
    said = get_origin(hint)
    if said in (typing.Required, typing.NotRequired):
        return said is typing.Required
    return name in kind.__required_keys__


def _unwrapped(hint: Any) -> Any:
    """Return the type in `Required[...]` or `NotRequired[...]`."""
    if get_origin(hint) in (typing.Required, typing.NotRequired):
        return get_args(hint)[0]
    return hint


def fill(hint: Any, filled: dict[Any, Any]) -> Any:
    """Return a type with its type variables replaced."""
    if not filled:
        return hint
    if isinstance(hint, typing.TypeVar):
        return filled.get(hint, hint)
    return rebuilt(hint, lambda one: fill(one, filled))


def rebuilt(hint: Any, change: Callable[[Any], Any]) -> Any:
    """Return a generic type with each of its arguments changed."""
    arguments = get_args(hint)
    origin = get_origin(hint)
    if not arguments or origin is typing.Literal:
        return hint
    if origin is Annotated:
        return Annotated[(change(arguments[0]), *hint.__metadata__)]
    changed = tuple(
        one if one is Ellipsis or isinstance(one, list) else change(one)
        for one in arguments
    )
    if changed == arguments:
        return hint
    if origin in UNIONS:
        return Union[changed]  # noqa: UP007  # of a tuple
    return origin[changed]


def refuse_metadata(hint: Any, where: object) -> None:
    """Refuse rules about a value that is not read from text or JSON.

    Raises:
        SetupError: There is one.
    """
    for metadata in peel(hint)[1]:
        if _is_foreign(metadata):
            raise SetupError(f"{where}: nothing obeys {metadata!r} here. Take it away.")


def refuse_inner_marks(hint: Any, where: object) -> None:
    """Refuse marks that are not at the parameter itself, where nobody looks for them.

    Raises:
        SetupError: There is one.
    """
    marks = _inner_marks(hint)
    if marks:
        raise SetupError(
            f"{where}: {marks[0]!r} stands inside of the type, where it says"
            " nothing. Mark the parameter itself."
        )


@remembered
def _inner_marks(hint: Any) -> list[object]:
    outer = [one for member in (hint, *members(hint)) for one in peel(member)[1]]
    return [
        one
        for _, _, metadata in parts_of(hint)
        for one in metadata
        if isinstance(one, In | Use | Status) and one not in outer
    ]


def _is_foreign(metadata: object) -> bool:
    """Tell whether metadata is neither ours, nor a document, nor nothing."""
    ours = metadata is None or isinstance(metadata, In | Use | Status)
    return not ours and not hasattr(metadata, "documentation")


Part = tuple[str, Any, tuple[object, ...]]  # where, a type, its metadata


@remembered
def parts_of(hint: Any) -> tuple[Part, ...]:
    """Return (where, type, metadata) of a type and all below it, each class once."""
    return tuple(_parts(hint, "", set()))


def _parts(hint: Any, where: str, seen: set[object]) -> Iterator[Part]:
    base, metadata = peel(hint)
    yield where, base, metadata
    if is_record(base):
        if base not in seen:
            seen.add(base)
            name = (get_origin(base) or base).__qualname__
            for field in fields_of(base):
                yield from _parts(field.hint, f"{name}.{field.name}", seen)
    elif get_origin(base) is not typing.Literal:
        for argument in get_args(base):
            yield from _parts(argument, where, seen)


def metadata_in(hint: Any) -> Iterator[tuple[str, object]]:
    """Yield (where, metadata) of a type and all types below it."""
    for where, _, metadata in parts_of(hint):
        for one in metadata:
            if _is_foreign(one):
                yield where, one
