"""Orders from four workers at once: numbers without a gap, sums without an error."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.orders.models import Order
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.server.load import at_once
from tests.server.running_server import Answer, RunningServer

ORDERS = "/api/orders"
MANY = 24


@pytest.fixture
def server(four_workers: RunningServer, make: Factory) -> RunningServer:
    """The server, on a database that is empty."""
    return four_workers


def orders(server: RunningServer, token: str | None, **fields: Any) -> list[dict[str, Any]]:
    """Many orders, made at once."""
    body = {"customer": "Ada", **fields}
    answers = at_once([partial(server.post, ORDERS, json=body, token=token)] * MANY)
    return [answer.data for answer in answers]


def test_each_order_gets_a_number_of_its_own(server: RunningServer, admin: ApiClient) -> None:
    made = orders(server, admin.token, amount=1)

    numbers = sorted(order["orderNo"][-6:] for order in made)
    assert numbers == [f"{number:06}" for number in range(1, MANY + 1)]


def test_an_order_that_is_paid_and_cancelled_at_once_is_one_thing_after_the_other(
    server: RunningServer, app: Flask, admin: ApiClient
) -> None:
    made = orders(server, admin.token, amount=0.1)

    def change(order: dict[str, Any], status: str) -> Callable[[], Answer]:
        path = f"{ORDERS}/{order['id']}"
        return partial(server.put, path, json={"status": status}, token=admin.token)

    steps = [change(order, status) for order in made for status in ("shipped", "paid", "cancelled")]
    answers = at_once(steps)

    assert {answer.status for answer in answers} <= {200, 409}
    stats = server.get("/api/dashboard/stats", token=admin.token).data
    with app.app_context():
        sold = sa.select(sa.func.count()).where(Order.status.in_(("paid", "shipped")))
        count = db.session.scalar(sold) or 0
    assert stats["totalOrders"] == MANY
    assert stats["totalRevenue"] == round(count * 0.1, 2)


def test_items_replaced_by_many_at_once_are_those_of_one(
    server: RunningServer, admin: ApiClient
) -> None:
    product = {"name": "Lamp", "category": "Light", "price": 2}
    lamp = server.post("/api/products", json=product, token=admin.token).data
    [made, *_] = orders(server, admin.token, amount=1)
    path = f"{ORDERS}/{made['id']}"

    def replace(number: int) -> Answer:
        items = [{"productId": lamp["id"], "quantity": number}] * 3
        return server.put(path, json={"items": items}, token=admin.token)

    answers = at_once([partial(replace, number) for number in range(1, 13)])

    found = server.get(path, token=admin.token).data
    assert {answer.status for answer in answers} == {200}
    assert len({item["quantity"] for item in found["items"]}) == 1
    assert len(found["items"]) == 3
    assert found["amount"] == sum(2 * item["quantity"] for item in found["items"])


def test_orders_that_come_and_go_at_once_leave_the_sums_right(
    server: RunningServer, admin: ApiClient
) -> None:
    body = {"customer": "Ada", "amount": 2.5, "status": "paid"}
    made = orders(server, admin.token, amount=2.5, status="paid")
    create = partial(server.post, ORDERS, json=body, token=admin.token)
    deletes = [partial(server.delete, f"{ORDERS}/{one['id']}", token=admin.token) for one in made]

    answers = at_once([*deletes, *[create] * MANY])

    assert {answer.status for answer in answers} == {200, 201}
    stats = server.get("/api/dashboard/stats", token=admin.token).data
    assert (stats["totalOrders"], stats["totalRevenue"]) == (MANY, 2.5 * MANY)
