"""Defaults that msgspec leaves to the class of a dataclass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import attrs
import msgspec
import pytest

from tantalus_typed import MsgspecCodec


@dataclass
class Line:
    sku: str
    count: int = 1
    notes: list[str] = field(default_factory=list)
    shown: str = field(default="", init=False)


@dataclass(frozen=True, slots=True)
class Slotted:
    line: Line
    more: int = 2


class Struct(msgspec.Struct):
    lines: dict[str, Line]


@attrs.define
class Attrs:
    lines: tuple[Line, ...]
    more: int = 3


class Named(NamedTuple):
    line: Line


FULL = '{"sku":"a","count":1,"notes":[]}'


@pytest.mark.parametrize(
    ("hint", "sent", "answered"),
    [
        (Line, '{"sku":"a"}', FULL),
        (Line | None, '{"sku":"a"}', FULL),
        (list[Line], '[{"sku":"a"}]', f"[{FULL}]"),
        (Slotted, '{"line":{"sku":"a"}}', f'{{"line":{FULL},"more":2}}'),
        (Struct, '{"lines":{"x":{"sku":"a"}}}', f'{{"lines":{{"x":{FULL}}}}}'),
        (Attrs, '{"lines":[{"sku":"a"}]}', f'{{"lines":[{FULL}],"more":3}}'),
        (Named, '[{"sku":"a"}]', f"[{FULL}]"),
        (Line, '{"sku":"a","count":5}', '{"sku":"a","count":5,"notes":[]}'),
    ],
)
def test_what_was_read_without_a_field_is_answered_with_its_default(
    hint: Any, sent: str, answered: str
) -> None:
    codec = MsgspecCodec()

    value = codec.decoder(hint)(sent.encode())

    assert codec.encoder(hint)(value).decode() == answered


def test_values_of_forms_are_completed_too() -> None:
    assert vars(MsgspecCodec().converter(Line)({"sku": "a"}))["count"] == 1
