"""The test of the shop, with links that were made of it."""

from __future__ import annotations

from typing import assert_type

import links
import msgspec
import pytest
from shop import Order, create, current_user, make_app, show

from tantalus import App
from tantalus.testing import FlaskClient


@pytest.fixture
def app() -> App:
    return make_app()


@pytest.fixture
def client(app: App) -> FlaskClient:
    return app.test_client()


def test_an_order_is_created(app: App, client: FlaskClient) -> None:
    with app.overriding({current_user: lambda: "Bob"}), app.test_request_context():
        answer = client.post(links.shop_create(), json={"sku": "tea", "count": 2})

    assert answer.status_code == 201
    created = msgspec.json.decode(answer.text, type=Order)
    assert assert_type(created, Order) == Order("tea", 2)


def test_orders_are_listed(app: App, client: FlaskClient) -> None:
    with app.test_request_context():
        address = links.shop_show(number=7, tag=["a"], page=2)

    listed = client.get(assert_type(address, str)).text
    assert msgspec.json.decode(listed, type=list[Order]) == [Order("a", 7)]


def test_views_are_functions_as_they_were() -> None:
    assert assert_type(show(7, ["a"]), list[Order]) == [Order("a", 7)]
    assert assert_type(create(Order("a"), user="Bob"), Order).sku == "a"
