"""The charts: visits, sales and pies."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask

from halolight.extensions import db
from halolight.modules.dashboard.models import DailyVisits
from halolight.modules.dashboard.visits import VIEWS
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.dashboard.steps import NOON, add_file, add_order
from tests.modules.documents.steps import write
from tests.modules.orders.steps import order
from tests.modules.products.steps import offer


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


class TestVisits:
    PATH = "/api/dashboard/visits"

    def test_are_shown_for_each_day_the_oldest_first(self, app: Flask, make: Factory) -> None:
        with app.app_context():
            VIEWS.flush()
            for ago, views in ((6, 30), (0, 50), (7, 70)):
                date = NOON.date() - dt.timedelta(days=ago)
                db.session.add(
                    DailyVisits(date=date, visits=3, unique_visitors=2, page_views=views)
                )
            db.session.commit()

        days = make.client("guest").get(f"{self.PATH}?days=7")

        assert [day["date"] for day in days] == [f"2026-03-{n}" for n in range(25, 32)]
        assert days[0] == {
            "date": "2026-03-25",
            "visits": 3,
            "uniqueVisitors": 2,
            "pageViews": 30,
        }
        assert [day["pageViews"] for day in days] == [30, 0, 0, 0, 0, 0, 50]

    @each(("query", "length"), [("", 30), ("?days=7", 7), ("?days=365", 365)])
    def test_go_back_as_far_as_asked(self, make: Factory, query: str, length: int) -> None:
        assert len(make.client("guest").get(f"{self.PATH}{query}")) == length

    @pytest.mark.database("sqlite")
    @each("days", ["6", "366", "0", "-7", "x", "7.5"])
    def test_refuse_other_lengths(self, make: Factory, days: str) -> None:
        error = make.client("guest").get(f"{self.PATH}?days={days}", status=400)

        assert [detail["field"] for detail in error["details"]] == ["days"]


class TestSales:
    PATH = "/api/dashboard/sales"

    def test_are_shown_for_each_month_the_oldest_first(self, app: Flask, make: Factory) -> None:
        add_order(app, "2025-12-31", "999", "1")
        add_order(app, "2026-01-01", "10.10", "4.05", "paid")
        add_order(app, "2026-01-31", "20.20", "30.25", "shipped")
        add_order(app, "2026-01-15", "77", "7", "cancelled")
        add_order(app, "2026-03-31", "5", "1", "pending")

        months = make.client("admin").get(f"{self.PATH}?months=3")

        assert months == [
            {"month": "2026-01", "sales": 30.3, "orders": 3, "profit": -4},
            {"month": "2026-02", "sales": 0, "orders": 0, "profit": 0},
            {"month": "2026-03", "sales": 0, "orders": 1, "profit": 0},
        ]

    def test_grow_by_exactly_what_is_sold(self, make: Factory) -> None:
        admin = make.client("admin")
        lamp = offer(admin, price=49.9, cost=20)

        order(admin, items=[{"productId": lamp["id"], "quantity": 3}], status="paid")

        [month] = admin.get(f"{self.PATH}?months=1")
        assert month == {"month": "2026-03", "sales": 149.7, "orders": 1, "profit": 89.7}
        assert b'"sales":149.70,' in admin.last.data

    def test_add_up_to_what_the_figures_at_a_glance_say(self, app: Flask, make: Factory) -> None:
        for month in range(1, 4):
            add_order(app, f"2026-0{month}-05", f"{month}.33")
        admin = make.client("admin")

        months = admin.get(self.PATH)
        stats = admin.get("/api/dashboard/stats")

        assert round(sum(month["sales"] for month in months), 2) == stats["totalRevenue"] == 6.99
        assert sum(month["orders"] for month in months) == stats["totalOrders"] == 3

    def test_are_zeros_for_who_may_not_see_orders(self, app: Flask, make: Factory) -> None:
        add_order(app, "2026-03-05", "10")

        months = make.client("user").get(self.PATH)

        assert [month["month"] for month in months][:2] == ["2025-04", "2025-05"]
        assert {(m["sales"], m["orders"], m["profit"]) for m in months} == {(0, 0, 0)}
        assert len(months) == 12

    @pytest.mark.parametrize(("months", "first"), [(1, "2026-03"), (36, "2023-04")])
    def test_go_back_as_far_as_asked(self, make: Factory, months: int, first: str) -> None:
        found = make.client("guest").get(f"{self.PATH}?months={months}")

        assert (found[0]["month"], len(found)) == (first, months)

    @pytest.mark.database("sqlite")
    @each("months", ["0", "37", "-1", "x"])
    def test_refuse_other_lengths(self, make: Factory, months: str) -> None:
        error = make.client("guest").get(f"{self.PATH}?months={months}", status=400)

        assert [detail["field"] for detail in error["details"]] == ["months"]


def pie(client: ApiClient, by: str) -> dict[str, int]:
    parts: list[dict[str, Any]] = client.get(f"/api/dashboard/pie?by={by}")
    return {part["name"]: part["value"] for part in parts}


class TestPie:
    def test_of_documents_counts_those_one_may_see(self, make: Factory) -> None:
        user, admin = make.client(), make.client("admin")
        for kind in ("note", "plan", "plan"):
            write(user, type=kind)
        write(admin, type="plan")

        assert list(pie(user, "documentType").items()) == [("plan", 2), ("note", 1)]
        assert pie(admin, "documenttype") == {"plan": 3, "note": 1}
        assert pie(make.client("guest"), "documentType") == {}

    def test_of_files_leaves_folders_out(self, app: Flask, make: Factory) -> None:
        user, admin = make.client(), make.client("admin")
        for kind in ("image", "folder"):
            add_file(app, user.user_id, type=kind)
        add_file(app, admin.user_id, type="video")

        assert pie(user, "fileType") == {"image": 1}
        assert pie(admin, "fileType") == {"image": 1, "video": 1}
        assert admin.get("/api/dashboard/pie") == admin.get("/api/dashboard/pie?by=fileType")

    def test_of_users_counts_each_role(self, make: Factory) -> None:
        user, admin = make.client(), make.client("admin")
        make.user()

        assert pie(admin, "role") == {"User": 2, "Administrator": 1}
        assert pie(user, "role") == {"User": 1}

    def test_of_orders_counts_the_pieces_sold(self, make: Factory) -> None:
        admin = make.client("admin")
        lamp, desk = offer(admin, category="Light"), offer(admin, category="Furniture")
        for status, quantity in (("paid", 2), ("shipped", 3), ("pending", 9), ("cancelled", 9)):
            items = [{"productId": lamp["id"], "quantity": quantity}]
            order(admin, items=items, status=status)
        items = [
            {"productId": desk["id"], "quantity": 4},
            {"name": "Delivery", "quantity": 1, "price": 5},
        ]
        order(admin, items=items, status="paid")
        admin.delete(f"/api/products/{desk['id']}")

        assert pie(admin, "orderCategory") == {"Light": 5, "Furniture": 4, "Other": 1}
        assert pie(make.client("user"), "orderCategory") == {}

    def test_refuses_what_it_cannot_divide_by(self, make: Factory) -> None:
        error = make.client("guest").get("/api/dashboard/pie?by=weather", status=400)

        assert [detail["field"] for detail in error["details"]] == ["by"]
