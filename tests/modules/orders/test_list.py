"""The list of orders: what narrows it, its order and its pages."""

from typing import Any

import pytest
import time_machine

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.orders.steps import customers, order


@pytest.fixture(autouse=True)
def _orders(make: Factory) -> None:
    """Four orders, one a day."""
    items = [{"name": name, "quantity": 1, "price": 20} for name in ("Lamp", "Desk", "Chair")]
    made: list[dict[str, Any]] = [
        {"customer": "Ada", "items": items, "status": "paid"},
        {"customer": "Ben 100%", "amount": 90},
        {"customer": "Öl & Co", "amount": 75.5, "status": "cancelled"},
        {"customer": "Dana", "amount": 60, "status": "paid"},
    ]
    for day, body in enumerate(made, start=1):
        with time_machine.travel(f"2026-03-0{day}T12:00:00Z", tick=False):
            order(make.client("admin"), **body)


@each(
    ("query", "found"),
    [
        ("", ["Dana", "Öl & Co", "Ben 100%", "Ada"]),
        ("sortOrder=asc", ["Ada", "Ben 100%", "Öl & Co", "Dana"]),
        ("sortBy=amount", ["Ben 100%", "Öl & Co", "Dana", "Ada"]),
        ("sortBy=orderNo&sortOrder=ASC", ["Ada", "Ben 100%", "Öl & Co", "Dana"]),
        ("status=PAID", ["Dana", "Ada"]),
        ("status=shipped", []),
        ("status=all", ["Dana", "Öl & Co", "Ben 100%", "Ada"]),
        ("search=ada", ["Ada"]),
        ("search=ÖL", ["Öl & Co"]),
        ("keyword=%25", ["Ben 100%"]),
        ("search=ord-2026-000002", ["Ben 100%"]),
        ("from=2026-03-02T12:00:00Z&to=2026-03-04T12:00:00Z", ["Öl & Co", "Ben 100%"]),
        ("from=2026-03-04T00:00:00%2B02:00&status=paid", ["Dana"]),
    ],
)
def test_is_narrowed_and_ordered(admin: ApiClient, query: str, found: list[str]) -> None:
    assert customers(admin, query) == found
    assert admin.last.get_json()["data"]["total"] == len(found)


def test_shows_each_order_as_it_is(admin: ApiClient) -> None:
    for item in admin.get("/api/orders")["items"]:
        assert admin.get(f"/api/orders/{item['id']}") == item


def test_has_pages_of_orders_not_of_items(admin: ApiClient) -> None:
    pages = [admin.get(f"/api/orders?pageSize=2&page={page}&sortOrder=asc") for page in (1, 2, 3)]

    found = [[item["customer"] for item in page["items"]] for page in pages]
    assert found == [["Ada", "Ben 100%"], ["Öl & Co", "Dana"], []]
    assert {page["total"] for page in pages} == {4}
    assert [item["name"] for item in pages[0]["items"][0]["items"]] == ["Lamp", "Desk", "Chair"]


@pytest.mark.database("sqlite")
@each(
    ("query", "field"),
    [
        ("status=lost", "status"),
        ("sortBy=customer", "sortBy"),
        ("from=yesterday", "from"),
        ("to=2026-13-01", "to"),
        ("page=0", "page"),
    ],
)
def test_refuses_bad_parameters(admin: ApiClient, query: str, field: str) -> None:
    error = admin.get(f"/api/orders?{query}", status=400)

    assert [detail["field"] for detail in error["details"]] == [field]
