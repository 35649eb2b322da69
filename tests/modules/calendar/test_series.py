"""Events that repeat: their occurrences in lists, and changes of one, some or all of them."""

import datetime as dt
import time
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core.db.reads import PREPARE_AFTER
from halolight.extensions import db
from halolight.modules.calendar import occurrences, series
from halolight.modules.calendar.models import Event, EventOccurrence
from halolight.modules.notifications.models import Notification
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory

from .steps import EVENTS, NINE, TEN, answers, fields, path, plan, team_of, told
from .test_reminders import remind

MAY = "start=2030-05-01&end=2030-06-01"
WEEKLY = {"rule": "FREQ=WEEKLY;BYDAY=MO"}
MONDAYS = ["2030-05-06", "2030-05-13", "2030-05-20", "2030-05-27"]


def weekly(client: ApiClient, **fields: Any) -> dict[str, Any]:
    return plan(client, recurrence=WEEKLY, **fields)


def listed(client: ApiClient, query: str = MAY) -> list[dict[str, Any]]:
    page = client.get(f"{EVENTS}?{query}&pageSize=100")
    assert page["total"] == len(page["items"])
    items: list[dict[str, Any]] = page["items"]
    return items


def days(client: ApiClient, query: str = MAY) -> list[str]:
    return [item["start"][:10] for item in listed(client, query)]


def times(client: ApiClient, query: str = MAY) -> list[str]:
    return [item["start"][5:16] for item in listed(client, query)]


def occurrence(client: ApiClient, number: int) -> dict[str, Any]:
    return listed(client)[number]


def moved_to(day: str) -> dict[str, str]:
    return {"start": f"2030-05-{day}T09:00:00Z", "end": f"2030-05-{day}T10:00:00Z"}


class TestLists:
    def test_have_the_occurrences_of_a_range(self, user: ApiClient) -> None:
        series = weekly(user)

        found = listed(user)

        assert [each["start"][:10] for each in found] == MONDAYS
        assert found[1]["id"] == f"{series['id']}_20300513T090000Z"
        assert (found[1]["seriesId"], found[1]["recurrenceId"]) == (
            series["id"],
            "2030-05-13T09:00:00Z",
        )
        assert (found[1]["start"], found[1]["end"]) == (
            "2030-05-13T09:00:00Z",
            "2030-05-13T10:00:00Z",
        )
        assert series["recurrence"] == WEEKLY | {"exdates": [], "rdates": []}
        assert found[1]["recurrence"] == WEEKLY
        assert user.get(path(found[1])) == found[1]

    def test_have_a_series_once_without_a_range(self, user: ApiClient) -> None:
        series = weekly(user)

        assert user.get(EVENTS)["items"] == [series] == [user.get(path(series))]

    def test_have_occurrences_without_a_range_where_that_is_asked_for(
        self, user: ApiClient
    ) -> None:
        today = dt.datetime.now(dt.UTC).date()
        plan(user, start=f"{today}T09:00:00Z", recurrence={"rule": "FREQ=DAILY;COUNT=3"})
        plan(user, "Long ago", start="2001-01-01")

        assert user.get(f"{EVENTS}?expand=true")["total"] == 4
        assert user.get(f"{EVENTS}?{MAY}&expand=false")["total"] == 2

    def test_mix_events_and_occurrences_in_their_order(self, user: ApiClient) -> None:
        weekly(user)
        plan(user, "A", start="2030-05-13T08:00:00Z")
        plan(user, "B", start="2030-05-13T10:00:00Z")
        plan(user, "Z", recurrence={"rule": "FREQ=DAILY;COUNT=2"}, start="2030-05-12T23:00:00Z")
        expected = ["Review", "Z", "A", "Review", "B", "Z", "Review", "Review"]

        for size in (1, 3, 10):
            pages = range(1, -(-len(expected) // size) + 1)
            query = f"{EVENTS}?{MAY}&pageSize={size}"
            got = [user.get(f"{query}&page={page}") for page in pages]
            assert [each["title"] for page in got for each in page["items"]] == expected
            assert {page["total"] for page in got} == {len(expected)}
        down = [each["title"] for each in listed(user, f"{MAY}&sortOrder=desc")]
        assert down == expected[::-1]
        by_title = [each["title"] for each in listed(user, f"{MAY}&sortBy=title")]
        assert by_title == sorted(expected)

    def test_narrow_occurrences_as_events(self, user: ApiClient) -> None:
        weekly(user, type="task", description="With a needle")
        plan(user)

        for query, number in (("type=task", 4), ("status=done", 0), ("search=needle", 4)):
            assert len(listed(user, f"{MAY}&{query}")) == number, query

    def test_find_what_overlaps(self, user: ApiClient) -> None:
        weekly(user)

        for start, end, number in (
            ("2030-05-13T08:00:00Z", "2030-05-13T09:00:00Z", 0),
            ("2030-05-13T09:59:59Z", "2030-05-13T12:00:00Z", 1),
            ("2030-05-13T10:00:00Z", "2030-05-20T09:00:01Z", 1),
        ):
            assert len(listed(user, f"start={start}&end={end}")) == number, start

    def test_are_of_those_who_see_the_series(
        self, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        attendee, stranger = make.client(), make.client()
        weekly(user, attendeeIds=[attendee.user_id])
        one = occurrence(user, 1)

        for client in (user, attendee, admin):
            assert days(client) == MONDAYS
            assert client.get(path(one)) == one
        assert days(stranger) == []
        stranger.get(path(one), status=404)
        hidden = stranger.last.text
        stranger.get(f"{EVENTS}/{one['seriesId']}_20300514T090000Z", status=404)
        assert stranger.last.text == hidden
        user.get(f"{EVENTS}/{one['seriesId']}_20300514T090000Z", status=404)

    def test_have_each_once_whoever_shares_it_on_pages_in_order(
        self, user: ApiClient, admin: ApiClient
    ) -> None:
        """One's own are also of one's team, and others are of the team and attended."""
        of_team: dict[str, Any] = {"teamIds": [team_of(admin, user)]}
        weekly(user, start="2030-05-06T08:00:00Z")
        weekly(admin, **of_team, attendeeIds=[user.user_id])
        plan(admin, **of_team, attendeeIds=[user.user_id], **moved_to("14"))
        plan(user, **moved_to("21"))
        of_series = [f"{day}T{hour}" for day in MONDAYS for hour in ("08", "09")]
        expected = sorted([*of_series, "2030-05-14T09", "2030-05-21T09"])
        for order, wanted in (("asc", expected), ("desc", expected[::-1])):
            query = f"{MAY}&sortOrder={order}&pageSize=3"
            pages = [user.get(f"{EVENTS}?{query}&page={number}") for number in (1, 2, 3, 4, 5)]

            assert [each["start"][:13] for page in pages for each in page["items"]] == wanted
            assert {page["total"] for page in pages} == {10}

    def test_leave_other_events_as_they_are(self, app: Flask, user: ApiClient) -> None:
        others = [plan(user), weekly(user), plan(user, recurrence={"rule": "FREQ=DAILY;COUNT=2"})]
        before = stored(app)

        event = weekly(user, title="Another")
        user.put(path(event), json={"recurrence": {"rule": "FREQ=WEEKLY;COUNT=3"}})
        user.delete(path(event))

        assert stored(app) == before
        assert [user.get(path(each)) for each in others] == others


def stored(app: Flask) -> list[Any]:
    """Every row of events and of occurrences."""
    with app.app_context():
        return [
            tuple(row)
            for model in (Event, EventOccurrence)
            for row in db.session.execute(
                sa.select(model.__table__).order_by(*model.__table__.primary_key)
            )
        ]


class TestClock:
    def test_is_that_of_the_series(self, user: ApiClient) -> None:
        """Nine o'clock in Berlin stays nine when the clocks change on 31 March 2030."""
        plan(
            user,
            start="2030-03-25T09:00:00",
            end="2030-03-25T10:00:00",
            timeZone="europe/berlin",
            recurrence={"rule": "FREQ=WEEKLY;COUNT=2"},
        )

        assert times(user, "start=2030-03-01&end=2030-05-01") == ["03-25T08:00", "04-01T07:00"]

    def test_of_a_time_that_is_skipped_is_read_as_before(self, user: ApiClient) -> None:
        plan(
            user,
            start="2030-03-30T02:30:00",
            timeZone="Europe/Berlin",
            recurrence={"rule": "FREQ=DAILY;COUNT=3"},
        )

        assert times(user, "start=2030-03-01&end=2030-05-01") == [
            *("03-30T01:30", "03-31T01:30", "04-01T00:30"),
        ]

    def test_all_day_series_have_dates(self, user: ApiClient) -> None:
        series = plan(
            user,
            start="2030-05-10",
            end="2030-05-11",
            allDay=True,
            recurrence={"rule": "FREQ=MONTHLY;UNTIL=20300710", "exdates": ["2030-06-10"]},
        )

        found = listed(user, "start=2030-05-01&end=2031-05-01")

        assert [(each["startDate"], each["endDate"]) for each in found] == [
            ("2030-05-10", "2030-05-11"),
            ("2030-07-10", "2030-07-11"),
        ]
        assert found[1]["id"] == f"{series['id']}_20300710"
        assert found[1]["recurrenceId"] == "2030-07-10"
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            query = f"start=2030-07-11&end=2030-07-12&tz={zone}"
            assert len(listed(user, query)) == 1, zone


class TestThisOne:
    def test_is_changed_alone(self, app: Flask, user: ApiClient, admin: ApiClient) -> None:
        series = weekly(user, attendeeIds=[admin.user_id], reminders=[5])
        one = occurrence(user, 1)

        changed = user.put(path(one), json={"title": "Other"} | moved_to("14"))

        assert changed["id"] == one["id"]
        assert (changed["title"], changed["recurrenceId"]) == ("Other", one["recurrenceId"])
        assert (changed["reminders"], list(answers(changed))) == ([5], [admin.user_id])
        assert days(user) == ["2030-05-06", "2030-05-14", "2030-05-20", "2030-05-27"]
        assert [each["title"] for each in listed(user)] == ["Review", "Other", "Review", "Review"]
        assert user.get(path(series)) == series
        assert user.get(path(one)) == changed
        user.put(path(one), json={"title": "Third"})
        assert user.get(path(one))["title"] == "Third"
        assert told(app, admin.user_id)[-1] == "An event was moved"

    def test_takes_back_what_was_read(self, user: ApiClient) -> None:
        weekly(user)
        one = occurrence(user, 1)

        assert user.put(path(one), json=one) == one
        error = user.put(path(one), json={"recurrence": {"rule": "FREQ=DAILY"}}, status=400)
        assert fields(error) == ["recurrence"]

    def test_is_moved(self, user: ApiClient) -> None:
        weekly(user)

        user.patch(
            f"{path(occurrence(user, 1))}/reschedule", json={"start": "2030-05-15T12:00:00Z"}
        )

        assert times(user)[1] == "05-15T12:00"

    def test_is_cancelled(self, app: Flask, user: ApiClient, admin: ApiClient) -> None:
        series = weekly(user, attendeeIds=[admin.user_id])
        moved, cancelled = occurrence(user, 1), occurrence(user, 2)
        user.put(path(moved), json=moved_to("14"))

        for one in (moved, cancelled):
            user.delete(path(one))
            user.get(path(one), status=404)
            user.delete(path(one), status=404)

        assert days(user) == ["2030-05-06", "2030-05-27"]
        assert user.get(path(series))["recurrence"]["exdates"] == [
            "2030-05-13T09:00:00Z",
            "2030-05-20T09:00:00Z",
        ]
        assert told(app, admin.user_id).count("An event was cancelled") == 2

    def test_is_an_event_by_its_number(self, app: Flask, user: ApiClient) -> None:
        """Which nobody is told, and which so does nothing else."""
        weekly(user)
        changed = user.put(path(occurrence(user, 1)), json={"title": "Other"})
        with app.app_context():
            number = db.session.scalar(sa.select(sa.func.max(Event.id)))

        assert user.get(f"{EVENTS}/{number}") == changed
        user.delete(f"{EVENTS}/{number}")
        assert days(user) == [MONDAYS[0], *MONDAYS[2:]]

    def test_is_among_others_that_are_deleted_at_once(self, user: ApiClient) -> None:
        weekly(user)
        plain = plan(user)
        ids = [occurrence(user, 2)["id"], plain["id"]]

        error = user.post(f"{EVENTS}/batch-delete", json={"ids": [*ids, "1_x"]}, status=400)
        assert fields(error) == ["ids.2"]
        assert user.post(f"{EVENTS}/batch-delete", json={"ids": ids}, status=200) == {"deleted": 2}
        assert len(days(user)) == 3

    def test_is_answered_alone(self, app: Flask, user: ApiClient, admin: ApiClient) -> None:
        series = weekly(user, attendeeIds=[admin.user_id])
        one = occurrence(admin, 1)

        answered = admin.put(f"{path(one)}/respond", json={"status": "declined"})

        assert answers(answered) == {admin.user_id: "declined"}
        assert answers(user.get(path(series))) == {admin.user_id: "pending"}
        admin.put(f"{path(series)}/respond", json={"status": "accepted"})
        found = [answers(each)[admin.user_id] for each in listed(user)]
        assert found == ["accepted", "declined", "accepted", "accepted"]
        user.put(f"{path(occurrence(user, 2))}/respond", json={"status": "accepted"}, status=403)

    def test_has_attendees_of_its_own(self, user: ApiClient, make: Factory) -> None:
        guest = make.client()
        weekly(user)
        one = occurrence(user, 1)

        user.post(f"{path(one)}/attendees", json={"attendeeIds": [guest.user_id]}, status=200)

        assert days(guest) == ["2030-05-13"]
        assert guest.get(path(one))["id"] == one["id"]
        guest.put(f"{path(one)}/respond", json={"status": "accepted"})
        guest.put(path(one), json={"title": "Mine"}, status=403)
        guest.delete(f"{path(one)}/attendees/{guest.user_id}")
        assert days(guest) == []


class TestThisAndFollowing:
    def test_become_a_series_of_their_own(self, user: ApiClient, admin: ApiClient) -> None:
        series = weekly(user, attendeeIds=[admin.user_id], reminders=[5])
        admin.put(f"{path(series)}/respond", json={"status": "accepted"})
        last = occurrence(user, 3)
        user.put(path(last), json={"location": "Outside"})

        body = {"title": "New", "start": "2030-05-20T12:00:00Z", "end": "2030-05-20T14:00:00Z"}
        changed = user.put(f"{path(occurrence(user, 2))}?scope=following", json=body)

        assert changed["id"] not in {series["id"], last["id"]}
        assert (changed["start"], changed["recurrence"]["rule"]) == (body["start"], WEEKLY["rule"])
        assert answers(changed) == {admin.user_id: "accepted"}
        assert changed["reminders"] == [5]
        assert times(user) == ["05-06T09:00", "05-13T09:00", "05-20T12:00", "05-27T12:00"]
        found = listed(user)
        assert [each["title"] for each in found] == ["Review", "Review", "New", "New"]
        assert [each["location"] for each in found] == [None, None, None, "Outside"]
        rule = user.get(path(series))["recurrence"]["rule"]
        assert rule == "FREQ=WEEKLY;UNTIL=20300520T085959Z;BYDAY=MO"

    def test_share_a_number_of_occurrences(self, user: ApiClient) -> None:
        recurrence = {"rule": "FREQ=DAILY;COUNT=5", "exdates": ["2030-05-07T09:00:00Z"]}
        series = plan(user, recurrence=recurrence)
        changed = user.put(f"{path(occurrence(user, 2))}?scope=following", json={"title": "New"})

        assert changed["recurrence"]["rule"] == "FREQ=DAILY;COUNT=2"
        assert user.get(path(series))["recurrence"]["rule"] == "FREQ=DAILY;UNTIL=20300509T085959Z"
        assert days(user) == ["2030-05-06", "2030-05-08", "2030-05-09", "2030-05-10"]

    def test_take_back_what_was_read(self, user: ApiClient) -> None:
        """The rule that an occurrence shows has the number of all of them."""
        plan(user, recurrence={"rule": "FREQ=DAILY;COUNT=5"})
        one = occurrence(user, 2)

        changed = user.put(f"{path(one)}?scope=following", json=one | {"title": "New"})

        assert changed["recurrence"]["rule"] == "FREQ=DAILY;COUNT=3"
        assert len(days(user)) == 5

    def test_are_deleted(self, user: ApiClient) -> None:
        weekly(user)
        user.put(path(occurrence(user, 3)), json={"title": "Changed"})

        user.delete(f"{path(occurrence(user, 2))}?scope=following")

        assert days(user) == MONDAYS[:2]

    def test_are_all_from_the_first_on(self, user: ApiClient) -> None:
        series = weekly(user)
        first = occurrence(user, 0)

        changed = user.put(f"{path(first)}?scope=following", json={"title": "New"})

        assert changed["id"] == series["id"]
        user.delete(f"{path(first)}?scope=following")
        user.get(path(series), status=404)


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


class TestDates:
    def test_further_ones_belong_to_the_series(self, user: ApiClient) -> None:
        plan(user, recurrence={"rdates": [TEN, "2030-05-08T09:00:00Z"]})

        assert times(user) == ["05-06T09:00", "05-06T10:00", "05-08T09:00"]


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


class TestPreconditions:
    def test_are_those_of_what_is_changed(self, user: ApiClient) -> None:
        weekly(user)
        one, other = occurrence(user, 1), occurrence(user, 2)
        etags = []
        for shown in (one, other):
            user.get(path(shown))
            etags.append({"If-Match": user.last.headers["ETag"]})

        user.put(path(one), json={"title": "New"}, headers=etags[0])
        user.put(path(one), json={"title": "Newer"}, headers=etags[0], status=412)
        user.delete(path(one), headers=etags[0], status=412)
        user.put(path(other), json={"title": "New"}, headers=etags[1])


REFUSED = (
    "FREQ=SECONDLY",
    "FREQ=MINUTELY",
    "FREQ=HOURLY;COUNT=5",
    "FREQ=DAILY;COUNT=1000000000",
    "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=99999999999",
    "FREQ=DAILY;COUNT=5;UNTIL=20300601",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30,31;BYSETPOS=" + ",".join(map(str, range(1, 11))),
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=10",
    "FREQ=YEARLY;BYDAY=" + ",".join(f"{n}MO" for n in range(1, 41)),
    "FREQ=YEARLY;BYWEEKNO=1;BYMONTH=7",
    "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYYEARDAY=" + ",".join(["366"] * 200),
    "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,10,20,30,40,50",
    "FREQ=DAILY;BYMONTH=13",
    "FREQ=WEEKLY;BYDAY=1MO",
    "FREQ=WEEKLY;BYMONTHDAY=1",
    "FREQ=DAILY;BYSETPOS=1",
    "FREQ=WEEKLY;BYDAY=TU",  # the event starts on a Monday
    "FREQ=DAILY;FREQ=DAILY",
    "FREQ=DAILY;UNTIL=20301301",
    "FREQ=DAILY;X=1",
    "FREQ=DAILY;BYDAY=",
    "INTERVAL=2",
    "\u0660",
    "FREQ=DAILY;" * 40,
    "",
)


def test_hostile_rules_are_refused_at_once(user: ApiClient) -> None:
    slow, wrong = {}, {}
    for rule in REFUSED:
        began = time.process_time()
        body = {"title": "Review", "start": NINE, "recurrence": {"rule": rule}}
        response = user.open("POST", EVENTS, json=body)
        if (took := time.process_time() - began) > 0.2:
            slow[rule] = took
        named = response.get_json().get("error", {}).get("details", [{}])[0].get("field")
        if response.status_code != 400 or named != "recurrence.rule":
            wrong[rule] = response.text

    assert (wrong, slow) == ({}, {})


@pytest.mark.database("sqlite")
@each("sent", [[NINE] * 501, ["yesterday"], [None]])
def test_bad_dates_are_refused(user: ApiClient, sent: list[str]) -> None:
    body = {"title": "Review", "start": NINE, "recurrence": WEEKLY | {"exdates": sent}}

    error = user.post(EVENTS, json=body, status=400)

    assert fields(error)[0].startswith("recurrence.exdates")
