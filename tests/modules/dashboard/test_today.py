"""One's tasks, and what is on today, wherever one is."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator

import pytest
import time_machine

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.calendar.steps import path, plan

TASKS, CALENDAR = "/api/dashboard/tasks", "/api/dashboard/calendar"
LATE = dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC)  # the 29th already in Berlin


@pytest.fixture(autouse=True)
def _late() -> Iterator[None]:
    with time_machine.travel(LATE, tick=False):
        yield


def titles(client: ApiClient, address: str) -> list[str]:
    return [event["title"] for event in client.get(address)]


class TestTasks:
    def test_are_ones_own_events_of_this_type(self, make: Factory) -> None:
        user, other = make.client(), make.client()
        task = plan(user, "Mine", type="task")
        plan(user, "Meeting")
        plan(other, "Theirs", type="task")
        plan(other, "Ours", type="task", attendeeIds=[user.user_id])

        found = user.get(TASKS)

        assert [(each["title"], each["status"]) for each in found] == [
            ("Mine", "pending"),
            ("Ours", "pending"),
        ]
        assert found[0] == task

    def test_end_in_those_that_are_done(self, user: ApiClient) -> None:
        done = plan(user, "Done", type="task")
        plan(user, "To do", type="task", start="2031-01-01T00:00:00Z")
        user.put(path(done), json={"status": "done"})

        assert titles(user, TASKS) == ["To do", "Done"]

    def test_of_a_guest_are_none(self, make: Factory) -> None:
        assert make.client("guest").get(TASKS) == []


class TestCalendar:
    @pytest.fixture
    def planner(self, make: Factory) -> ApiClient:
        """Who has events around midnight, of an hour each, in UTC."""
        user = make.client()
        for title, start in [
            ("Friday", "2026-03-27T23:00:00Z"),
            ("Saturday", "2026-03-28T00:00:00Z"),
            ("Late", "2026-03-28T22:30:00Z"),
            ("Night", "2026-03-28T23:00:00Z"),
            ("Sunday", "2026-03-29T21:30:00Z"),
            ("Monday", "2026-03-29T22:00:00Z"),
        ]:
            plan(user, title, start=start)
        return user

    @each(
        ("query", "found"),
        [
            ("", ["Saturday", "Late", "Night"]),
            ("?tz=UTC", ["Saturday", "Late", "Night"]),
            # From one to midnight: the clocks go forward, and the day has 23 hours.
            ("?tz=Europe/Berlin", ["Late", "Night", "Sunday"]),
            ("?tz=europe/berlin", ["Late", "Night", "Sunday"]),
            ("?tz=America/New_York", ["Late", "Night"]),
            ("?tz=Pacific/Kiritimati", ["Late", "Night"]),
            ("?tz=", ["Saturday", "Late", "Night"]),
        ],
    )
    def test_is_that_of_today_in_the_zone(
        self, planner: ApiClient, query: str, found: list[str]
    ) -> None:
        assert titles(planner, f"{CALENDAR}{query}") == found

    def test_shows_what_lasts_over_the_day(self, user: ApiClient) -> None:
        plan(user, "Fair", start="2026-03-20T08:00:00Z", end="2026-04-02T08:00:00Z")

        assert titles(user, CALENDAR) == ["Fair"]

    def test_shows_only_ones_own_even_to_who_manages_all(self, make: Factory) -> None:
        admin = make.client("admin")
        plan(make.client(), start="2026-03-28T10:00:00Z")

        assert admin.get(CALENDAR) == []
        assert make.client("guest").get(CALENDAR) == []

    @pytest.mark.database("sqlite")
    @each(
        "zone",
        ["Mars/Base", "../etc/passwd", "/etc/localtime", "Europe", "x" * 300, "%00", "%ED%A0%80"],
    )
    def test_refuses_an_unknown_zone(self, user: ApiClient, zone: str) -> None:
        error = user.get(f"{CALENDAR}?tz={zone}", status=400)

        assert [detail["field"] for detail in error["details"]] == ["tz"]

    def test_knows_every_zone_there_is(self, user: ApiClient) -> None:
        for zone in sorted(zoneinfo.available_timezones())[::40]:
            user.get(CALENDAR, query_string={"tz": zone})
