"""What a type checker infers; checked, never run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, assert_type

from tantalus_typed import (
    Binder,
    Body,
    Cookie,
    EnvironRequest,
    Header,
    JsonPart,
    MsgspecCodec,
    Path,
    PydanticCodec,
    Query,
    RequestError,
    Source,
    Status,
    Typed,
    Use,
)


@dataclass
class Order:
    sku: str


def database() -> Iterator[list[str]]:
    yield []


request = EnvironRequest({})
source: Source = request
typed = Typed(lambda: request)
binder = Binder(codecs=[MsgspecCodec(), PydanticCodec()])


@typed
def create(
    shop: Path[int],
    order: Order,
    raw: Body[bytes],
    token: Header[str],
    database: Annotated[list[str], Use(database)],
    part: JsonPart[Order],
    page: Query[int] = 1,
    seen: Cookie[str] = "",
) -> Annotated[Order, Status(201)]:
    assert_type(shop, int)
    assert_type(raw, bytes)
    assert_type(token, str)
    assert_type(database, list[str])
    assert_type(part, Order)
    assert_type(page, int)
    return order


assert_type(RequestError("a").status, int)
