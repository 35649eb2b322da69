"""What overviews show of somebody's calendar, whatever else they may see."""

import datetime as dt
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from halolight.core.access import CurrentUser
from halolight.core.db.reads import Row
from halolight.modules.calendar import service
from halolight.modules.calendar.schemas import EventSchema
from tests.api_client import ApiClient
from tests.contract.statements import recorded
from tests.factories import Factory

from .steps import path, plan, team_of

Read = Callable[[CurrentUser], Sequence[Row]]

DAY = (dt.datetime(2030, 5, 6, tzinfo=dt.UTC), dt.datetime(2030, 5, 7, tzinfo=dt.UTC))


def caller(client: ApiClient, *permissions: str) -> CurrentUser:
    return caller_of(client.user_id, *permissions)


def caller_of(user_id: int, *permissions: str) -> CurrentUser:
    return CurrentUser(user_id, "Somebody", "user", frozenset(permissions), 1)


def tasks(user: CurrentUser, limit: int = 10) -> list[str]:
    return [row.title for row in service.list_my_tasks(user, limit)]


def between(user: CurrentUser, start: dt.datetime, end: dt.datetime, limit: int = 10) -> list[str]:
    return [row.title for row in service.list_events_between(user, start, end, limit)]


@pytest.fixture
def planned(app: Flask, user: ApiClient, admin: ApiClient, make: Factory) -> Flask:
    """Of each way to have something in one's calendar a task, and one of somebody else."""
    plan(user, "Own", type="task", start="2030-05-06T12:00:00Z")
    plan(admin, "Attended", type="task", attendeeIds=[user.user_id], start="2030-05-06T11:00:00Z")
    team_ids = [team_of(admin, user)]
    plan(admin, "Of the team", type="task", teamIds=team_ids, start="2030-05-06T10:00:00Z")
    plan(make.client(), "Not mine", type="task", start="2030-05-06T09:00:00Z")
    return app


class TestMyTasks:
    @pytest.mark.parametrize("permissions", [(), ("calendar:manage",), ("*",)])
    def test_are_the_callers_own_even_for_who_sees_everything(
        self, planned: Flask, user: ApiClient, permissions: tuple[str, ...]
    ) -> None:
        with planned.app_context():
            assert tasks(caller(user, *permissions)) == ["Of the team", "Attended", "Own"]

    def test_are_tasks_and_those_to_do_come_first(self, app: Flask, user: ApiClient) -> None:
        plan(user, "Done", type="task", status="done", start="2030-05-01")
        plan(user, "To do", type="task", start="2030-05-02")
        plan(user, "No task")

        with app.app_context():
            assert tasks(caller(user)) == ["To do", "Done"]
            assert tasks(caller(user), limit=1) == ["To do"]

    def test_are_at_most_a_hundred(self, app: Flask, user: ApiClient) -> None:
        for _ in range(101):
            plan(user, type="task")

        with app.app_context():
            assert len(tasks(caller(user), limit=10_000)) == 100


class TestBetween:
    def test_are_the_callers_own_of_the_range(self, planned: Flask, user: ApiClient) -> None:
        plan(user, "Another day", start="2030-05-07")

        with planned.app_context():
            found = between(caller(user, "*"), *DAY)

        assert found == ["Of the team", "Attended", "Own"]

    @pytest.mark.parametrize(
        ("zone", "found"),
        [
            ("UTC", ["Morning", "Evening"]),
            ("Asia/Tokyo", ["Morning"]),  # there the evening is the next day
            ("America/Los_Angeles", ["Evening"]),
        ],
    )
    def test_are_those_of_a_day_wherever_it_is(
        self, app: Flask, user: ApiClient, zone: str, found: list[str]
    ) -> None:
        plan(user, "Morning", start="2030-05-06T01:00:00Z")
        plan(user, "Evening", start="2030-05-06T20:00:00Z")
        start = dt.datetime(2030, 5, 6, tzinfo=ZoneInfo(zone))

        with app.app_context():
            assert between(caller(user), start, start + dt.timedelta(days=1)) == found


@pytest.mark.parametrize(
    "read",
    [
        lambda user: service.list_my_tasks(user, 10),
        lambda user: service.list_events_between(user, *DAY, 10),
    ],
)
def test_each_is_one_statement_and_shows_events(
    app: Flask, user: ApiClient, admin: ApiClient, read: Read
) -> None:
    event = plan(admin, type="task", attendeeIds=[user.user_id], reminders=[5])

    with app.app_context(), recorded(app) as statements:
        [row] = read(caller(user))

    assert len(statements) == 1
    assert app.json.dumps(EventSchema().dump(row)) == app.json.dumps(admin.get(path(event)))
