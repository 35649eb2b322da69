"""The short lists of the dashboard, and how the machine is doing."""

import os
from pathlib import Path

import pytest
from flask import Flask

from halolight.modules.dashboard import machine
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.documents.steps import write
from tests.modules.orders.steps import order
from tests.modules.products.steps import offer


class TestProducts:
    PATH = "/api/dashboard/products"

    def test_are_those_that_sell_best(self, admin: ApiClient) -> None:
        lamp, desk, _ = (offer(admin, name, price=10, stock=2) for name in ("Lamp", "Desk", "No"))
        order(admin, items=[{"productId": lamp["id"], "quantity": 2}], status="paid")
        order(admin, items=[{"productId": desk["id"], "quantity": 3, "price": 9}], status="shipped")
        order(admin, items=[{"productId": lamp["id"], "quantity": 9}])

        found = admin.get(self.PATH)

        assert [(one["name"], one["sales"], one["revenue"]) for one in found] == [
            ("Desk", 3, 27),
            ("Lamp", 2, 20),
        ]
        shown = ("id", "name", "category", "price", "stock", "image")
        assert {key: found[1][key] for key in shown} == {key: lamp[key] for key in shown}

    def test_are_none_whose_orders_were_cancelled(self, admin: ApiClient) -> None:
        items = [{"productId": offer(admin)["id"], "quantity": 2}]
        made = order(admin, items=items, status="paid")

        admin.put(f"/api/orders/{made['id']}", json={"status": "cancelled"})

        assert admin.get(self.PATH) == []

    def test_are_ten_at_most(self, admin: ApiClient) -> None:
        items = [{"productId": offer(admin)["id"], "quantity": 1} for _ in range(11)]
        order(admin, items=items, status="paid")

        assert len(admin.get(self.PATH)) == 10

    def test_are_in_the_order_of_their_ids_when_they_sell_alike(self, admin: ApiClient) -> None:
        ids = [offer(admin, f"Lamp {n}")["id"] for n in range(11)]
        for product_id in reversed(ids):
            order(admin, items=[{"productId": product_id, "quantity": 1}], status="paid")

        assert [each["id"] for each in admin.get(self.PATH)] == ids[:10]


class TestOrders:
    def test_are_the_latest(self, admin: ApiClient) -> None:
        made = [order(admin, amount=number) for number in range(11)]

        found = admin.get("/api/dashboard/orders")

        shown = ("id", "orderNo", "customer", "amount", "status", "createdAt")
        newest = list(reversed(made))[:10]
        assert found == [{key: one[key] for key in shown} for one in newest]


@pytest.mark.parametrize("path", ["products", "orders"])
@pytest.mark.parametrize("role", ["user", "guest"])
def test_who_may_not_see_orders_sees_none(
    admin: ApiClient, make: Factory, path: str, role: str
) -> None:
    items = [{"productId": offer(admin)["id"], "quantity": 1}]
    order(admin, items=items, status="paid")

    assert make.client(role).get(f"/api/dashboard/{path}") == []


class TestActivities:
    PATH = "/api/dashboard/activities"

    def test_are_what_was_done_last(self, make: Factory) -> None:
        user = make.client("user", name="Ada", avatar="https://example.com/ada.png")
        document = write(user, "Plan")
        write(user, "Report")

        latest, first = make.client("admin").get(self.PATH)[:2]

        assert latest["target"] == "Report"
        assert first == {
            "id": first["id"],
            "user": "Ada",
            "avatar": "https://example.com/ada.png",
            "action": "documents.create",
            "target": "Plan",
            "time": first["time"],
        }
        assert first["time"] >= document["createdAt"]

    def test_are_ones_own_without_the_audit_trail(self, make: Factory) -> None:
        user, other = make.client(), make.client()
        write(user, "Mine")
        write(other, "Theirs")

        assert [one["target"] for one in user.get(self.PATH)] == ["Mine"]
        assert make.client("guest").get(self.PATH) == []

    def test_are_twenty_at_most(self, user: ApiClient) -> None:
        for number in range(21):
            write(user, f"Plan {number}")

        found = user.get(self.PATH)

        assert [one["target"] for one in found] == [f"Plan {n}" for n in range(20, 0, -1)]


class TestOverview:
    PATH = "/api/dashboard/overview"

    def test_tells_of_the_machine(self, make: Factory) -> None:
        found = make.client("guest").get(self.PATH)

        assert 0 < found["memory"] < 100
        assert 0 < found["disk"] <= 100
        assert found["uptime"] >= 0

    @pytest.mark.parametrize(("load", "cpu"), [(0.5, 12.5), (4.0, 100.0), (9.0, 100.0)])
    def test_tells_the_load_of_all_processors(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch, load: float, cpu: float
    ) -> None:
        monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
        monkeypatch.setattr(os, "cpu_count", lambda: 4)

        assert user.get(self.PATH)["cpu"] == cpu

    def test_tells_what_the_service_has_answered(
        self, app: Flask, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = user.get(self.PATH)
        for path in ("/api/users/me", "/api/nothing"):
            user.open("GET", path).close()

        def fail(*_: object) -> None:
            raise RuntimeError("on purpose")

        with monkeypatch.context() as patched:
            patched.setattr(app, "testing", False)
            patched.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
            patched.setattr(machine, "_cpu", fail)
            user.open("GET", self.PATH).close()

        after = user.get(self.PATH)
        assert after["requests"] >= before["requests"] + 3
        assert after["errors"] == before["errors"] + 1
        assert after["responseTime"] > 0

    def test_knows_nothing_of_the_memory_where_nobody_tells(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(machine, "MEMORY", Path("/nowhere"))

        assert user.get(self.PATH)["memory"] is None
