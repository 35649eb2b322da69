"""Analytics: each figure from what the service has recorded, and nothing made up."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.dashboard.models import DailyVisitor, DailyVisits
from halolight.modules.dashboard.visits import VIEWS
from tests.api_client import ApiClient
from tests.factories import Factory

ANALYTICS = "/api/analytics"
NOON = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
AGENTS = {
    "Edge": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
    "Opera": "Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 OPR/120.0",
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Chrome": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "Safari": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.4 Safari/605.1.15",
    "Other": "curl/8.5.0",
}


@pytest.fixture(autouse=True)
def _at_noon(app: Flask) -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        with app.app_context():
            VIEWS.flush()
            db.session.execute(sa.delete(DailyVisits))
            db.session.execute(sa.delete(DailyVisitor))
            db.session.commit()
        yield


def add_visits(app: Flask, date: str, visits: int, visitors: int, views: int) -> None:
    with app.app_context():
        db.session.add(
            DailyVisits(
                date=dt.date.fromisoformat(date),
                visits=visits,
                unique_visitors=visitors,
                page_views=views,
            )
        )
        db.session.commit()


def add_entry(app: Flask, agent: str | None, *, days: int = 0, action: str = "auth.login") -> None:
    with app.app_context():
        db.session.add(
            AuditEntry(
                action=action,
                target_type="users",
                user_agent=agent,
                created_at=NOON - dt.timedelta(days=days),
            )
        )
        db.session.commit()


def kpis(client: ApiClient) -> dict[str, tuple[float, float]]:
    return {k["label"]: (k["value"], k["change"]) for k in client.get(ANALYTICS)["kpis"]}


class TestKpis:
    def test_compare_30_days_with_the_30_before(self, app: Flask, user: ApiClient) -> None:
        add_visits(app, "2026-03-31", 20, 15, 90)  # today
        add_visits(app, "2026-03-02", 10, 15, 30)  # the first of the last 30 days
        add_visits(app, "2026-03-01", 20, 45, 40)  # the last of the 30 before
        add_visits(app, "2026-01-31", 5, 15, 60)  # their first
        add_visits(app, "2026-01-30", 999, 999, 999)

        assert kpis(user) == {
            "Visits": (30, 20),
            "Page views": (120, 20),
            "Visitors per day": (1, -50),
            "Page views per visit": (4, 0),
        }

    def test_of_nothing_are_0(self, user: ApiClient) -> None:
        assert set(kpis(user).values()) == {(0, 0)}

    def test_are_not_moved_by_looking_at_them(self, app: Flask, user: ApiClient) -> None:
        user.get(ANALYTICS)
        with app.app_context():
            VIEWS.flush()

        assert kpis(user)["Page views"] == (0, 0)


class TestTraffic:
    def test_is_the_sign_ins_by_browser(self, app: Flask, user: ApiClient) -> None:
        for number, agent in enumerate(AGENTS.values(), start=1):
            for _ in range(number):
                add_entry(app, agent)
        add_entry(app, None)

        shown = [(each["source"], each["value"]) for each in user.get(ANALYTICS)["traffic"]]

        assert shown == [
            *(("Other", 7), ("Safari", 5), ("Chrome", 4)),
            *(("Firefox", 3), ("Opera", 2), ("Edge", 1)),
        ]

    def test_is_that_of_30_days(self, app: Flask, user: ApiClient) -> None:
        add_entry(app, AGENTS["Firefox"], days=29)
        add_entry(app, AGENTS["Firefox"], days=30)
        add_entry(app, AGENTS["Firefox"], action="documents.create")

        assert user.get(ANALYTICS)["traffic"] == [{"source": "Firefox", "value": 1}]


class TestRegions:
    def regions(self, client: ApiClient) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get(ANALYTICS)["regions"]
        return found

    def test_are_the_largest_departments(self, admin: ApiClient, make: Factory) -> None:
        for number in range(12):
            make.user(department=f"Department {number:02}")
        make.user(department="Sales")
        make.user(department="Sales")
        make.user(department="")

        shown = self.regions(admin)

        assert shown[0] == {"name": "Sales", "users": 2}
        assert [each["name"] for each in shown[1:]] == [f"Department {n:02}" for n in range(9)]

    def test_show_other_users_only_to_those_who_see_users(self, make: Factory) -> None:
        make.user(department="Sales")
        user = make.client(department="Design")

        assert self.regions(user) == [{"name": "Design", "users": 1}]


def test_a_guest_sees_the_same_shape(make: Factory) -> None:
    assert list(make.client("guest").get(ANALYTICS)) == ["kpis", "traffic", "regions"]
