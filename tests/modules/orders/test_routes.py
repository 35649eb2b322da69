"""Orders: creating, reading, changing and deleting them."""

import re
from typing import Any

import pytest
import time_machine

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.orders.steps import MISSING, change, order
from tests.modules.products.steps import offer

WRONG_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"customer": ""}, "customer"),
    ({"customer": "x" * 201}, "customer"),
    ({"customer": None}, "customer"),
    ({"amount": -1}, "amount"),
    ({"amount": 0.005}, "amount"),
    ({"amount": 1e10}, "amount"),
    ({"cost": "NaN"}, "cost"),
    ({"status": "lost"}, "status"),
    ({"items": None}, "items"),
    ({"items": [{"quantity": 1}]}, "items.0.productId"),
    ({"items": [{"quantity": 1, "name": "Work"}]}, "items.0.productId"),
    ({"items": [{"productId": 0, "quantity": 1}]}, "items.0.productId"),
    ({"items": [{"productId": MISSING, "quantity": 1}]}, "items"),
    ({"items": [{"name": "Work", "price": 1}]}, "items.0.quantity"),
    ({"items": [{"name": "Work", "price": 1, "quantity": 0}]}, "items.0.quantity"),
    ({"items": [{"name": "Work", "price": 1, "quantity": 1.5}]}, "items.0.quantity"),
    ({"items": [{"name": "Work", "price": -1, "quantity": 1}]}, "items.0.price"),
    ({"items": [{"name": "Work", "price": 9_000_000_000, "quantity": 2}]}, "items"),
    ({"items": [{"name": "Work", "price": 1, "quantity": 1}] * 101}, "items"),
]


class TestCreateOrder:
    def test_adds_up_its_items(self, admin: ApiClient) -> None:
        lamp = offer(admin, "Lamp", price=49.9, cost=20.1)
        desk = offer(admin, "Desk", price=200, cost=150)

        made = order(
            admin,
            items=[
                {"productId": lamp["id"], "quantity": 3},
                {"productId": desk["id"], "quantity": 1, "price": 180.5},
                {"name": "Delivery", "quantity": 1, "price": 9.99},
            ],
        )

        assert made["items"] == [
            {"productId": lamp["id"], "name": "Lamp", "quantity": 3, "price": 49.9},
            {"productId": desk["id"], "name": "Desk", "quantity": 1, "price": 180.5},
            {"productId": None, "name": "Delivery", "quantity": 1, "price": 9.99},
        ]
        assert (made["amount"], made["cost"]) == (340.19, 210.3)
        assert (made["status"], made["paidAt"]) == ("pending", None)
        assert made["createdAt"] == made["updatedAt"]
        assert admin.get(f"/api/orders/{made['id']}") == made

    def test_takes_an_amount_where_there_are_no_items(self, admin: ApiClient) -> None:
        made = order(admin, amount=19.99, cost=5)

        assert (made["items"], made["amount"], made["cost"]) == ([], 19.99, 5)

    def test_takes_the_cost_that_is_given(self, admin: ApiClient) -> None:
        lamp = offer(admin, price=10, cost=4)
        items = [{"productId": lamp["id"], "quantity": 2}]

        made = order(admin, items=items, cost=7.5, amount=1)

        assert (made["amount"], made["cost"]) == (20, 7.5)

    def test_adds_up_without_rounding(self, admin: ApiClient) -> None:
        items = [{"name": "Cent", "quantity": 1, "price": 0.1}] * 3

        order(admin, items=items)

        assert b'"amount":0.30,' in admin.last.data

    def test_needs_items_or_an_amount(self, admin: ApiClient) -> None:
        error = admin.post("/api/orders", json={"customer": "Ada"}, status=400)

        assert error["details"] == [
            {"field": "items", "message": "Enter the items or the amount.", "code": "required"}
        ]

    @pytest.mark.parametrize("status", ["paid", "SHIPPED"])
    def test_can_be_paid_already(self, admin: ApiClient, status: str) -> None:
        made = order(admin, status=status)

        assert made["status"] == status.lower()
        assert made["paidAt"] == made["createdAt"]

    @pytest.mark.database("sqlite")
    @each(("fields", "field"), WRONG_FIELDS)
    def test_refuses_bad_input(self, admin: ApiClient, fields: dict[str, Any], field: str) -> None:
        body = {"customer": "Ada", "amount": 1, **fields}

        error = admin.post("/api/orders", json=body, status=400)

        assert {detail["field"] for detail in error["details"]} == {field}
        assert admin.get("/api/orders")["total"] == 0


class TestNumbers:
    def test_count_the_orders_of_a_year(self, admin: ApiClient) -> None:
        numbers = [order(admin)["orderNo"] for _ in range(3)]

        assert all(re.fullmatch(r"ORD-\d{4}-\d{6}", number) for number in numbers)
        assert [number[-6:] for number in numbers] == ["000001", "000002", "000003"]

    def test_begin_anew_with_the_year(self, make: Factory) -> None:
        numbers = []
        for moment in ("2031-12-31T23:59:59Z", "2032-01-01T00:00:00Z"):
            with time_machine.travel(moment, tick=False):
                numbers.append(order(make.client("admin"))["orderNo"])

        assert numbers == ["ORD-2031-000001", "ORD-2032-000001"]

    def test_are_not_given_again(self, admin: ApiClient) -> None:
        made = order(admin)
        admin.delete(f"/api/orders/{made['id']}")

        assert order(admin)["orderNo"] != made["orderNo"]

    def test_have_no_gap_where_an_order_was_refused(self, admin: ApiClient) -> None:
        order(admin)
        admin.post(
            "/api/orders",
            json={"customer": "Ada", "items": [{"productId": MISSING, "quantity": 1}]},
            status=400,
        )

        assert order(admin)["orderNo"].endswith("000002")


class TestUpdateOrder:
    @pytest.mark.parametrize("method", ["put", "patch"])
    def test_changes_only_what_is_sent(self, admin: ApiClient, method: str) -> None:
        made = order(admin)

        path = f"/api/orders/{made['id']}"
        updated = getattr(admin, method)(path, json={"customer": "Ben Costa"})

        assert updated == {**made, "customer": "Ben Costa", "updatedAt": updated["updatedAt"]}
        assert updated["updatedAt"] > made["updatedAt"]

    def test_replaces_the_items(self, admin: ApiClient) -> None:
        lamp = offer(admin, "Lamp", price=10, cost=4)
        made = order(admin, items=[{"productId": lamp["id"], "quantity": 1}])

        items = [{"productId": lamp["id"], "quantity": 3}]
        updated = change(admin, made, items=items)

        assert [item["quantity"] for item in updated["items"]] == [3]
        assert (updated["amount"], updated["cost"]) == (30, 12)
        assert updated["updatedAt"] > made["updatedAt"]

    def test_renames_an_item(self, admin: ApiClient) -> None:
        made = order(admin, items=[{"productId": offer(admin)["id"], "quantity": 1}])

        updated = change(admin, made, items=[{**made["items"][0], "name": "Lamp, engraved"}])

        assert updated["items"] == [{**made["items"][0], "name": "Lamp, engraved"}]

    def test_replaces_the_items_by_an_amount(self, admin: ApiClient) -> None:
        made = order(admin, items=[{"name": "Work", "quantity": 1, "price": 5}])

        admin.put(f"/api/orders/{made['id']}", json={"items": []}, status=400)
        updated = change(admin, made, items=[], amount=7)

        assert (updated["items"], updated["amount"], updated["cost"]) == ([], 7, 0)

    def test_of_an_amount_beside_items_changes_nothing(self, admin: ApiClient) -> None:
        made = order(admin, items=[{"name": "Work", "quantity": 1, "price": 5}])

        assert change(admin, made, amount=99, cost=1)["amount"] == 5
        assert change(admin, made, cost=2)["cost"] == 2

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(("fields", "field"), WRONG_FIELDS)
    def test_refuses_bad_input(self, admin: ApiClient, fields: dict[str, Any], field: str) -> None:
        made = order(admin)

        error = admin.put(f"/api/orders/{made['id']}", json=fields, status=400)

        assert {detail["field"] for detail in error["details"]} == {field}
        assert admin.get(f"/api/orders/{made['id']}") == made


class TestStatus:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("pending", "paid"),
            ("pending", "cancelled"),
            ("paid", "shipped"),
            ("paid", "cancelled"),
            ("shipped", "shipped"),
        ],
    )
    def test_goes_forward(self, admin: ApiClient, before: str, after: str) -> None:
        made = order(admin, status=before)

        updated = admin.put(f"/api/orders/{made['id']}", json={"status": after.upper()})

        assert updated["status"] == after
        assert (updated["paidAt"] is None) is (before == "pending" and after == "cancelled")

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("pending", "shipped"),
            ("paid", "pending"),
            ("shipped", "paid"),
            ("shipped", "cancelled"),
            ("cancelled", "pending"),
            ("cancelled", "paid"),
        ],
    )
    def test_takes_no_other_step(self, admin: ApiClient, before: str, after: str) -> None:
        made = order(admin, status=before)

        path = f"/api/orders/{made['id']}"
        error = admin.put(path, json={"status": after, "customer": "Ben"}, status=409)

        assert error["message"] == f"The status of an order cannot change from {before} to {after}."
        assert admin.get(path) == made

    @pytest.mark.parametrize("status", ["paid", "shipped", "cancelled"])
    @pytest.mark.parametrize(
        "fields",
        [{"items": []}, {"items": [{"name": "Work", "quantity": 1, "price": 6}]}, {"cost": 1}],
    )
    def test_beyond_pending_keeps_what_is_to_be_paid(
        self, admin: ApiClient, status: str, fields: dict[str, Any]
    ) -> None:
        items = [{"name": "Work", "quantity": 1, "price": 5}]
        made = order(admin, items=items, status=status)

        change(admin, made, **fields, amount=1, status=409)

        assert admin.get(f"/api/orders/{made['id']}") == made

    def test_beyond_pending_bears_a_form_that_sends_everything_back(self, admin: ApiClient) -> None:
        lamp = offer(admin, price=10, cost=4)
        made = order(admin, items=[{"productId": lamp["id"], "quantity": 2}], status="paid")
        admin.put(f"/api/products/{lamp['id']}", json={"price": 99, "name": "Torch"})

        updated = admin.put(f"/api/orders/{made['id']}", json={**made, "status": "shipped"})

        kept = ("items", "amount", "cost", "paidAt")
        assert {key: updated[key] for key in kept} == {key: made[key] for key in kept}
        assert updated["status"] == "shipped"

    def test_and_figures_can_change_at_once(self, admin: ApiClient) -> None:
        made = order(admin)

        updated = admin.put(f"/api/orders/{made['id']}", json={"status": "paid", "amount": 5})

        assert (updated["status"], updated["amount"]) == ("paid", 5)


class TestProducts:
    def test_are_kept_as_they_were(self, admin: ApiClient) -> None:
        lamp = offer(admin, "Lamp", price=10)
        made = order(admin, items=[{"productId": lamp["id"], "quantity": 1}])

        admin.put(f"/api/products/{lamp['id']}", json={"name": "Torch", "price": 99})

        assert admin.get(f"/api/orders/{made['id']}") == made

    def test_can_go(self, admin: ApiClient) -> None:
        lamp = offer(admin, "Lamp", price=10)
        made = order(admin, items=[{"productId": lamp["id"], "quantity": 1}])

        admin.delete(f"/api/products/{lamp['id']}")

        found = admin.get(f"/api/orders/{made['id']}")
        assert found["items"] == [{**made["items"][0], "productId": None}]
        assert found["amount"] == 10


class TestDeleteOrder:
    def test_takes_it_away_with_its_items(self, admin: ApiClient) -> None:
        lamp = offer(admin)
        made = order(admin, items=[{"productId": lamp["id"], "quantity": 1}])

        admin.delete(f"/api/orders/{made['id']}")

        admin.get(f"/api/orders/{made['id']}", status=404)
        assert admin.get("/api/orders")["total"] == 0


class TestAnOrderThatIsMissing:
    @each("method", ["get", "put", "delete"])
    def test_is_404(self, admin: ApiClient, method: str) -> None:
        body = {"json": {"amount": 1}} if method == "put" else {}

        error = getattr(admin, method)(f"/api/orders/{MISSING}", status=404, **body)

        assert error["message"] == "Order not found."


def test_who_has_no_permission_for_orders_sees_none(user: ApiClient, admin: ApiClient) -> None:
    made = order(admin)

    user.get("/api/orders", status=403)
    user.get(f"/api/orders/{made['id']}", status=403)
    user.post("/api/orders", json={}, status=403)
    user.put(f"/api/orders/{made['id']}", json={}, status=403)
    user.delete(f"/api/orders/{made['id']}", status=403)


def test_each_change_is_in_the_audit_trail(admin: ApiClient) -> None:
    made = order(admin, items=[{"name": "Work", "quantity": 2, "price": 5}])
    path = f"/api/orders/{made['id']}"
    admin.put(path, json={"items": [{"name": "Work", "quantity": 3, "price": 5}]})
    admin.put(path, json={"status": "paid"})
    admin.delete(path)

    entries = admin.get(f"/api/audit?targetType=orders&targetId={made['id']}")["items"]

    actions = [entry["action"] for entry in entries]
    assert actions == ["orders.delete", "orders.update", "orders.update", "orders.create"]
    assert {entry["targetName"] for entry in entries} == {made["orderNo"]}
    assert entries[2]["changes"] == {
        "amount": {"from": 10, "to": 15},
        "items": {"from": ["2 x Work at 5.00"], "to": ["3 x Work at 5.00"]},
    }
    assert entries[1]["changes"].keys() == {"status", "paidAt"}
