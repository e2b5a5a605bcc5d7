"""What a library of models must do, and which of several does it for a type."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from ._errors import SetupError
from ._msgspec import MsgspecCodec
from ._problems import Problem
from ._rules import misfit_in
from ._shape import metadata_in, peel
from ._signature import Where

MSGSPEC = MsgspecCodec()
Schema = dict[str, Any]  # Any: a JSON value


class Codec(Protocol):
    """A library that turns JSON into values of a type, and back.

    All but the functions that it returns are called at set-up, or after an error.
    """

    @property
    def name(self) -> str:
        """The library, as errors of set-up name it."""
        ...

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What decoders and converters raise for bad input, and for nothing else."""
        ...

    def handles(self, hint: object, /) -> bool:
        """Tell whether it knows the type, and all that is in and below it."""
        ...

    def understands(self, metadata: object, /) -> bool:
        """Tell whether it obeys one piece of metadata of `Annotated`."""
        ...

    def decoder(self, hint: Any, /) -> Callable[[bytes], Any]:
        """Return a function of JSON to a value; strict about JSON, NaN is none."""
        ...

    def converter(self, hint: Any, /) -> Callable[[Any], Any]:
        """Return a function of texts, or dicts and lists of them, to a value."""
        ...

    def encoder(self, hint: Any, /) -> Callable[[Any], bytes]:
        """Return a function of a value to its JSON."""
        ...

    def checker(self, hint: Any, /) -> Callable[[Any], list[Problem]]:
        """Return a function that says what of a value the type denies."""
        ...

    def json_problems(
        self, raw: bytes, hint: Any, error: Exception, /
    ) -> list[Problem]:
        """Return all that is wrong with well-formed JSON, each with a pointer."""
        ...

    def problems(self, value: object, hint: Any, error: Exception, /) -> list[Problem]:
        """Return all that is wrong with what the converter refused."""
        ...

    def schemas(
        self, hints: Sequence[Any], ref: str, /
    ) -> tuple[list[Schema], dict[str, Schema]]:
        """Return a JSON schema per type, and those they refer to by name.

        Args:
            hints: The types.
            ref: Form of a reference, with `{name}` in it.
        """
        ...


@cache
def _pydantic_codec() -> Codec:
    codec: Codec = import_module(f"{__package__}._pydantic").PydanticCodec()
    return codec


def default_codecs() -> list[Codec]:
    """Return msgspec, and pydantic if it is loaded: no model exists without it."""
    codecs: list[Codec] = [MSGSPEC]
    if "pydantic" in sys.modules:
        codecs.append(_pydantic_codec())
    return codecs


def choose(codecs: Sequence[Codec], hint: object, where: Where | str) -> Codec:
    """Return the first codec that handles a type.

    Raises:
        SetupError: None does, or a rule is none for its type; says which.
    """
    misfit = misfit_in(hint)
    if misfit is not None:
        raise SetupError(f"{where}: {misfit[0]!r} says nothing of {misfit[1]!r}.")
    for codec in codecs:
        if codec.handles(hint):
            return codec
    names = " and ".join(codec.name for codec in codecs) or "no library"
    for place, metadata in metadata_in(hint):
        knowing = [codec.name for codec in codecs if codec.understands(metadata)]
        if len(knowing) < len(codecs):
            known = f"only {' and '.join(knowing)}" if knowing else "nobody"
            at = f" at {place}" if place else ""
            raise SetupError(
                f"{where}: {known} of {names} understands {metadata!r}"
                f"{at}, so the rest would ignore it."
                " Write the rule in the words of the library that reads the type, or"
                " give a codec that knows both."
            )
    raise SetupError(
        f"{where}: {names} cannot read {peel(hint)[0]!r}. Use a dataclass, TypedDict,"
        " NamedTuple, msgspec.Struct, attrs class or pydantic model, or give a codec of"
        " your own."
    )
