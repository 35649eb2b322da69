"""Events: moving and deleting them, and who may."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.calendar.models import Event, EventAttendee, EventReminder, EventTeam
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.roles.holders import client_holding

from .steps import (
    CHANGING,
    DELETING,
    EVENTS,
    MISSING,
    NINE,
    TEN,
    actions,
    fields,
    path,
    plan,
    team_of,
    told,
)


class TestReschedule:
    @pytest.mark.parametrize(
        ("sent", "end"),
        [
            ({"start": "2030-06-01T09:00:00Z"}, "2030-06-01T10:30:00Z"),
            ({"startAt": "2030-06-01T11:00:00+02:00"}, "2030-06-01T10:30:00Z"),
            (
                {"startTime": "2030-06-01T09:00:00Z", "endTime": "2030-06-01T09:00:00Z"},
                "2030-06-01T09:00:00Z",
            ),
        ],
    )
    def test_moves_and_keeps_the_length(
        self, app: Flask, user: ApiClient, sent: dict[str, str], end: str
    ) -> None:
        event = plan(user, end="2030-05-06T10:30:00Z")

        moved = user.patch(f"{path(event)}/reschedule", json=sent)

        assert (moved["start"], moved["end"]) == ("2030-06-01T09:00:00Z", end)
        assert actions(app)[-1] == "calendar.reschedule"

    def test_is_recorded_with_its_times(self, user: ApiClient, admin: ApiClient) -> None:
        user.patch(f"{path(plan(user))}/reschedule", json={"start": TEN})

        entry = admin.get("/api/audit?action=calendar.reschedule")["items"][0]

        assert entry["changes"] == {
            "start": {"from": NINE, "to": TEN},
            "end": {"from": TEN, "to": "2030-05-06T11:00:00Z"},
        }

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({}, "start"),
            ({"end": TEN}, "start"),
            ({"start": TEN, "end": NINE}, "end"),
            ({"start": NINE, "end": "2032-01-01"}, "end"),
            ({"start": "9001-01-01"}, "start"),
        ],
    )
    def test_refuses_bad_input(self, user: ApiClient, sent: dict[str, str], field: str) -> None:
        event = plan(user)

        error = user.patch(f"{path(event)}/reschedule", json=sent, status=400)

        assert fields(error) == [field]
        assert user.get(path(event)) == event

    @pytest.mark.parametrize(
        ("method", "suffix"), [("PATCH", "/reschedule"), ("PUT", ""), ("PATCH", "")]
    )
    def test_tells_the_attendees(
        self, app: Flask, user: ApiClient, admin: ApiClient, make: Factory, method: str, suffix: str
    ) -> None:
        new = make.client()
        event = plan(user, attendeeIds=[admin.user_id])

        body = {"start": "2030-05-06T09:30:00Z"}
        user.call(method, path(event) + suffix, 200, json=body)
        user.call(method, path(event) + suffix, 200, json=body)  # nothing moves

        assert told(app, admin.user_id) == ["You are invited to an event", "An event was moved"]
        assert told(app, user.user_id) == told(app, new.user_id) == []

    def test_tells_the_owner_when_somebody_else_did_it(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:
        event = plan(user)

        admin.patch(f"{path(event)}/reschedule", json={"start": TEN})

        assert told(app, user.user_id) == ["An event was moved"]


class TestDelete:
    def test_takes_everything_along(self, app: Flask, user: ApiClient, admin: ApiClient) -> None:
        team_ids = [team_of(admin, user)]
        event = plan(user, attendeeIds=[admin.user_id], teamIds=team_ids, reminders=[5])

        user.delete(path(event))

        user.get(path(event), status=404)
        with app.app_context():
            for table in (Event, EventAttendee, EventTeam, EventReminder):
                assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
        assert actions(app) == ["calendar.create", "calendar.delete"]

    def test_tells_the_attendees_of_what_was_to_come(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:
        for event in (
            plan(user, attendeeIds=[admin.user_id]),
            plan(user, start="2020-01-01", attendeeIds=[admin.user_id]),
        ):
            user.delete(path(event))

        assert told(app, admin.user_id).count("An event was cancelled") == 1


class TestBatchDelete:
    def test_deletes_all(self, app: Flask, user: ApiClient) -> None:
        ids = [plan(user)["id"] for _ in range(3)]

        answer = user.post(f"{EVENTS}/batch-delete", json={"ids": ids}, status=200)

        assert answer == {"deleted": 3}
        assert user.get(EVENTS)["total"] == 0
        assert actions(app).count("calendar.delete") == 3

    def test_deletes_all_or_none(self, user: ApiClient, admin: ApiClient) -> None:
        own, hidden = plan(user)["id"], plan(admin)["id"]
        seen = plan(admin, attendeeIds=[user.user_id])["id"]

        for other, status in ((hidden, 404), (MISSING, 404), (seen, 403)):
            user.post(f"{EVENTS}/batch-delete", json={"ids": [own, other]}, status=status)

        assert admin.get(EVENTS)["total"] == 3


@pytest.mark.parametrize(("method", "suffix", "body"), [*CHANGING, DELETING])
class TestWhoMayChange:
    def test_its_owner_and_who_manages(
        self,
        user: ApiClient,
        make: Factory,
        method: str,
        suffix: str,
        body: dict[str, Any] | None,
    ) -> None:
        manager = client_holding(
            make, *(f"calendar:{action}" for action in ("view", "update", "delete", "manage"))
        )

        for client in (user, manager):
            client.call(method, path(plan(user)) + suffix, 200, json=body)

    def test_not_who_only_sees_it(
        self,
        user: ApiClient,
        admin: ApiClient,
        make: Factory,
        method: str,
        suffix: str,
        body: dict[str, Any] | None,
    ) -> None:
        attendee, member = make.client(), make.client()
        team_ids = [team_of(admin, user, member)]
        event = plan(user, attendeeIds=[attendee.user_id], teamIds=team_ids)

        for client in (attendee, member):
            client.call(method, path(event) + suffix, 403, json=body)

        assert user.get(path(event)) == event

    def test_not_strangers_for_whom_there_is_none(
        self,
        user: ApiClient,
        make: Factory,
        method: str,
        suffix: str,
        body: dict[str, Any] | None,
    ) -> None:
        event = plan(user)
        stranger = make.client()

        stranger.call(method, path(event) + suffix, 404, json=body)
        hidden = stranger.last.text
        stranger.call(method, f"{EVENTS}/{MISSING}{suffix}", 404, json=body)

        assert stranger.last.text == hidden
        assert user.get(path(event)) == event


class TestDeletedPeople:
    def test_leave_their_events_and_take_their_attendance(
        self, admin: ApiClient, make: Factory
    ) -> None:
        leaving = make.client()
        own = plan(leaving, attendeeIds=[admin.user_id])
        attended = plan(admin, attendeeIds=[leaving.user_id])

        admin.delete(f"/api/users/{leaving.user_id}")

        assert admin.get(path(own)) == own | {"owner": None}
        assert admin.get(path(attended))["attendees"] == []
        admin.patch(f"{path(own)}/reschedule", json={"start": TEN})
        admin.put(f"{path(own)}/respond", json={"status": "accepted"})
        admin.delete(path(own))
