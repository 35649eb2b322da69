"""Free/busy: when people have no time, and who may know."""

from typing import Any

from tests.api_client import ApiClient
from tests.factories import Factory

from .steps import fields, path, plan, team_of

DAY = {"start": "2030-05-06", "end": "2030-05-07"}


def busy(client: ApiClient, *people: ApiClient, **query: str) -> list[list[str]]:
    """The busy times of each of these people, as `09:00-10:00`."""
    ids = {"userIds": ",".join(str(each.user_id) for each in people)} if people else {}
    found = client.get("/api/calendar/free-busy", query_string=DAY | ids | query)
    return [[f"{b['start'][11:16]}-{b['end'][11:16]}" for b in each["busy"]] for each in found]


def at(client: ApiClient, first: str, last: str, **fields: Any) -> dict[str, Any]:
    start, end = f"2030-05-06T{first}:00Z", f"2030-05-06T{last}:00Z"
    return plan(client, start=start, end=end, **fields)


def test_is_of_events_and_occurrences_that_one_owns_or_attends(
    user: ApiClient, admin: ApiClient
) -> None:
    at(user, "09:00", "10:00")
    at(user, "09:30", "11:00")  # as one
    at(user, "11:00", "11:30", type="task")
    at(user, "15:00", "16:00", type="reminder")
    attended = at(admin, "12:00", "13:00", attendeeIds=[user.user_id])
    declined = at(admin, "14:00", "15:00", attendeeIds=[user.user_id])
    user.put(f"{path(declined)}/respond", json={"status": "declined"})
    plan(
        user,
        start="2030-05-05T22:00:00Z",
        end="2030-05-06T01:00:00Z",
        recurrence={"rule": "FREQ=DAILY"},
    )

    assert busy(user) == [["00:00-01:00", "09:00-11:30", "12:00-13:00", "22:00-00:00"]]
    user.put(f"{path(attended)}/respond", json={"status": "declined"})
    assert busy(user, start="2030-05-06T10:00", end="2030-05-06T12:30") == [["10:00-11:30"]]


def test_of_all_day_events_is_their_days_in_the_zone(user: ApiClient) -> None:
    plan(user, start="2030-05-06", allDay=True)

    assert busy(user) == [["00:00-00:00"]]
    assert busy(user, tz="Europe/Berlin") == [["22:00-22:00"]]
    assert busy(user, start="2030-05-07", end="2030-05-08") == [[]]


def test_says_nothing_but_times(user: ApiClient, admin: ApiClient, make: Factory) -> None:
    mate = make.client()
    team_of(admin, user, mate)
    at(mate, "09:00", "10:00", title="Secret", location="Secret")

    assert busy(user, mate, user) == [["09:00-10:00"], []]
    assert "Secret" not in user.last.text
    assert str(mate.user_id) in user.last.text


def test_is_of_those_one_shares_a_team_with(
    user: ApiClient, admin: ApiClient, make: Factory
) -> None:
    stranger = make.client()
    at(stranger, "09:00", "10:00")

    assert busy(admin, stranger) == [["09:00-10:00"]]
    for ids in (str(stranger.user_id), "999999"):
        query = DAY | {"userIds": f"{user.user_id},{ids}"}
        error = user.get("/api/calendar/free-busy", query_string=query, status=400)
        assert fields(error) == ["userIds"]
        assert error["message"].replace(ids, "") == (
            "These users do not exist, or you share no team with them: ."
        )


def test_refuses_bad_input(user: ApiClient) -> None:
    for query, field in (
        ({"userIds": "x"}, "userIds"),
        ({"userIds": ",".join(map(str, range(1, 22)))}, "userIds"),
        ({"userIds": "1,,2"}, "userIds"),
        ({"end": "2030-05-05"}, "end"),
        ({"end": "2030-08-01"}, "end"),
        ({"tz": "Nowhere"}, "tz"),
    ):
        error = user.get("/api/calendar/free-busy", query_string=DAY | query, status=400)
        assert fields(error) == [field], query
