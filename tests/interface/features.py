"""An app whose typed views take and answer all that can be said in a signature."""

from __future__ import annotations

import enum
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Generic, Literal, NamedTuple, TypeVar

import annotated_types
import attrs
import msgspec
import pydantic
import typing_extensions

from tantalus import App, Blueprint, Request, abort
from tantalus.views import MethodView
from tantalus_typed import (
    Body,
    Cookie,
    File,
    Form,
    Header,
    In,
    JsonPart,
    Path,
    Query,
    Status,
    Upload,
    Use,
)

T = TypeVar("T")
Few = Annotated[int, msgspec.Meta(ge=1, le=100, description="How many.")]
Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=8, pattern="^[a-z]+$")]


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Item:
    """A thing, and how many of it."""

    sku: Sku
    count: Few = 1
    color: Color = Color.RED


@dataclass
class Node:
    name: str
    children: list[Node] = field(default_factory=list)


@dataclass
class Page(Generic[T]):
    entries: list[T]
    total: Annotated[int, annotated_types.Ge(0)]


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    name: str


class Point(NamedTuple):
    x: int
    y: float = 0.0


class Address(typing_extensions.TypedDict):
    street: str
    number: typing_extensions.NotRequired[int | None]


@attrs.define
class Box:
    width: Annotated[float, annotated_types.Gt(0)]
    label: str | None = None


class Contact(pydantic.BaseModel):
    name: Annotated[str, pydantic.Field(min_length=1, max_length=20)]
    ages: list[Annotated[int, pydantic.Field(ge=0, lt=200)]] = []
    kind: Literal["friend", "other"] = "friend"


class Everything(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    one_id: uuid.UUID
    made_at: datetime
    due_on: date
    price: Decimal
    lasts: timedelta
    level: Level
    ok: bool
    rate: Annotated[float, msgspec.Meta(ge=0, le=1)]
    raw: bytes = b""
    pair: tuple[int, str] = (0, "")
    names: dict[str, int] = {}
    tags: set[str] = set()
    either: int | str | None = None


@dataclass
class Filters:
    tag: list[str]
    color: Color | None = None
    sort: Literal["asc", "desc"] = "asc"
    rows: Few = 10


@dataclass
class Profile:
    name: Annotated[str, msgspec.Meta(min_length=1)]
    photo: Annotated[Upload, In("file")]
    address: Annotated[Item, In("json")]
    nick: str = ""


def database() -> Iterator[dict[str, str]]:
    yield {"t1": "Ada"}


Database = Annotated[dict[str, str], Use(database)]
KEY = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}


def caller(database: Database, x_key: Header[str] = "") -> str:
    return database.get(x_key) or abort(401)


Caller = Annotated[str, Use(caller, security=KEY)]


async def clock() -> AsyncIterator[int]:
    yield 7


shop = Blueprint("shop", __name__, url_prefix="/shop", typed=True)


@shop.get("/items/<int:number>/<name>")
def item(number: int, name: str, rows: Few = 1, deep: bool = False) -> Page[Item]:
    """Show items.

    As many as are asked for.
    """
    return Page([Item("a", rows)] * min(number, 3), number)


@shop.post("/items")
def create(item: Item, caller: Caller) -> Annotated[Item, Status(201)]:
    """Create an item."""
    return item


@shop.get("/search")
def search(
    filters: Query[Filters], x_trace: Header[uuid.UUID | None] = None
) -> dict[str, int]:
    return {"rows": filters.rows}


@shop.get("/when")
def when(
    day: date,
    at: datetime | None = None,
    lasts: timedelta | None = None,
    price: Annotated[Decimal | None, In("query", "max-price")] = None,
    rate: Annotated[float, annotated_types.Ge(0), annotated_types.Lt(2)] = 0.5,
    level: Level = Level.LOW,
    ids: Query[list[int]] = [],  # noqa: B006  # nobody changes it
    seen: Cookie[str] = "",
) -> list[int]:
    return [day.year, level, len(seen), *ids]


@shop.get("/<uuid:one>/<float:two>/<path:rest>")
def path(one: uuid.UUID, two: float, rest: Path[str]) -> str:
    return rest


@shop.delete("/items/<int:number>")
def delete(number: int, caller: Caller) -> Annotated[None, Status(204)]:
    """Delete an item."""


bodies = Blueprint("bodies", __name__, url_prefix="/bodies", typed=True)


@bodies.post("/node")
def node(node: Node) -> Node:
    return node


@bodies.post("/pet")
def pet(pet: Cat | Dog) -> Cat | Dog:
    return pet


@bodies.post("/point")
def point(point: Point) -> float:
    return point.y


@bodies.post("/address")
def address(address: Address) -> Address:
    return address


@bodies.post("/box")
def box(box: Box) -> list[Box]:
    return [box]


@bodies.post("/contact")
def contact(contact: Contact) -> Contact:
    return contact


@bodies.put("/everything")
def everything(everything: Everything) -> Everything:
    return everything


@bodies.put("/items")
def items(items: Page[Item]) -> Page[Item]:
    return items


@bodies.put("/numbers")
def numbers(numbers: Body[list[Few]]) -> list[int]:
    return numbers


@bodies.put("/perhaps")
def perhaps(item: Item | None = None) -> Item | None:
    return item


@bodies.post("/raw")
def raw(raw: Body[bytes], request: Request) -> dict[str, int]:
    return {"length": len(raw)}


@bodies.post("/log-in")
def log_in(
    name: Form[str],
    rows: Form[Few],
    tag: Form[list[str]] = [],  # noqa: B006  # nobody changes it
) -> list[str]:
    return [name, *tag]


@bodies.post("/profile")
def profile(profile: Form[Profile]) -> dict[str, str]:
    return {"name": profile.name}


@bodies.post("/upload")
def upload(files: File[list[bytes]], part: JsonPart[Contact]) -> list[int]:
    return [len(one) for one in files]


class Stock(MethodView):
    """The stock of one thing."""

    def get(self, sku: str, page: int = 1) -> list[int]:
        return [page]

    def put(self, sku: str, item: Item) -> Item:
        return item


async def later(now: Annotated[int, Use(clock)], caller: Caller, more: int = 1) -> int:
    return now + more


def make_app() -> App:
    """Return the app, with its document at `/docs/openapi.json`."""
    app = App("features", typed=True)
    app.register_blueprint(shop)
    app.register_blueprint(bodies)
    app.add_url_rule("/stock/<sku>", view_func=Stock.as_view("stock"))
    app.get("/later")(later)
    app.add_openapi("/docs", title="Features", version="1")
    return app
