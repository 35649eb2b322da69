"""The list of events: whose they are, which range, what narrows it, its order."""

import time
from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.roles.holders import client_holding

from .steps import EVENTS, fields, plan, team_of, titles


def ranged(start: str, end: str) -> str:
    return f"start={start}&end={end}".replace("+", "%2B")


class TestScope:
    def test_is_what_one_owns_attends_or_shares_a_team_with(
        self, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        friend = make.client()
        plan(user, "Mine")
        plan(friend, "Attended", attendeeIds=[user.user_id])
        plan(admin, "Of my team", teamIds=[team_of(admin, user)])
        plan(friend, "Not mine")

        assert sorted(titles(user)) == ["Attended", "Mine", "Of my team"]

    def test_is_each_event_once(self, user: ApiClient, admin: ApiClient) -> None:
        plan(admin, attendeeIds=[user.user_id], teamIds=[team_of(admin, user), team_of(admin)])

        page = user.get(EVENTS)

        assert (len(page["items"]), page["total"]) == (1, 1)

    def test_is_kept_by_who_declined(self, user: ApiClient, admin: ApiClient) -> None:
        event = plan(admin, attendeeIds=[user.user_id])
        user.put(f"{EVENTS}/{event['id']}/respond", json={"status": "declined"})

        assert titles(user) == ["Review"]

    @pytest.mark.parametrize("permission", ["calendar:manage", "calendar:*", "*"])
    def test_is_everything_with_manage(
        self, user: ApiClient, make: Factory, permission: str
    ) -> None:
        plan(user)

        assert titles(client_holding(make, "calendar:view", permission)) == ["Review"]

    def test_ends_with_the_membership_of_a_team(self, user: ApiClient, admin: ApiClient) -> None:
        team_id = team_of(admin, user)
        plan(admin, teamIds=[team_id])

        admin.delete(f"/api/teams/{team_id}/members/{user.user_id}")

        assert titles(user) == []


class TestShape:
    def test_has_the_attendees_of_each_event(
        self, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        people = [make.user(name=name).id for name in ("Zoë 🦊", 'O"Neil', "Ann")]
        plan(user, "Alone")
        plan(user, "Together", attendeeIds=people)

        alone, together = user.get(f"{EVENTS}?sortBy=title")["items"]

        assert alone["attendees"] == []
        assert [(each["id"], each["name"]) for each in together["attendees"]] == [
            *zip(people, ("Zoë 🦊", 'O"Neil', "Ann"), strict=True)
        ]

    def test_is_that_of_one_event(self, user: ApiClient, admin: ApiClient) -> None:
        event = plan(admin, attendeeIds=[user.user_id], teamIds=[team_of(admin)], reminders=[5, 0])

        [listed] = user.get(EVENTS)["items"]

        assert listed == event == user.get(f"{EVENTS}/{event['id']}")


class TestRange:
    """An event lasts from nine to ten; which ranges find it."""

    @pytest.mark.parametrize(
        ("start", "end", "found"),
        [
            ("09:00", "10:00", True),
            ("09:15", "09:45", True),
            ("08:00", "11:00", True),
            ("08:00", "09:30", True),
            ("09:30", "11:00", True),
            ("08:00", "09:00", False),  # its first moment is no part of the range
            ("08:00", "09:01", True),
            ("10:00", "11:00", False),  # it is over then
            ("09:59", "11:00", True),
        ],
    )
    def test_finds_what_overlaps(self, user: ApiClient, start: str, end: str, found: bool) -> None:
        plan(user, start="2030-05-06T09:00:00Z", end="2030-05-06T10:00:00Z")

        query = ranged(f"2030-05-06T{start}:00Z", f"2030-05-06T{end}:00Z")

        assert titles(user, query) == ["Review"] * found

    @pytest.mark.parametrize(
        ("start", "end", "found"),
        [
            ("09:00", "10:00", True),  # a range begins with its first moment
            ("08:00", "09:00", False),
            ("08:00", "09:01", True),
            ("09:01", "10:00", False),
        ],
    )
    def test_finds_a_moment(self, user: ApiClient, start: str, end: str, found: bool) -> None:
        plan(user, start="2030-05-06T09:00:00Z", end="2030-05-06T09:00:00Z")

        query = ranged(f"2030-05-06T{start}:00Z", f"2030-05-06T{end}:00Z")

        assert titles(user, query) == ["Review"] * found

    @pytest.mark.parametrize("role", ["user", "admin"])  # who sees their own, and who sees all
    def test_finds_the_longest_event_on_each_of_its_days(self, make: Factory, role: str) -> None:
        user = make.client(role)
        plan(user, start="2030-01-01", end="2031-01-02")  # 366 days

        for day, next_day, found in [
            ("2029-12-31", "2030-01-01", False),
            ("2030-01-01", "2030-01-02", True),
            ("2030-07-01", "2030-07-02", True),
            ("2031-01-01", "2031-01-02", True),
            ("2031-01-02", "2031-01-03", False),
        ]:
            assert titles(user, ranged(day, next_day)) == ["Review"] * found, day

    def test_may_be_open(self, user: ApiClient) -> None:
        for day in (1, 2, 3):
            plan(user, f"Day {day}", start=f"2030-05-0{day}T09:00:00Z")

        assert titles(user, "start=2030-05-02") == ["Day 2", "Day 3"]
        assert titles(user, "end=2030-05-02") == ["Day 1"]
        assert titles(user, "start=0001-01-01") == ["Day 1", "Day 2", "Day 3"]
        assert titles(user, "start=9999-12-31") == []

    @pytest.mark.parametrize("names", ["startDate endDate", "startAt endAt", "startTime endTime"])
    def test_has_other_names(self, user: ApiClient, names: str) -> None:
        plan(user, "Day 1", start="2030-05-01T09:00:00Z")
        plan(user, "Day 2", start="2030-05-02T09:00:00Z")
        first, second = names.split()

        assert titles(user, f"{first}=2030-05-02&{second}=2030-05-03") == ["Day 2"]

    def test_is_refused_when_it_ends_before_it_begins(self, user: ApiClient) -> None:
        error = user.get(f"{EVENTS}?start=2030-05-02&end=2030-05-01", status=400)

        assert fields(error) == ["end"]

    @pytest.mark.database("sqlite")
    @each("query", ["start=tomorrow", "end=5", "start=2030-02-30"])
    def test_is_refused_when_it_is_none(self, user: ApiClient, query: str) -> None:
        assert fields(user.get(f"{EVENTS}?{query}", status=400)) == [query.partition("=")[0]]

    def test_does_the_same_for_who_sees_everything(self, user: ApiClient, admin: ApiClient) -> None:
        plan(user, start="2030-01-01", end="2031-01-02")
        plan(user, start="2030-05-06T09:00:00Z")

        assert len(titles(admin, ranged("2030-05-06T09:30:00Z", "2030-05-07"))) == 2
        assert len(titles(admin, ranged("2030-05-06T10:00:00Z", "2030-05-07"))) == 1


class TestZones:
    """A day in Berlin at both changes of the clocks in 2030: 31 March and 27 October."""

    @pytest.mark.parametrize(
        ("start", "end", "inside", "outside"),
        [
            (  # 23 hours
                "2030-03-31T00:00:00+01:00",
                "2030-04-01T00:00:00+02:00",
                ("2030-03-30T23:00:00Z", "2030-03-31T01:00:00Z", "2030-03-31T21:59:00Z"),
                ("2030-03-30T22:59:00Z", "2030-03-31T22:00:00Z"),
            ),
            (  # 25 hours
                "2030-10-27T00:00:00+02:00",
                "2030-10-28T00:00:00+01:00",
                ("2030-10-26T22:00:00Z", "2030-10-27T00:30:00Z", "2030-10-27T22:59:00Z"),
                ("2030-10-26T21:59:00Z", "2030-10-27T23:00:00Z"),
            ),
        ],
    )
    def test_a_day_is_as_long_as_it_is(
        self, user: ApiClient, start: str, end: str, inside: Any, outside: Any
    ) -> None:
        for moment in (*inside, *outside):
            plan(user, moment, start=moment, end=moment)

        assert titles(user, ranged(start, end)) == list(inside)

    def test_the_hour_that_comes_twice_is_two(self, user: ApiClient) -> None:
        first = plan(user, "Summer", start="2030-10-27T02:30:00+02:00")
        second = plan(user, "Winter", start="2030-10-27T02:30:00+01:00")

        assert first["start"] == "2030-10-27T00:30:00Z"
        assert second["start"] == "2030-10-27T01:30:00Z"

    def test_an_event_over_the_change_is_as_long_as_it_lasts(self, user: ApiClient) -> None:
        event = plan(
            user, start="2030-03-31T01:00:00+01:00", end="2030-03-31T04:00:00+02:00"
        )  # the clock shows three hours

        moved = user.patch(
            f"{EVENTS}/{event['id']}/reschedule", json={"start": "2030-06-01T12:00:00+02:00"}
        )

        assert (event["start"], event["end"]) == ("2030-03-31T00:00:00Z", "2030-03-31T02:00:00Z")
        assert (moved["start"], moved["end"]) == ("2030-06-01T10:00:00Z", "2030-06-01T12:00:00Z")


class TestFilters:
    @pytest.fixture(autouse=True)
    def events(self, user: ApiClient) -> None:
        plan(user, "Budget", type="meeting", location="Room 100%")
        plan(user, "Report", type="task", status="done", description="With a needle")
        plan(user, "Plan", type="task", start="2030-06-01")
        plan(user, "Ärger", type="reminder", start="2030-07-01")

    @each(
        ("query", "found"),
        [
            ("type=task", {"Report", "Plan"}),
            ("type=TASK", {"Report", "Plan"}),
            ("type=all", {"Budget", "Report", "Plan", "Ärger"}),
            ("status=done", {"Report"}),
            ("status=pending", {"Plan"}),
            ("type=meeting&status=done", set()),
            ("search=needle", {"Report"}),
            ("search=with a NEED", {"Report"}),
            ("search=needle with", set()),
            ("search=eedle", set()),
            ("search=repo", {"Report"}),
            ("search=epor", {"Report"}),
            ("search=eedle&start=2030-05-01&end=2030-05-31", set()),
            ("search=a need&start=2030-05-01&end=2030-05-31", {"Report"}),
            ("keyword=ROOM", {"Budget"}),
            ("search=100%25", {"Budget"}),
            ("search=%25", {"Budget"}),
            ("search=ärger", {"Ärger"}),
            ("search=r&type=task&start=2030-05-01&end=2030-05-31", {"Report"}),
        ],
    )
    def test_narrow_the_list(self, user: ApiClient, query: str, found: set[str]) -> None:
        assert set(titles(user, query)) == found

    @pytest.mark.parametrize(
        ("query", "field"), [("type=party", "type"), ("status=lost", "status")]
    )
    def test_refuse_what_there_is_not(self, user: ApiClient, query: str, field: str) -> None:
        assert fields(user.get(f"{EVENTS}?{query}", status=400)) == [field]


class TestOrder:
    @pytest.fixture(autouse=True)
    def events(self, user: ApiClient) -> None:
        for title, day in (("B", 3), ("A", 1), ("C", 2)):
            plan(user, title, start=f"2030-05-0{day}")
            time.sleep(0.001)

    @each(
        ("query", "found"),
        [
            ("", "ACB"),
            ("sortOrder=desc", "BCA"),
            ("sortBy=title", "ABC"),
            ("sortBy=createdAt&sortOrder=desc", "CAB"),
            ("pageSize=1&page=2", "C"),
            ("pageSize=2&page=9", ""),
        ],
    )
    def test_is_that_of_the_start_unless_said(
        self, user: ApiClient, query: str, found: str
    ) -> None:
        assert "".join(titles(user, query)) == found

    @pytest.mark.database("sqlite")
    @each("query", ["sortBy=location", "pageSize=101", "page=0", "sortOrder=x"])
    def test_is_refused_otherwise(self, user: ApiClient, query: str) -> None:
        assert fields(user.get(f"{EVENTS}?{query}", status=400)) == [query.partition("=")[0]]
