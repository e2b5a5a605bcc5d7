"""What is asked of a library of models, to load settings into its types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin

from ._flaws import Flaw, Unfit
from ._json import from_json

_LISTS = (list, set, frozenset, tuple)


class CodecProblem(Protocol):
    """One thing that is wrong with a value."""

    @property
    def detail(self) -> str:
        """What, in a sentence."""
        ...

    @property
    def pointer(self) -> str | None:
        """Where in the value, as a URI fragment (RFC 6901 §6): `#/servers/0/port`."""
        ...


class SettingsCodec(Protocol):
    """A library that turns texts and plain values into its types.

    The codecs of tantalus-typed are such.
    """

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What converters raise for bad values, and for nothing else."""
        ...

    def handles(self, hint: object, /) -> bool:
        """Tell whether it knows the type."""
        ...

    def converter(self, hint: Any, /) -> Callable[[Any], Any]:
        """Return a function of texts and plain values, or dicts and lists of them."""
        ...

    def problems(
        self, value: object, hint: Any, error: Exception, /
    ) -> Sequence[CodecProblem]:
        """Return all that is wrong with what the converter refused."""
        ...


@dataclass(frozen=True, slots=True)
class ByCodec:
    """Makes values of a type by a codec."""

    codec: SettingsCodec
    hint: Any

    @property
    def wanted(self) -> str:
        """What it reads, for errors."""
        return f"a {getattr(self.hint, '__name__', self.hint)}"

    def value(self, value: Any, /) -> Any:
        """Return what the codec makes of a value.

        Raises:
            Unfit: The codec refuses it.
        """
        try:
            return self.codec.converter(self.hint)(value)
        except self.codec.errors as error:
            found = self.codec.problems(value, self.hint, error)
            flaws = [self._flaw(each) for each in found]
        # Outside of the handler: what was caught may quote the value.
        raise Unfit(*flaws)

    def text(self, text: str, /) -> Any:
        """Return what the codec makes of a text, or of what stands in it."""
        return self.value(Plain(opening_of(self.hint)).text(text))

    def _flaw(self, problem: CodecProblem) -> Flaw:
        path = "".join(f".{step}" for step in steps_of(problem.pointer))
        detail = problem.detail.rstrip(".")
        return Flaw(detail, f"It has to be {self.wanted}.", path=path.lstrip("."))


def steps_of(pointer: str | None) -> list[str]:
    """Return the names in a pointer, as a URI fragment or not."""
    steps = (pointer or "").removeprefix("#").split("/")[1:]
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


@dataclass(frozen=True, slots=True)
class Plain:
    """Leaves values as they are, for a codec, and takes lists apart.

    Args:
        opening: What the JSON of a list or a dict begins with; nothing for others.
    """

    opening: str
    wanted: str = "a value"

    def value(self, value: Any, /) -> Any:
        """Return the value."""
        return value

    def text(self, text: str, /) -> Any:
        """Return the text, or the texts between its commas, or what its JSON says."""
        if self.opening and text.lstrip().startswith(self.opening):
            return from_json(text)
        if self.opening != "[":
            return text
        return [item.strip() for item in text.split(",")] if text.strip() else []


def opening_of(hint: Any) -> str:
    """Return what the JSON of a type begins with, nothing if it is a single value."""
    hint = without_none(hint)
    if get_origin(hint) is Annotated:
        return opening_of(get_args(hint)[0])
    kind = get_origin(hint) or hint
    if kind in _LISTS:
        return "["
    return "{" if kind is dict or is_record(kind) else ""


def is_record(kind: Any) -> bool:
    """Tell whether a type is a class with fields."""
    return (
        isinstance(kind, type)
        and not issubclass(kind, Enum)
        and bool(getattr(kind, "__annotations__", None))
    )


def without_none(hint: Any) -> Any:
    """Return `X` of `X | None`, and other types as they are."""
    if get_origin(hint) not in (Union, UnionType):
        return hint
    others = [each for each in get_args(hint) if each is not NoneType]
    return others[0] if len(others) == 1 else hint
