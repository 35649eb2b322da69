"""Events that repeat: their rules, and their occurrences in lists."""

import datetime as dt
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.calendar.models import Event, EventOccurrence
from tests.api_client import ApiClient
from tests.cpu import cpu_of
from tests.each import each
from tests.factories import Factory

from .series_steps import MAY, MONDAYS, WEEKLY, days, listed, moved_to, occurrence, times, weekly
from .steps import EVENTS, NINE, TEN, fields, path, plan, team_of


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


class TestDates:
    def test_further_ones_belong_to_the_series(self, user: ApiClient) -> None:
        plan(user, recurrence={"rdates": [TEN, "2030-05-08T09:00:00Z"]})

        assert times(user) == ["05-06T09:00", "05-06T10:00", "05-08T09:00"]


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
        body = {"title": "Review", "start": NINE, "recurrence": {"rule": rule}}
        response, took = cpu_of(partial(user.open, "POST", EVENTS, json=body), enough=0.2)
        if took >= 0.2:
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
