"""The figures at a glance: what they count, and for whom."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from halolight.extensions import db
from halolight.modules.files.models import FileShare
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.calendar.steps import plan
from tests.modules.dashboard.steps import (
    NOON,
    STATS,
    add_file,
    add_order,
    difference,
    stats,
)
from tests.modules.documents.steps import share, write
from tests.modules.messages.steps import send
from tests.modules.orders.steps import order


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


class TestOfNothing:
    def test_are_zeros(self, make: Factory) -> None:
        guest = make.client("guest")

        found = stats(guest)

        assert {key for key, value in found.items() if value} == {
            "totalUsers",
            "activeUsers",
            "userGrowth",
        }
        assert found["totalUsers"] == 1


class TestEachThing:
    def test_of_an_administrator_counts_once(self, app: Flask, make: Factory) -> None:
        admin, other = make.client("admin"), make.client("user")
        before = stats(admin)

        make.user(status="SUSPENDED")
        write(other)
        add_file(app, other.user_id, size=700)
        add_file(app, None, size=1)
        add_file(app, other.user_id, size=0, type="folder")
        send(admin, other)
        send(other, make.client())
        plan(other)
        plan(other, type="task")
        order(admin, amount=120.5, status="paid")

        assert difference(before, stats(admin)) == {
            "totalUsers": 2,
            "activeUsers": 1,
            "totalDocuments": 1,
            "totalFiles": 2,
            "storageUsed": 701,
            "totalMessages": 1,
            "totalEvents": 2,
            "totalOrders": 1,
            "totalRevenue": 120.5,
            "conversionRate": 100,
            "documentGrowth": 100,
            "revenueGrowth": 100,
            "orderGrowth": 100,
            "rateGrowth": 100,
        }

    def test_of_a_user_counts_what_is_theirs_or_shared_with_them(
        self, app: Flask, make: Factory
    ) -> None:
        user, other, admin = make.client(), make.client(), make.client("admin")
        before = stats(user)

        write(user)
        shared = write(other)
        share(other, shared["id"], userIds=[user.user_id])
        write(other)
        folder = add_file(app, other.user_id, size=0, type="folder")
        add_file(app, other.user_id, size=30, folder_id=folder)
        add_file(app, other.user_id, size=500)
        add_file(app, user.user_id, size=4)
        with app.app_context():
            db.session.add(FileShare(file_id=folder, user_id=user.user_id))
            db.session.commit()
        send(other, user)
        send(user, other)
        send(other, admin)
        plan(user)
        plan(other, attendeeIds=[user.user_id])
        plan(other)
        order(admin, amount=10, status="paid")

        assert difference(before, stats(user)) == {
            "totalMessages": 2,
            "totalEvents": 2,
            "totalDocuments": 2,
            "documentGrowth": 100,
            "totalFiles": 2,
            "storageUsed": 34,
        }

    def test_count_no_messages_for_a_role_that_may_not_see_them(
        self, app: Flask, make: Factory
    ) -> None:
        user, other = make.client(), make.client()
        user.post("/api/messages", json={"recipientId": other.user_id, "content": "Hello"})
        assert stats(user)["totalMessages"] == 1

        make.client("admin").put(f"/api/users/{user.user_id}", json={"role": "guest"})

        assert stats(user)["totalMessages"] == 0

    def test_is_gone_when_it_has_been_deleted(self, app: Flask, make: Factory) -> None:
        admin = make.client("admin")
        before = stats(admin)
        document, made = write(admin), order(admin, status="paid")

        admin.delete(f"/api/documents/{document['id']}")
        admin.delete(f"/api/orders/{made['id']}")

        assert stats(admin) == before


class TestOrders:
    def test_are_revenue_while_they_are_paid_or_shipped(self, make: Factory) -> None:
        admin = make.client("admin")
        made = order(admin, amount=0.1)
        revenues = [stats(admin)["totalRevenue"]]

        for fields in ({"amount": 0.3}, {"status": "paid"}, {"status": "shipped"}):
            admin.put(f"/api/orders/{made['id']}", json=fields)
            revenues.append(stats(admin)["totalRevenue"])

        assert revenues == [0, 0, 0.3, 0.3]

    def test_that_are_cancelled_count_no_money(self, make: Factory) -> None:
        admin = make.client("admin")
        made = order(admin, amount=50, status="paid")
        order(admin, amount=1, status="paid")
        order(admin, amount=1)

        admin.put(f"/api/orders/{made['id']}", json={"status": "cancelled"})

        found = stats(admin)
        assert (found["totalOrders"], found["totalRevenue"]) == (3, 1)
        assert found["conversionRate"] == 33.3

    def test_are_compared_with_the_30_days_before(self, app: Flask, make: Factory) -> None:
        admin = make.client("admin")
        for day, amount, status in [
            ("2026-03-31", "100", "paid"),  # today
            ("2026-03-02", "50", "shipped"),  # the first of the last 30 days
            ("2026-03-01", "40", "paid"),  # the last of the 30 before
            ("2026-02-10", "20", "pending"),
            ("2026-01-31", "60", "paid"),  # their first
            ("2026-01-30", "999", "paid"),
        ]:
            add_order(app, day, amount, status=status)

        found = stats(admin)

        assert (found["totalOrders"], found["totalRevenue"]) == (6, 1249)
        assert found["orderGrowth"] == -33.3  # 2 after 3
        assert found["revenueGrowth"] == 50  # 150 after 100
        assert found["rateGrowth"] == 49.9  # 100 % after 66.7 %
        assert found["conversionRate"] == 83.3

    def test_that_stop_coming_are_a_loss_of_all(self, app: Flask, make: Factory) -> None:
        admin = make.client("admin")
        add_order(app, "2026-02-20", "10")

        found = stats(admin)

        assert found["orderGrowth"] == found["revenueGrowth"] == found["rateGrowth"] == -100


class TestGrowth:
    def test_of_users_is_that_of_new_ones(self, make: Factory) -> None:
        for days in (0, 1, 29, 30, 59, 60):
            make.user(created_at=NOON - dt.timedelta(days=days))
        admin = make.client("admin", created_at=NOON - dt.timedelta(days=100))

        found = stats(admin)

        assert (found["totalUsers"], found["userGrowth"]) == (7, 50)

    def test_of_documents_is_that_of_what_one_may_see(
        self, make: Factory, at_noon: time_machine.Traveller
    ) -> None:
        at_noon.move_to(NOON - dt.timedelta(days=60))
        user = make.client()
        write(user)
        at_noon.move_to(NOON - dt.timedelta(days=40))
        user = make.sign_in(user.user_id)
        write(user)
        write(make.client())
        at_noon.move_to(NOON)
        user = make.sign_in(user.user_id)
        for _ in range(3):
            write(user)

        assert stats(user)["documentGrowth"] == 200


@pytest.mark.parametrize("role", ["guest", "user", "admin", "super_admin"])
class TestEverybody:
    def test_sees_the_same_shape(self, make: Factory, admin: ApiClient, role: str) -> None:
        assert list(stats(make.client(role))) == list(stats(admin))

    def test_reads_the_same_bytes_twice(self, make: Factory, role: str) -> None:
        client = make.client(role)

        assert client.open("GET", STATS).data == client.open("GET", STATS).data
