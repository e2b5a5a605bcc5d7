"""How a type reads settings: single values, and what is made of several.

A reader is found once for each type, before anything is read. Texts come from
variables, values from TOML files: a list is `a, b` in one and an array in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Protocol, Union, get_args, get_origin

from ._codec import ByCodec, SettingsCodec
from ._flaws import Flaw, Unfit
from ._json import AS_JSON, from_json
from ._scalars import SCALARS, choice_of
from ._secret import Secret


class Reader(Protocol):
    """Makes values of one type."""

    @property
    def wanted(self) -> str:
        """What it reads, for errors."""
        ...

    def text(self, text: str, /) -> Any:
        """Return the value that a text stands for; raises Unfit."""
        ...

    def value(self, value: Any, /) -> Any:
        """Return what a plain value becomes; raises Unfit."""
        ...


@dataclass(frozen=True, slots=True)
class Either:
    """Reads what one of several readers reads: the first that can."""

    readers: tuple[Reader, ...]
    may_be_none: bool

    @property
    def wanted(self) -> str:
        """What it reads, for errors."""
        return " or ".join(reader.wanted for reader in self.readers)

    def text(self, text: str, /) -> Any:
        """Return the value of a text; nothing is None, where that is allowed."""
        if self.may_be_none and not text:
            return None
        return self._first(text, [reader.text for reader in self.readers])

    def value(self, value: Any, /) -> Any:
        """Return what a plain value becomes."""
        if self.may_be_none and value is None:
            return None
        return self._first(value, [reader.value for reader in self.readers])

    def _first(self, value: Any, reads: list[Callable[[Any], Any]]) -> Any:
        for read in reads:
            try:
                return read(value)
            except Unfit as unfit:
                flaws = unfit.flaws
        if len(reads) > 1:
            cure = "Write it as one of these."
            flaws = (Flaw(f"is not {self.wanted}", cure, value),)
        raise Unfit(*flaws)


@dataclass(frozen=True, slots=True)
class Many:
    """Reads a list, set or tuple.

    Args:
        make: Makes it of its items.
        items: One reader for all items, or one for each.
        count: How many items there have to be, None for any number.
    """

    make: Callable[[list[Any]], Any]
    items: tuple[Reader, ...]
    count: int | None

    @property
    def wanted(self) -> str:
        """What it reads, for errors."""
        return "a list" if self.count is None else f"a list of {self.count} items"

    def text(self, text: str, /) -> Any:
        """Return the items between commas, or those of a list in JSON."""
        if text.lstrip().startswith("["):
            return self.value(from_json(text))
        texts = [item.strip() for item in text.split(",")] if text.strip() else []
        if "" in texts:
            cure = "Remove a comma, or write the list as JSON."
            raise Unfit(Flaw(f"has nothing as item {texts.index('')}", cure, text))
        return self._read(texts, lambda reader, item: reader.text(item))

    def value(self, value: Any, /) -> Any:
        """Return what a list of plain values becomes."""
        if not isinstance(value, list | tuple | set | frozenset):
            raise Unfit(Flaw(f"is not {self.wanted}", "Write [a, b].", value))
        return self._read(list(value), lambda reader, item: reader.value(item))

    def _read(self, values: list[Any], read: Callable[[Reader, Any], Any]) -> Any:
        if self.count is not None and len(values) != self.count:
            raise Unfit(Flaw(f"is not {self.wanted}", "Write so many.", values))
        readers = self.items if self.count is not None else self.items * len(values)
        made, flaws = [], []
        for number, (reader, value) in enumerate(zip(readers, values, strict=True)):
            try:
                made.append(read(reader, value))
            except Unfit as unfit:
                flaws += unfit.below(f"[{number}]")
        if flaws:
            raise Unfit(*flaws)
        return self.make(made)


@dataclass(frozen=True, slots=True)
class Table:
    """Reads a dict whose keys are free."""

    item: Reader
    wanted: str = "a table"

    def text(self, text: str, /) -> Any:
        """Return the values of an object in JSON."""
        if not text.lstrip().startswith("{"):
            raise Unfit(Flaw(f"is not {self.wanted}", AS_JSON, text))
        return self.value(from_json(text))

    def value(self, value: Any, /) -> Any:
        """Return what the values of a dict become."""
        if not isinstance(value, Mapping):
            raise Unfit(Flaw(f"is not {self.wanted}", "Write {a = 1}.", value))
        made, flaws = {}, []
        for key, item in value.items():
            try:
                made[key] = self.item.value(item)
            except Unfit as unfit:
                flaws += unfit.below(f".{key}")
        if flaws:
            raise Unfit(*flaws)
        return made


class Readers:
    """Finds the reader of each type.

    Args:
        record: Makes the reader of a dataclass.
        codec: Asked for types that are not known here.
    """

    def __init__(
        self, record: Callable[[type[Any]], Reader], codec: SettingsCodec | None
    ) -> None:
        self._record = record
        self._codec = codec

    def of(self, hint: Any, where: str) -> Reader:
        """Return the reader of a type.

        Args:
            where: Whose type it is, for the error.

        Raises:
            TypeError: Nobody knows the type.
        """
        known = None if get_origin(hint) is Annotated else self._known(hint, where)
        if known is not None:
            return known
        if self._codec is not None and self._codec.handles(hint):
            return ByCodec(self._codec, hint)
        raise TypeError(
            f"{where} has the type {hint!r}, which settings cannot be read as. Use one"
            " of bool, int, float, Decimal, str, Secret, Path, date, datetime, time,"
            " timedelta, Enum, Literal, list, tuple, set, dict[str, …], unions of these"
            " and dataclasses, without Annotated, or pass a codec that knows it."
        )

    def _known(self, hint: Any, where: str) -> Reader | None:
        if hint in SCALARS:
            return SCALARS[hint]
        if isinstance(hint, type) and issubclass(hint, Enum):
            return choice_of(list(hint))
        if isinstance(hint, type) and is_dataclass(hint):
            return self._record(hint)
        return self._made_of_others(hint, where)

    def _made_of_others(self, hint: Any, where: str) -> Reader | None:
        origin, args = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            return self._either(args, where)
        if origin is Literal:
            return _literal(args)
        if origin is tuple and args[-1:] != (...,):
            items = tuple(self.of(each, where) for each in args)
            return Many(tuple, items, len(items))
        if origin in (list, set, frozenset, tuple):
            return Many(origin, (self.of(args[0], where),), None)
        if origin is dict and args[0] is str:
            return Table(self.of(args[1], where))
        return None

    def _either(self, hints: Iterable[Any], where: str) -> Reader:
        known = [hint for hint in hints if hint is not NoneType]
        readers = tuple(self.of(hint, where) for hint in known)
        return Either(readers, may_be_none=len(known) < len(tuple(hints)))


def _literal(options: tuple[Any, ...]) -> Reader:
    known = choice_of([option for option in options if option is not None])
    return Either((known,), may_be_none=True) if None in options else known


def holds_secret(hint: Any) -> bool:
    """Tell whether a type is `Secret`, or is made of it."""
    return hint is Secret or any(map(holds_secret, get_args(hint)))
