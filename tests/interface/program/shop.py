"""Typed views, as a user writes them who reads types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from tantalus import App, Blueprint, abort
from tantalus_typed import Header, Query, Status, Use

shop = Blueprint("shop", __name__, url_prefix="/shop", typed=True)


@dataclass
class Order:
    sku: Annotated[str, Meta(min_length=1)]
    count: int = 1


def database() -> Iterator[dict[str, str]]:
    yield {"t1": "Ada"}


Database = Annotated[dict[str, str], Use(database)]


def current_user(x_token: Header[str], database: Database) -> str:
    return database.get(x_token) or abort(401)


@shop.get("/orders/<int:number>")
def show(number: int, tag: Query[list[str]], page: int = 1) -> list[Order]:
    return [Order(one, number) for one in tag[:page]]


@shop.post("/orders")
def create(
    order: Order, user: Annotated[str, Use(current_user)]
) -> Annotated[Order, Status(201)]:
    return order


def make_app() -> App:
    app = App("shop")
    app.register_blueprint(shop)
    return app
