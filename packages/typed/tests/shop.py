"""One order, as each library of models writes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Generic, NamedTuple, TypedDict, TypeVar

import annotated_types
import attrs
import msgspec
import pydantic
import typing_extensions

T = TypeVar("T")


@dataclass
class Item:
    sku: str
    count: int = 1


@dataclass
class Order:
    name: str
    items: list[Item] = field(default_factory=list)


class ItemStruct(msgspec.Struct):
    sku: str
    count: int = 1


class OrderStruct(msgspec.Struct):
    name: str
    items: list[ItemStruct] = []


class ItemDict(typing_extensions.TypedDict):
    sku: str
    count: typing_extensions.NotRequired[int]


class OrderDict(typing_extensions.TypedDict):
    name: str
    items: typing_extensions.NotRequired[list[ItemDict]]


class ItemModel(pydantic.BaseModel):
    sku: str
    count: int = 1


class OrderModel(pydantic.BaseModel):
    name: str
    items: list[ItemModel] = []


@attrs.define
class ItemAttrs:
    sku: str
    count: int = 1


@attrs.define
class OrderAttrs:
    name: str
    items: list[ItemAttrs] = attrs.field(factory=list)


class Point(NamedTuple):
    x: int
    y: int = 0


@dataclass
class Page(Generic[T]):
    entries: list[T]
    total: int


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    name: str


class Closed(msgspec.Struct, forbid_unknown_fields=True):
    name: str


@dataclass
class Node:
    name: str
    children: list[Node] = field(default_factory=list)


@dataclass
class Ruled:
    count: Annotated[int, annotated_types.Gt(0)]
    tags: Annotated[list[str], annotated_types.MaxLen(2)] = field(default_factory=list)


@dataclass
class Lost:
    here: int
    there: Nowhere  # type: ignore[name-defined]  # noqa: F821  # a mistake


class Filters(TypedDict):
    size: int


ORDERS = [Order, OrderStruct, OrderDict, OrderModel, OrderAttrs]
