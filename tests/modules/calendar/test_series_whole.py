"""Changes of a whole series, its reminders, and how far ahead its occurrences are stored."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core.db.reads import PREPARE_AFTER
from halolight.extensions import db
from halolight.modules.calendar import occurrences, series
from halolight.modules.notifications.models import Notification
from tests.api_client import ApiClient
from tests.factories import Factory

from .series_steps import MAY, MONDAYS, WEEKLY, days, listed, moved_to, occurrence, times, weekly
from .steps import EVENTS, NINE, TEN, answers, fields, path, plan, told
from .test_reminders import remind


class TestAll:
    def test_follow_but_keep_what_was_changed_alone(self, user: ApiClient, make: Factory) -> None:
        guest = make.client()
        series = weekly(user, location="Room 1")
        user.put(path(occurrence(user, 1)), json={"title": "Other"})
        user.put(path(occurrence(user, 2)), json=moved_to("21"))

        body = {
            "title": "New",
            "location": "Room 2",
            "start": "2030-05-06T10:00:00Z",
            "end": "2030-05-06T11:30:00Z",
            "attendeeIds": [guest.user_id],
            "reminders": [10],
        }
        user.put(path(series), json=body)

        found = listed(user)
        assert [each["title"] for each in found] == ["New", "Other", "New", "New"]
        assert {each["location"] for each in found} == {"Room 2"}
        assert times(user) == ["05-06T10:00", "05-13T10:00", "05-21T09:00", "05-27T10:00"]
        assert [each["recurrenceId"][11:16] for each in found] == ["10:00"] * 4
        assert [list(answers(each)) for each in found] == [[guest.user_id]] * 4
        assert [each["reminders"] for each in found] == [[10]] * 4
        assert found[1]["end"] == "2030-05-13T11:30:00Z"
        assert len(listed(guest)) == 4

    def test_move_as_far_as_one_of_them(self, user: ApiClient) -> None:
        series = plan(
            user,
            start="2030-03-25T09:00:00",
            timeZone="Europe/Berlin",
            recurrence={"rule": "FREQ=DAILY;COUNT=10", "exdates": ["2030-03-26T09:00:00"]},
        )
        range_ = "start=2030-03-01&end=2030-05-01"
        last = listed(user, range_)[-1]
        assert last["start"] == "2030-04-03T07:00:00Z"

        moved = user.patch(
            f"{path(last)}/reschedule?scope=all", json={"start": "2030-04-03T08:30:00Z"}
        )

        assert (moved["id"], moved["start"]) == (series["id"], "2030-03-25T09:30:00Z")
        assert moved["recurrence"]["exdates"] == ["2030-03-26T09:30:00Z"]
        assert times(user, range_)[:2] == ["03-25T09:30", "03-27T09:30"]

    def test_move_to_where_others_were(self, user: ApiClient) -> None:
        plan(user, recurrence={"rule": "FREQ=DAILY;COUNT=4"})
        for number in (0, 1, 2):
            user.put(path(occurrence(user, number)), json={"title": f"Day {number}"})

        for day in ("2030-05-07", "2030-05-06"):
            first = occurrence(user, 0)
            body = {"start": f"{day}T09:00:00Z"}
            user.patch(f"{path(first)}/reschedule?scope=all", json=body)
            assert [each["title"] for each in listed(user)] == [
                *("Day 0", "Day 1", "Day 2", "Review"),
            ]
            assert days(user)[0] == day

    def test_are_changed_by_one_of_them_that_is_sent_back(self, user: ApiClient) -> None:
        series = weekly(user)
        one = occurrence(user, 2)

        changed = user.put(f"{path(one)}?scope=all", json={**one, "title": "New"})

        assert changed == series | {"title": "New", "updatedAt": changed["updatedAt"]}
        assert days(user) == MONDAYS

    def test_take_back_what_was_read(self, user: ApiClient) -> None:
        dates = {"rule": "FREQ=WEEKLY", "exdates": ["2030-05-13"], "rdates": ["2030-06-01"]}
        for event in (
            plan(user, start="2030-05-06", allDay=True, recurrence=dates),
            plan(user, timeZone="Asia/Kolkata", recurrence=WEEKLY | {"rdates": [TEN]}),
        ):
            assert user.put(path(event), json=event) == event

    def test_get_another_rule(self, user: ApiClient) -> None:
        series = weekly(user)
        user.put(path(occurrence(user, 1)), json={"title": "Dropped"})
        user.put(path(occurrence(user, 2)), json={"title": "Kept"})

        user.put(path(series), json={"recurrence": {"rule": "FREQ=WEEKLY;INTERVAL=2"}})

        assert [(each["title"], each["start"][:10]) for each in listed(user)] == [
            ("Review", "2030-05-06"),
            ("Kept", "2030-05-20"),
        ]

    def test_end_when_it_repeats_no_more(self, user: ApiClient) -> None:
        series = weekly(user)
        user.put(path(occurrence(user, 1)), json={"title": "Dropped"})

        single = user.put(path(series), json={"recurrence": None})

        assert (single["recurrence"], single["start"]) == (None, NINE)
        assert listed(user) == [single]
        again = user.put(path(series), json={"recurrence": WEEKLY})
        assert again["recurrence"]["rule"] == WEEKLY["rule"]
        assert days(user) == MONDAYS

    def test_are_deleted(self, user: ApiClient) -> None:
        for scope in ("all", ""):
            series = weekly(user)
            user.put(path(occurrence(user, 1)), json={"title": "Changed"})
            if scope:
                user.delete(f"{path(occurrence(user, 2))}?scope=all")
            else:
                user.delete(path(series))
            assert listed(user) == user.get(EVENTS)["items"] == []

    def test_are_not_meant_by_the_scope_of_one(self, user: ApiClient) -> None:
        series = weekly(user)

        for scope in ("this", "following"):
            error = user.put(f"{path(series)}?scope={scope}", json={"title": "New"}, status=400)
            assert fields(error) == ["scope"]
            user.delete(f"{path(series)}?scope={scope}", status=400)
        user.put(f"{path(plan(user))}?scope=this", json={"title": "New"})


class TestReminders:
    def test_come_before_each_occurrence(self, app: Flask, user: ApiClient) -> None:
        with time_machine.travel("2030-05-06T08:00:00Z", tick=False):
            daily = {"rule": "FREQ=DAILY;COUNT=5"}
            series = signed_in_now(user).post(
                EVENTS,
                json={"title": "Stand-up", "start": NINE, "recurrence": daily, "reminders": [10]},
            )
            client = signed_in_now(user)
            client.delete(path(occurrence(client, 1)))
            client.put(path(occurrence(client, 1)), json={"title": "Other"})

        sent = []
        for hour in range(8, 130):
            moment = dt.datetime(2030, 5, 6, tzinfo=dt.UTC) + dt.timedelta(hours=hour)
            with time_machine.travel(moment, tick=False):
                if "Sent 0" not in remind(app):
                    sent.append(f"{moment:%d %H}")

        assert sent == ["06 09", "08 09", "09 09", "10 09"]
        assert told(app, user.user_id) == ["Stand-up", "Other", "Stand-up", "Stand-up"]
        with app.app_context():
            links = list(db.session.scalars(sa.select(Notification.link).order_by("id")))
        assert links[2] == f"/calendar?event={series['id']}_20300509T090000Z"

    def test_that_were_missed_are_passed_over(self, app: Flask, user: ApiClient) -> None:
        with time_machine.travel("2030-05-06T08:00:00Z", tick=False):
            body = {"title": "Stand-up", "start": NINE, "recurrence": {"rule": "FREQ=DAILY"}}
            signed_in_now(user).post(EVENTS, json=body | {"reminders": [10]})

        with time_machine.travel("2031-05-06T08:55:00Z", tick=False):
            remind(app)
            assert told(app, user.user_id) == ["Stand-up"]


class TestHorizon:
    def test_moves_with_the_time(self, app: Flask, user: ApiClient) -> None:
        """A daily series without an end is known for five years, and later for five more."""
        body = {"title": "Stand-up", "start": "2030-05-06", "recurrence": {"rule": "FREQ=DAILY"}}
        with time_machine.travel("2030-05-06T08:00:00Z", tick=False):
            signed_in_now(user).post(EVENTS, json=body)
            remind(app)
        later = "start=2036-01-01&end=2036-01-02"
        assert days(user, later) == []

        with time_machine.travel("2032-05-06T08:00:00Z", tick=False):
            remind(app)

        assert days(user, later) == ["2036-01-01"]
        assert len(days(user, "start=2030-05-06&end=2030-05-08")) == 2

    def test_of_one_that_has_no_room_holds_up_nobody(
        self, app: Flask, user: ApiClient, make: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = {"title": "Stand-up", "start": NINE, "recurrence": {"rule": "FREQ=DAILY"}}
        clients = [user, make.client()]
        with time_machine.travel("2030-05-06T08:00:00Z", tick=False):
            for client in clients:
                signed_in_now(client).post(EVENTS, json=body | {"reminders": [10]})
        monkeypatch.setattr(series, "MAX_OCCURRENCES", 10)

        for _ in range(2):
            with time_machine.travel("2032-05-06T08:55:00Z", tick=False):
                assert remind(app) in {"Sent 2 reminders\n", "Sent 0 reminders\n"}


class TestOverviews:
    def test_know_occurrences(self, user: ApiClient) -> None:
        today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        start = (today - dt.timedelta(days=7)).isoformat()
        rule = {"rule": "FREQ=WEEKLY"}
        series = plan(user, type="task", start=start, end=start, recurrence=rule)
        over = {"rule": "FREQ=DAILY;COUNT=2"}
        plan(user, "Over", type="task", start="2020-01-01", recurrence=over)

        [event] = user.get("/api/dashboard/calendar?tz=UTC")
        over, task = user.get("/api/dashboard/tasks")

        assert event["seriesId"] == series["id"] == task["seriesId"]
        assert event["start"] == f"{today:%Y-%m-%d}T00:00:00Z"
        assert dt.datetime.fromisoformat(task["start"]) - today == dt.timedelta(days=7)
        assert (over["title"], over["seriesId"]) == ("Over", None)


@pytest.mark.database("postgresql")
def test_each_read_works_as_a_prepared_statement(user: ApiClient) -> None:
    """PostgreSQL prepares it when a connection has used it some times, and is told no types."""
    series = weekly(user, type="task", timeZone="Europe/Berlin")
    addresses = [
        *(f"{EVENTS}?{MAY}", f"{EVENTS}?{MAY}&sortBy=title", f"{EVENTS}?expand=true", EVENTS),
        *(path(series), path(occurrence(user, 1)), f"{path(series)}/export"),
        *("/api/dashboard/tasks", "/api/dashboard/calendar?tz=UTC", "/api/calendar/feed"),
        *("/api/calendar/free-busy?start=2030-05-01&end=2030-06-01", "/api/calendar/export"),
        user.post("/api/calendar/feed")["url"],
    ]
    for address in addresses:
        answers = {user.open("GET", address).status_code for _ in range(2 * PREPARE_AFTER)}
        assert answers == {200}, address


def signed_in_now(client: ApiClient) -> ApiClient:
    """The same user, with a token for the time that it is now."""
    return Factory(client.app, "-").sign_in(client.user_id)


class TestBounds:
    def test_are_those_of_an_owner(
        self, user: ApiClient, make: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        guest = make.client()
        monkeypatch.setattr(occurrences, "MAX_CHANGED", 1)
        weekly(user, attendeeIds=[guest.user_id])
        for one, status in ((occurrence(guest, 0), 200), (occurrence(guest, 1), 409)):
            guest.put(f"{path(one)}/respond", json={"status": "accepted"}, status=status)

        monkeypatch.setattr(series, "MAX_OCCURRENCES", 10)
        body = {"title": "Daily", "start": NINE, "recurrence": {"rule": "FREQ=DAILY"}}
        assert "at most 10 occurrences" in user.post(EVENTS, json=body, status=409)["message"]
        assert len(days(user)) == 4
