"""Events: making, seeing and changing them."""

from typing import Any

import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.roles.holders import client_holding

from .steps import (
    EVENTS,
    MISSING,
    NINE,
    TEN,
    actions,
    answers,
    fields,
    path,
    plan,
    team_of,
    told,
)

SHAPE = [
    *("id", "title", "description", "type", "start", "end", "allDay", "startDate", "endDate"),
    *("location", "color", "status", "owner", "attendees", "teams", "reminders"),
    *("timeZone", "recurrence", "seriesId", "recurrenceId"),
    *("createdAt", "updatedAt"),
]
BAD_INPUT: list[tuple[dict[str, Any], str]] = [
    ({"title": None}, "title"),
    ({"title": " "}, "title"),
    ({"title": "x" * 201}, "title"),
    ({"title": "two\nlines"}, "title"),
    ({"description": "x" * 10_001}, "description"),
    ({"type": "party"}, "type"),
    ({"status": "lost"}, "status"),
    ({"start": "tomorrow"}, "start"),
    ({"start": None}, "start"),
    ({"start": "1899-12-31T23:59:59Z"}, "start"),
    ({"end": "9999-01-01T00:00:00Z"}, "end"),
    ({"end": "2030-05-06T08:59:59Z"}, "end"),
    ({"end": "2030-05-06T10:30:00+02:00"}, "end"),  # before nine in UTC
    ({"end": "2031-05-07T09:00:01Z"}, "end"),  # 366 days and a second
    ({"allDay": "maybe"}, "allDay"),
    ({"location": "x" * 501}, "location"),
    ({"color": "#12345"}, "color"),
    ({"color": "rgb(1,2,3)"}, "color"),
    ({"color": "red;"}, "color"),
    ({"attendeeIds": ["x"]}, "attendeeIds.0"),
    ({"attendeeIds": None}, "attendeeIds"),
    ({"attendeeIds": "1"}, "attendeeIds"),
    ({"attendeeIds": [MISSING]}, "attendeeIds"),
    ({"attendeeIds": list(range(1, 102))}, "attendeeIds"),
    ({"attendees": [{"name": "Ann"}]}, "attendeeIds.0"),
    ({"teamIds": [MISSING]}, "teamIds"),
    ({"teamIds": list(range(1, 22))}, "teamIds"),
    ({"reminders": [-1]}, "reminders.0"),
    ({"reminders": [40_321]}, "reminders.0"),
    ({"reminders": list(range(11))}, "reminders"),
]


class TestCreate:
    def test_makes_an_event(self, app: Flask, user: ApiClient, admin: ApiClient) -> None:
        event = user.post(
            EVENTS,
            json={
                "title": " Review ",
                "description": "Of\nall",
                "type": "Meeting",
                "start": "2030-05-06T11:00:00+02:00",
                "end": "2030-05-06T10:00:00Z",
                "location": "Room 1",
                "color": "#3b82f6",
                "attendeeIds": [admin.user_id],
                "reminders": [30, 5, 30],
            },
        )

        assert list(event) == SHAPE
        assert (event["title"], event["description"]) == ("Review", "Of\nall")
        assert (event["type"], event["status"]) == ("meeting", None)
        assert (event["start"], event["end"], event["allDay"]) == (NINE, TEN, False)
        assert event["owner"]["id"] == user.user_id
        assert answers(event) == {admin.user_id: "pending"}
        assert event["reminders"] == [5, 30]
        assert event["createdAt"] == event["updatedAt"]
        assert actions(app) == ["calendar.create"]

    def test_needs_a_title_and_a_start(self, user: ApiClient) -> None:
        error = user.post(EVENTS, json={}, status=400)

        assert sorted(fields(error)) == ["start", "title"]

    @pytest.mark.parametrize(
        ("sent", "end"),
        [
            ({}, TEN),
            ({"allDay": False}, TEN),
            ({"allDay": True}, "2030-05-06T00:00:00Z"),
            ({"isAllDay": True}, "2030-05-06T00:00:00Z"),
            ({"end": NINE}, NINE),
            ({"end": "2031-05-07T09:00:00Z"}, "2031-05-07T09:00:00Z"),
        ],
    )
    def test_ends_after_an_hour_or_on_the_same_day_unless_said(
        self, user: ApiClient, sent: dict[str, Any], end: str
    ) -> None:
        assert plan(user, **sent)["end"] == end

    @pytest.mark.parametrize("names", ["startAt endAt", "startTime endTime", "startDate endDate"])
    def test_knows_the_times_by_other_names(self, user: ApiClient, names: str) -> None:
        sent = dict(zip(names.split(), (NINE, TEN), strict=True))

        event = user.post(EVENTS, json={"title": "Review"} | sent)

        assert (event["start"], event["end"]) == (NINE, TEN)

    @pytest.mark.parametrize("key", [None, "id", "userId"])
    def test_knows_attendees_in_other_forms(
        self, user: ApiClient, make: Factory, key: str | None
    ) -> None:
        ids = [make.user().id for _ in range(2)]

        event = plan(user, attendees=[{key: i, "status": "accepted"} if key else i for i in ids])

        assert answers(event) == dict.fromkeys(ids, "pending")  # they answer for themselves

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            ({"type": "task"}, "pending"),
            ({"type": "task", "status": None}, "pending"),
            ({"type": "TASK", "status": "In_Progress"}, "in_progress"),
            ({"type": "meeting", "status": "done"}, None),
        ],
    )
    def test_only_a_task_has_a_status(
        self, user: ApiClient, sent: dict[str, Any], status: str | None
    ) -> None:
        assert plan(user, **sent)["status"] == status

    @pytest.mark.database("sqlite")
    @each(("sent", "field"), BAD_INPUT)
    def test_refuses_bad_input(
        self, app: Flask, user: ApiClient, sent: dict[str, Any], field: str
    ) -> None:
        body = {"title": "Review", "start": NINE} | sent

        error = user.post(EVENTS, json=body, status=400)

        assert set(fields(error)) == {field}
        assert user.get(EVENTS)["total"] == 0

    @pytest.mark.parametrize("status", ["INACTIVE", "SUSPENDED"])
    def test_refuses_attendees_who_are_not_active(
        self, user: ApiClient, make: Factory, status: str
    ) -> None:
        sent = {"title": "Review", "start": NINE, "attendeeIds": [make.user(status=status).id]}

        assert fields(user.post(EVENTS, json=sent, status=400)) == ["attendeeIds"]

    def test_shares_with_ones_own_teams_only(self, user: ApiClient, admin: ApiClient) -> None:
        own, other = team_of(admin, user), team_of(admin)

        event = plan(user, teamIds=[own])
        error = user.post(
            EVENTS, json={"title": "Review", "start": NINE, "teamIds": [other]}, status=400
        )

        assert event["teams"] == [{"id": own, "name": "Team"}]
        assert fields(error) == ["teamIds"]

    def test_is_refused_without_the_permission(self, make: Factory) -> None:
        viewer = client_holding(make, "calendar:view")

        viewer.post(EVENTS, json={"title": "Review", "start": NINE}, status=403)

    def test_ignores_what_nobody_may_set(self, user: ApiClient, admin: ApiClient) -> None:
        event = plan(user, ownerId=admin.user_id, owner={"id": admin.user_id}, id=77, version=9)

        assert event["owner"]["id"] == user.user_id
        assert event["id"] != 77


class TestGet:
    def test_is_for_who_owns_attends_or_shares_a_team(
        self, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        attendee, member = make.client(), make.client()
        team = team_of(admin, user, member)
        event = plan(user, attendeeIds=[attendee.user_id], teamIds=[team])

        for client in (user, attendee, member, admin):
            assert client.get(path(event)) == event

    def test_hides_what_is_not_ones_own(self, user: ApiClient, make: Factory) -> None:
        hidden = plan(make.client())

        error = user.get(path(hidden), status=404)
        hidden_text = user.last.text

        user.get(f"{EVENTS}/{MISSING}", status=404)
        assert error["message"] == "Event not found."
        assert user.last.text == hidden_text


class TestUpdate:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_changes_what_is_sent(self, app: Flask, user: ApiClient, method: str) -> None:
        event = plan(user, location="Room 1", reminders=[5])

        changed = user.call(method, path(event), 200, json={"title": "Other", "location": None})

        kept = {k: v for k, v in event.items() if k not in {"title", "location", "updatedAt"}}
        assert changed == changed | kept
        assert (changed["title"], changed["location"]) == ("Other", None)
        assert actions(app) == ["calendar.create", "calendar.update"]

    def test_takes_back_what_was_read(self, user: ApiClient, admin: ApiClient) -> None:
        """Front ends change an object and send it whole."""
        event = plan(
            user,
            type="task",
            attendeeIds=[admin.user_id],
            teamIds=[team_of(admin, user)],
            reminders=[5],
        )
        admin.put(f"{path(event)}/respond", json={"status": "accepted"})
        event = user.get(path(event))

        assert user.put(path(event), json=event) == event

    def test_replaces_attendees_and_keeps_answers(
        self, app: Flask, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        leaving, new = make.client(), make.client()
        event = plan(user, attendeeIds=[admin.user_id, leaving.user_id])
        admin.put(f"{path(event)}/respond", json={"status": "accepted"})

        changed = user.put(path(event), json={"attendeeIds": [admin.user_id, new.user_id]})

        assert answers(changed) == {admin.user_id: "accepted", new.user_id: "pending"}
        leaving.get(path(event), status=404)
        assert told(app, leaving.user_id)[-1] == "You are no longer invited"
        assert told(app, admin.user_id) == told(app, new.user_id) == ["You are invited to an event"]

    def test_keeps_an_attendee_who_is_no_longer_active(
        self, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        gone = make.user()
        event = plan(user, attendeeIds=[gone.id])
        admin.put(f"/api/users/{gone.id}", json={"status": "INACTIVE"})

        changed = user.put(path(event), json={"attendeeIds": [gone.id, admin.user_id]})

        assert sorted(answers(changed)) == sorted([gone.id, admin.user_id])

    def test_the_owner_does_not_attend(self, user: ApiClient, admin: ApiClient) -> None:
        event = plan(user, attendeeIds=[user.user_id, admin.user_id])

        assert list(answers(event)) == [admin.user_id]

    def test_empties_attendees_teams_and_reminders(self, user: ApiClient, admin: ApiClient) -> None:
        team_ids = [team_of(admin, user)]
        event = plan(user, attendeeIds=[admin.user_id], teamIds=team_ids, reminders=[5])

        changed = user.put(path(event), json={"attendeeIds": [], "teamIds": [], "reminders": []})

        assert changed["attendees"] == changed["teams"] == changed["reminders"] == []

    def test_keeps_a_team_that_one_has_left(self, user: ApiClient, admin: ApiClient) -> None:
        team_id = team_of(admin, user)
        event = plan(user, teamIds=[team_id])
        admin.delete(f"/api/teams/{team_id}/members/{user.user_id}")

        changed = user.put(path(event), json={"teamIds": [team_id], "title": "Other"})

        assert [team["id"] for team in changed["teams"]] == [team_id]

    def test_a_task_that_is_none_any_more_has_no_status(self, user: ApiClient) -> None:
        event = plan(user, type="task", status="done")

        assert user.put(path(event), json={"type": "meeting"})["status"] is None
        assert user.put(path(event), json={"type": "task"})["status"] == "pending"

    def test_an_end_before_the_start_is_refused_whichever_is_sent(self, user: ApiClient) -> None:
        event = plan(user)

        for sent in ({"start": "2030-05-06T10:00:01Z"}, {"end": "2030-05-06T08:59:59Z"}):
            assert fields(user.put(path(event), json=sent, status=400)) == ["end"]

        assert user.get(path(event)) == event

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(("sent", "field"), BAD_INPUT)
    def test_refuses_bad_input(self, user: ApiClient, sent: dict[str, Any], field: str) -> None:
        event = plan(user)

        assert set(fields(user.put(path(event), json=sent, status=400))) == {field}
        assert user.get(path(event)) == event

    def test_records_who_was_invited(self, app: Flask, user: ApiClient, admin: ApiClient) -> None:
        event = plan(user)
        user.put(path(event), json={"attendeeIds": [admin.user_id], "title": "Other"})

        entry = admin.get("/api/audit?action=calendar.update")["items"][0]

        assert entry["changes"] == {
            "title": {"from": "Review", "to": "Other"},
            "attendeeIds": {"from": [], "to": [admin.user_id]},
        }
