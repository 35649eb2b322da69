"""All-day events: they have dates, and lie on the same days in every time zone."""

import datetime as dt
import zoneinfo
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory

from .steps import EVENTS, NINE, TEN, fields, path, plan, titles, told
from .test_reminders import in_minutes, remind

ZONES = sorted(zoneinfo.available_timezones())
DAY = dt.timedelta(days=1)
FRIDAY, SATURDAY, SUNDAY = "2030-05-10", "2030-05-11", "2030-05-12"


def days(event: dict[str, Any]) -> tuple[str | None, str | None]:
    return event["startDate"], event["endDate"]


def all_day(client: ApiClient, start: str = SATURDAY, end: str | None = None, **more: Any) -> Any:
    return plan(client, start=start, allDay=True, **({"end": end} if end else {}), **more)


def found(client: ApiClient, start: str, end: str, **more: str) -> list[str]:
    page = client.get(EVENTS, query_string={"start": start, "end": end, **more})
    assert page["total"] == len(page["items"])
    return [event["title"] for event in page["items"]]


class TestDates:
    @pytest.mark.parametrize(
        ("start", "end", "last"),
        [
            (SATURDAY, None, SATURDAY),
            (SATURDAY, SATURDAY, SATURDAY),
            (SATURDAY, SUNDAY, SUNDAY),
            (f"{SATURDAY}T15:30:00Z", f"{SATURDAY}T09:00:00Z", SATURDAY),  # times of one day
            (f"{SATURDAY}T00:00:00", f"{SUNDAY}T23:59:59.999", SUNDAY),
            (f"{SATURDAY}T00:00:00+14:00", f"{SUNDAY}T00:00:00-12:00", SUNDAY),
            (f"{SATURDAY}T23:59:59-12:00", f"{SATURDAY}T00:00:00+14:00", SATURDAY),
        ],
    )
    def test_are_those_that_are_written(
        self, user: ApiClient, start: str, end: str | None, last: str
    ) -> None:
        event = all_day(user, start, end)

        assert event["allDay"] is True
        assert days(event) == (SATURDAY, last)
        assert (event["start"], event["end"]) == (f"{SATURDAY}T00:00:00Z", f"{last}T00:00:00Z")
        assert user.get(path(event)) == event == user.get(EVENTS)["items"][0]

    def test_are_known_by_their_own_names(self, user: ApiClient) -> None:
        dates = {"startDate": SATURDAY, "endDate": SUNDAY}
        event = user.post(EVENTS, json={"title": "Trip", "isAllDay": True} | dates)

        assert days(event) == (SATURDAY, SUNDAY)

    def test_stay_when_what_was_read_is_sent_back(self, user: ApiClient) -> None:
        for last in (SATURDAY, SUNDAY):
            event = all_day(user, end=last)
            assert user.put(path(event), json=event) == event

    def test_are_none_of_a_timed_event(self, user: ApiClient) -> None:
        assert days(plan(user)) == (None, None)

    def test_are_at_most_366(self, user: ApiClient) -> None:
        longest = all_day(user, "2030-01-01", "2031-01-01")
        error = user.put(path(longest), json={"end": "2031-01-02"}, status=400)

        assert fields(error) == ["end"]
        assert days(user.get(path(longest))) == ("2030-01-01", "2031-01-01")

    @pytest.mark.database("sqlite")
    @each(
        ("sent", "field"),
        [
            ({"end": FRIDAY}, "end"),
            ({"end": f"{FRIDAY}T23:59:59-12:00"}, "end"),
            ({"start": "2030-02-30"}, "start"),
            ({"start": "1899-12-31"}, "start"),
            ({"end": "9000-01-02"}, "end"),
        ],
    )
    def test_refuse_bad_input(self, user: ApiClient, sent: dict[str, str], field: str) -> None:
        body = {"title": "Trip", "allDay": True, "start": SATURDAY} | sent

        assert fields(user.post(EVENTS, json=body, status=400)) == [field]


class TestChange:
    @pytest.mark.parametrize(
        ("sent", "expected"),
        [
            ({"title": "Other"}, (SATURDAY, SUNDAY)),
            ({"end": "2030-05-13T09:00:00+02:00"}, (SATURDAY, "2030-05-13")),
            ({"start": f"{FRIDAY}T23:00:00-05:00"}, (FRIDAY, SUNDAY)),
            ({"start": SUNDAY, "end": SUNDAY}, (SUNDAY, SUNDAY)),
            ({"allDay": True, "start": FRIDAY}, (FRIDAY, SUNDAY)),
        ],
    )
    def test_of_dates_is_by_day(
        self, user: ApiClient, sent: dict[str, Any], expected: tuple[str, str]
    ) -> None:
        event = all_day(user, end=SUNDAY)

        assert days(user.patch(path(event), json=sent)) == expected

    def test_of_the_last_day_before_the_first_is_refused(self, user: ApiClient) -> None:
        event = all_day(user)

        for sent in ({"end": FRIDAY}, {"start": SUNDAY}):
            assert fields(user.put(path(event), json=sent, status=400)) == ["end"]

    @pytest.mark.parametrize(
        ("sent", "expected"),
        [
            ({"start": FRIDAY}, (FRIDAY, SATURDAY)),  # two days, as before
            ({"start": f"{SUNDAY}T18:00:00+09:00"}, (SUNDAY, "2030-05-13")),
            ({"start": FRIDAY, "end": f"{SUNDAY}T00:00:00Z"}, (FRIDAY, SUNDAY)),
            ({"startDate": FRIDAY, "endDate": FRIDAY}, (FRIDAY, FRIDAY)),
        ],
    )
    def test_to_other_days(
        self, user: ApiClient, sent: dict[str, str], expected: tuple[str, str]
    ) -> None:
        event = all_day(user, end=SUNDAY)

        assert days(user.patch(f"{path(event)}/reschedule", json=sent)) == expected

    @pytest.mark.parametrize(
        ("start", "end", "sent", "expected"),
        [
            (NINE, TEN, {}, ("2030-05-06", "2030-05-06")),
            (NINE, "2030-05-07T00:00:00Z", {}, ("2030-05-06", "2030-05-06")),
            (NINE, "2030-05-07T00:00:01Z", {}, ("2030-05-06", "2030-05-07")),
            ("2030-05-07T00:00:00Z", "2030-05-07T00:00:00Z", {}, ("2030-05-07", "2030-05-07")),
            (NINE, TEN, {"start": SATURDAY}, (SATURDAY, SATURDAY)),
            (NINE, TEN, {"end": SATURDAY}, ("2030-05-06", SATURDAY)),
            (NINE, TEN, {"start": SATURDAY, "end": SUNDAY}, (SATURDAY, SUNDAY)),
        ],
    )
    def test_of_a_timed_event_into_an_all_day_event(
        self, user: ApiClient, start: str, end: str, sent: dict[str, str], expected: tuple[str, str]
    ) -> None:
        event = plan(user, start=start, end=end)

        assert days(user.put(path(event), json={"allDay": True} | sent)) == expected

    @pytest.mark.parametrize(
        ("sent", "start", "end"),
        [
            ({}, f"{SATURDAY}T00:00:00Z", "2030-05-13T00:00:00Z"),
            ({"start": NINE}, NINE, TEN),
            ({"start": NINE, "end": NINE}, NINE, NINE),
            ({"end": f"{SATURDAY}T12:00:00Z"}, f"{SATURDAY}T00:00:00Z", f"{SATURDAY}T12:00:00Z"),
        ],
    )
    def test_of_an_all_day_event_into_a_timed_event(
        self, user: ApiClient, sent: dict[str, str], start: str, end: str
    ) -> None:
        event = all_day(user, end=SUNDAY)

        changed = user.put(path(event), json={"allDay": False} | sent)

        assert (changed["start"], changed["end"], *days(changed)) == (start, end, None, None)

    def test_is_a_change_to_its_people_and_its_etag(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:
        """Even if the moments stay that it is stored with."""
        event = all_day(user, attendeeIds=[admin.user_id])
        read = user.open("GET", path(event)).headers["ETag"]
        moment = event["start"]

        sent = {"allDay": False, "start": moment, "end": moment}
        user.put(path(event), json=sent, headers={"If-Match": read})
        user.put(path(event), json={"allDay": True}, headers={"If-Match": read}, status=412)

        assert told(app, admin.user_id) == ["You are invited to an event", "An event was moved"]


class TestRange:
    """An event on Saturday and Sunday."""

    @pytest.fixture(autouse=True, params=["user", "admin"])
    def client(self, make: Factory, request: pytest.FixtureRequest) -> ApiClient:
        """Who sees their own, and who sees all."""
        self.user = make.client(request.param)
        all_day(self.user, SATURDAY, SUNDAY)
        return self.user

    @each(
        ("zone", "offset"),
        [
            ("UTC", "+00:00"),
            ("Europe/Berlin", "+02:00"),
            ("America/Los_Angeles", "-07:00"),
            ("Pacific/Kiritimati", "+14:00"),
            ("Etc/GMT+12", "-12:00"),
            ("asia/kathmandu", "+05:45"),
        ],
    )
    def test_that_touches_is_told_by_its_dates(self, zone: str, offset: str) -> None:
        for day in range(8, 16):
            is_on = ["Review"] * (day in {11, 12})
            start, end = f"2030-05-{day:02}", f"2030-05-{day + 1:02}"
            midnights = [f"{date}T00:00:00{offset}" for date in (start, end)]
            in_utc = [dt.datetime.fromisoformat(m).astimezone(dt.UTC) for m in midnights]

            assert found(self.user, start, end, tz=zone) == is_on
            assert found(self.user, *midnights, tz=zone) == is_on
            assert found(self.user, *(m.isoformat() for m in in_utc), tz=zone) == is_on
            assert found(self.user, *midnights) == is_on  # the dates that are written

    @each(
        ("start", "end", "is_on"),
        [
            ("2030-05-10T23:59:59", "2030-05-11T00:00:00", False),
            ("2030-05-10T23:59:59", "2030-05-11T00:00:01", True),
            ("2030-05-12T23:59:59", "2030-05-14T00:00:00", True),
            ("2030-05-13T00:00:00", "2030-05-14T00:00:00", False),
            ("2030-05-11T12:00:00", "2030-05-11T12:00:01", True),
            (SATURDAY, SATURDAY, True),  # one date
            (FRIDAY, FRIDAY, False),
        ],
    )
    def test_of_part_of_a_day(self, start: str, end: str, is_on: bool) -> None:
        for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
            assert found(self.user, start, end, tz=zone) == ["Review"] * is_on, zone

    def test_without_a_zone_is_that_of_utc(self) -> None:
        assert found(self.user, SUNDAY, "2030-05-13") == ["Review"]
        assert found(self.user, f"{FRIDAY}T22:00:00Z", f"{SATURDAY}T00:00:00Z") == []

    def test_in_an_hour_that_comes_twice(self, make: Factory) -> None:
        """In Havana the clocks go back from one to midnight: the day begins twice."""
        all_day(self.user, "2030-11-03", title="Sunday")
        first, second = "2030-11-03T04:00:00Z", "2030-11-03T05:00:00Z"

        assert found(self.user, "2030-11-03T03:00:00Z", first, tz="America/Havana") == []
        assert found(self.user, first, second, tz="America/Havana") == ["Sunday"]

    def test_may_be_open(self) -> None:
        for query, is_on in (
            (f"start={SUNDAY}", True),
            ("start=2030-05-13", False),
            (f"end={SUNDAY}", True),
            (f"end={SATURDAY}", False),
            ("start=0001-01-01", True),
            ("end=0001-01-01", False),
            ("start=9999-12-31", False),
            ("end=9999-12-31", True),
        ):
            for zone in ("Asia/Tokyo", "America/New_York", "UTC"):
                assert titles(self.user, f"{query}&tz={zone}") == ["Review"] * is_on, (query, zone)


class TestTimedEventsInARangeWithAZone:
    def test_are_found_by_the_moments_of_its_days(self, user: ApiClient) -> None:
        """Of a day of 23 hours in Berlin."""
        for moment in ("2030-03-30T23:00:00Z", "2030-03-31T21:59:00Z"):
            plan(user, "In", start=moment, end=moment)
        for moment in ("2030-03-30T22:59:00Z", "2030-03-31T22:00:00Z"):
            plan(user, "Out", start=moment, end=moment)

        for start, end in (
            ("2030-03-31", "2030-04-01"),
            ("2030-03-30T23:00:00Z", "2030-03-31T22:00:00Z"),
        ):
            assert found(user, start, end, tz="Europe/Berlin") == ["In", "In"]

    def test_are_refused_for_a_bad_zone_or_range(self, user: ApiClient) -> None:
        for query, field in (
            ("tz=Mars/Base", "tz"),
            (f"start={SATURDAY}&end={SUNDAY}&tz=%2B02:00", "tz"),
            (f"start={SUNDAY}&end={SATURDAY}&tz=Asia/Tokyo", "end"),
        ):
            assert fields(user.get(f"{EVENTS}?{query}", status=400)) == [field]

    def test_that_ends_before_it_begins_in_its_zone_is_refused(self, user: ApiClient) -> None:
        query = f"start={SATURDAY}&end={FRIDAY}T20:00:00Z&tz="  # from which noon is it over

        assert fields(user.get(f"{EVENTS}?{query}Europe/Berlin", status=400)) == ["end"]
        user.get(f"{EVENTS}?{query}Pacific/Kiritimati")


@given(
    st.sampled_from(ZONES),
    st.dates(dt.date(1970, 1, 1), dt.date(2037, 1, 1)),
    st.integers(0, 365),
    st.booleans(),
)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_an_all_day_event_is_on_exactly_its_days_in_any_zone(
    user: ApiClient, zone: str, first: dt.date, more: int, by_moments: bool
) -> None:
    last = first + more * DAY
    event = all_day(user, first.isoformat(), last.isoformat())
    for day in (first - DAY, first, last, last + DAY):
        dates = [dt.datetime.combine(date, dt.time()) for date in (day, day + DAY)]
        moments = [d.replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC) for d in dates]
        exists = moments[0] < moments[1]  # a zone that moved over the date line lost a day
        sent = moments if by_moments and exists else dates

        titles = found(user, *(each.isoformat() for each in sent), tz=zone)

        assert titles == ["Review"] * (first <= day <= last), day
    user.delete(path(event))


class TestToday:
    """At half past eleven in the evening of 28 March 2026, UTC: the 29th already in Berlin."""

    @pytest.mark.parametrize(
        ("zone", "expected"),
        [
            ("", ["28th"]),
            ("UTC", ["28th"]),
            ("Europe/Berlin", ["29th"]),  # a day of 23 hours
            ("America/New_York", ["28th"]),
            ("Etc/GMT+12", ["28th"]),
            ("Pacific/Kiritimati", ["29th"]),
        ],
    )
    def test_has_the_events_of_its_date(
        self, make: Factory, zone: str, expected: list[str]
    ) -> None:
        with time_machine.travel(dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC), tick=False):
            user = make.client()
            for day in (27, 28, 29, 30):
                all_day(user, f"2026-03-{day}", title=f"{day}th")

            today = user.get("/api/dashboard/calendar", query_string={"tz": zone})

            assert [event["title"] for event in today] == expected

    def test_shows_all_day_events_first(self, make: Factory) -> None:
        with time_machine.travel(dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC), tick=False):
            user = make.client()
            plan(user, "Early", start="2026-03-28T16:00:00Z")
            all_day(user, "2026-03-29", title="All day")

            today = user.get("/api/dashboard/calendar", query_string={"tz": "Asia/Tokyo"})

            assert [event["title"] for event in today] == ["All day", "Early"]


class TestTexts:
    @pytest.mark.parametrize(
        ("length", "more"),
        [(0, ""), (2, " to {last}")],
    )
    def test_name_dates_and_no_time(
        self, app: Flask, user: ApiClient, admin: ApiClient, length: int, more: str
    ) -> None:
        tomorrow = in_minutes(24 * 60)[:10]
        last = (dt.date.fromisoformat(tomorrow) + length * DAY).isoformat()
        when = tomorrow + more.format(last=last)
        event = all_day(
            user, tomorrow, last, reminders=[1440], attendeeIds=[admin.user_id], location="Room 1"
        )
        assert remind(app) == "Sent 1 reminders\n"
        user.delete(path(event))

        name = user.get("/api/users/me")["name"]
        texts = [each["content"] for each in admin.get("/api/notifications")["items"]]
        assert texts == [
            f"{name} cancelled “Review”, {when}.",
            f"All day {when}, Room 1",
            f"{name} invited you to “Review”, {when}.",
        ]

    def test_a_day_that_is_not_over_everywhere_can_be_cancelled(
        self, app: Flask, make: Factory
    ) -> None:
        with time_machine.travel(dt.datetime(2030, 5, 12, 11, 59, tzinfo=dt.UTC), tick=False):
            user, friend = make.client(), make.client()
            for day in (FRIDAY, SATURDAY):
                user.delete(path(all_day(user, day, attendeeIds=[friend.user_id])))

            assert told(app, friend.user_id).count("An event was cancelled") == 1
