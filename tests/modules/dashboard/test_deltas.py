"""After one of each has been made, each figure of the dashboard has moved by exactly that."""

from typing import Any

import pytest

from halolight.core.clock import utcnow
from halolight.core.db.reads import PREPARE_AFTER
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.calendar.steps import plan
from tests.modules.dashboard.steps import difference
from tests.modules.documents.steps import write
from tests.modules.files.steps import upload
from tests.modules.orders.steps import order
from tests.modules.products.steps import offer

LISTS = ("tasks", "calendar", "products", "orders", "activities")
PIES = ("documentType", "fileType", "orderCategory", "role")
ANSWERS = (
    *("stats", "visits", "sales", "tasks", "calendar", "products", "orders", "activities"),
    *(f"pie?by={by}" for by in PIES),
)


def seen(client: ApiClient) -> dict[str, Any]:
    """All that the dashboard says, as numbers."""
    months = client.get("/api/dashboard/sales?months=1")
    pies = {by: client.get(f"/api/dashboard/pie?by={by}") for by in PIES}
    return {
        **client.get("/api/dashboard/stats"),
        **{f"month {key}": months[0][key] for key in ("sales", "orders", "profit")},
        **{name: len(client.get(f"/api/dashboard/{name}")) for name in LISTS},
        **{by: sum(part["value"] for part in parts) for by, parts in pies.items()},
    }


def test_each_figure_moves_by_what_was_made(admin: ApiClient) -> None:
    product = offer(admin, price=120.5, cost=100)
    items = [{"productId": product["id"], "quantity": 2}]
    for _ in range(2):  # so that no share and no growth moves
        order(admin, amount=1, status="paid")
    before = seen(admin)

    write(admin)
    upload(admin, b"x" * 321)
    plan(admin, start=utcnow().isoformat())
    plan(admin, type="task")
    order(admin, items=items, status="paid")

    after = seen(admin)
    assert difference(before, after) == {
        "totalDocuments": 1,
        "documentGrowth": 100,
        "totalFiles": 1,
        "storageUsed": 321,
        "totalEvents": 2,
        "totalOrders": 1,
        "totalRevenue": 241,
        "month sales": 241,
        "month orders": 1,
        "month profit": 41,
        "tasks": 1,
        "calendar": 1,
        "products": 1,
        "orders": 1,
        "activities": 5,
        "documentType": 1,
        "fileType": 1,
        "orderCategory": 2,
    }
    assert seen(admin) == after


@pytest.mark.parametrize("answer", ANSWERS)
def test_two_reads_with_nothing_between_are_equal(
    admin: ApiClient, user: ApiClient, answer: str
) -> None:
    write(user)
    upload(user)
    plan(user, type="task", start=utcnow().isoformat())
    order(admin, items=[{"productId": offer(admin)["id"], "quantity": 2}], status="paid")

    for client in (admin, user):
        first, second = (client.open("GET", f"/api/dashboard/{answer}").data for _ in range(2))
        assert first == second


@pytest.mark.parametrize("role", ["guest", "user", "admin"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_prepared_statement_answers_the_same(make: Factory, role: str, answer: str) -> None:
    client = make.client(role)

    answers = {
        client.open("GET", f"/api/dashboard/{answer}").data for _ in range(PREPARE_AFTER + 2)
    }

    assert len(answers) == 1
