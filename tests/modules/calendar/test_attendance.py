"""Who attends: inviting, answering, leaving."""

from typing import Any

import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.auth.steps import all_at_once
from tests.modules.roles.holders import client_holding

from .steps import EVENTS, MISSING, actions, answers, fields, path, plan, team_of, told

INVITED = "You are invited to an event"


class TestAdd:
    @pytest.mark.parametrize(
        "form",
        [
            lambda a, b: {"attendeeIds": [a, b]},
            lambda a, b: {"userIds": [a, b, a]},
            lambda a, b: {"attendees": [{"userId": a}, {"id": b}]},
        ],
    )
    def test_invites_people(self, app: Flask, user: ApiClient, make: Factory, form: Any) -> None:
        event = plan(user)
        ids = [make.user().id for _ in range(2)]

        changed = user.post(f"{path(event)}/attendees", json=form(*ids), status=200)

        assert answers(changed) == dict.fromkeys(ids, "pending")
        assert [told(app, i) for i in ids] == [[INVITED], [INVITED]]
        assert actions(app)[-1] == "calendar.add-attendees"

    def test_invites_one(self, user: ApiClient, admin: ApiClient) -> None:
        event = plan(user)

        sent = {"userId": admin.user_id}
        changed = user.post(f"{path(event)}/attendees", json=sent, status=200)

        assert list(answers(changed)) == [admin.user_id]

    def test_keeps_the_answer_of_who_is_invited_already(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:
        event = plan(user, attendeeIds=[admin.user_id])
        admin.put(f"{path(event)}/respond", json={"status": "accepted"})

        sent = {"attendeeIds": [admin.user_id, user.user_id]}
        changed = user.post(f"{path(event)}/attendees", json=sent, status=200)

        assert answers(changed) == {admin.user_id: "accepted"}
        assert told(app, admin.user_id) == [INVITED]

    def test_shows_the_event_to_them(self, user: ApiClient, make: Factory) -> None:
        event, friend = plan(user), make.client()
        friend.get(path(event), status=404)

        user.post(f"{path(event)}/attendees", json={"attendeeIds": [friend.user_id]}, status=200)

        assert friend.get(path(event))["id"] == event["id"]

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({}, "attendeeIds"),
            ({"attendeeIds": []}, "attendeeIds"),
            ({"attendeeIds": [MISSING]}, "attendeeIds"),
            ({"attendeeIds": [0]}, "attendeeIds.0"),
            ({"userId": "x"}, "attendeeIds"),
            ({"userId": {}}, "attendeeIds.0"),
        ],
    )
    def test_refuses_bad_input(self, user: ApiClient, sent: dict[str, Any], field: str) -> None:
        event = plan(user)

        error = user.post(f"{path(event)}/attendees", json=sent, status=400)

        assert fields(error) == [field]

    def test_stops_at_a_hundred(self, user: ApiClient, make: Factory) -> None:
        event = plan(user, attendeeIds=[make.user().id for _ in range(99)])
        last, one_more = make.user().id, make.user().id

        user.post(f"{path(event)}/attendees", json={"attendeeIds": [last]}, status=200)
        sent = {"attendeeIds": [one_more]}
        error = user.post(f"{path(event)}/attendees", json=sent, status=400)

        assert fields(error) == ["attendeeIds"]
        assert len(user.get(path(event))["attendees"]) == 100

    def test_is_for_its_owner(self, user: ApiClient, admin: ApiClient, make: Factory) -> None:
        attendee, stranger = make.client(), make.client()
        event = plan(user, attendeeIds=[attendee.user_id])
        sent = {"attendeeIds": [stranger.user_id]}

        attendee.post(f"{path(event)}/attendees", json=sent, status=403)
        stranger.post(f"{path(event)}/attendees", json=sent, status=404)
        admin.post(f"{path(event)}/attendees", json=sent, status=200)

    def test_loses_nobody_when_many_are_added_at_once(self, user: ApiClient, make: Factory) -> None:
        event = plan(user)
        ids = [make.user().id for _ in range(8)]

        responses = all_at_once(
            lambda i: make.sign_in(user.user_id).open(
                "POST", f"{path(event)}/attendees", json={"attendeeIds": [i]}
            ),
            ids,
        )

        assert [response.status_code for response in responses] == [200] * 8
        assert sorted(answers(user.get(path(event)))) == ids


class TestRemove:
    def test_the_owner_takes_off_anyone(self, app: Flask, user: ApiClient, make: Factory) -> None:
        friend = make.client()
        event = plan(user, attendeeIds=[friend.user_id])

        user.delete(f"{path(event)}/attendees/{friend.user_id}")

        assert user.get(path(event))["attendees"] == []
        friend.get(path(event), status=404)
        assert told(app, friend.user_id) == [INVITED, "You are no longer invited"]
        assert actions(app)[-1] == "calendar.remove-attendee"

    def test_an_attendee_leaves(self, app: Flask, user: ApiClient, make: Factory) -> None:
        friend = make.client()
        event = plan(user, attendeeIds=[friend.user_id])

        friend.delete(f"{path(event)}/attendees/{friend.user_id}")

        assert user.get(path(event))["attendees"] == []
        assert told(app, user.user_id) == ["An attendee left"]

    def test_an_attendee_takes_off_nobody_else(self, user: ApiClient, make: Factory) -> None:
        friend, other = make.client(), make.client()
        event = plan(user, attendeeIds=[friend.user_id, other.user_id])

        friend.delete(f"{path(event)}/attendees/{other.user_id}", status=403)

        assert len(user.get(path(event))["attendees"]) == 2

    def test_takes_off_nobody_who_does_not_attend(
        self, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        event = plan(user)

        for somebody in (admin.user_id, user.user_id, MISSING):
            error = user.delete(f"{path(event)}/attendees/{somebody}", status=404)
            assert error["message"] == "Attendee not found."
        stranger = make.client()
        error = stranger.delete(f"{path(event)}/attendees/{stranger.user_id}", status=404)
        assert error["message"] == "Event not found."


class TestRespond:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    @pytest.mark.parametrize("answer", ["accepted", "declined", "Accepted"])
    def test_saves_the_answer_and_tells_the_owner(
        self, app: Flask, user: ApiClient, make: Factory, method: str, answer: str
    ) -> None:
        friend = make.client()
        event = plan(user, attendeeIds=[friend.user_id])

        answered = friend.call(method, f"{path(event)}/respond", 200, json={"status": answer})

        assert answers(answered) == {friend.user_id: answer.lower()}
        assert told(app, user.user_id) == ["An invitation was answered"]
        assert actions(app)[-1] == "calendar.respond"

    def test_tells_the_owner_once(self, app: Flask, user: ApiClient, make: Factory) -> None:
        friend = make.client()
        event = plan(user, attendeeIds=[friend.user_id])

        for answer in ("accepted", "accepted", "pending"):
            friend.put(f"{path(event)}/respond", json={"status": answer})

        assert len(told(app, user.user_id)) == 2

    def test_needs_no_more_than_to_see_the_calendar(self, user: ApiClient, make: Factory) -> None:
        viewer = client_holding(make, "calendar:view")
        event = plan(user, attendeeIds=[viewer.user_id])

        viewer.put(f"{path(event)}/respond", json={"status": "accepted"})

    def test_is_for_who_is_invited(self, user: ApiClient, admin: ApiClient, make: Factory) -> None:
        member, stranger = make.client(), make.client()
        event = plan(user, teamIds=[team_of(admin, user, member)])

        for client, status in ((user, 403), (admin, 403), (member, 403), (stranger, 404)):
            client.put(f"{path(event)}/respond", json={"status": "accepted"}, status=status)
        stranger.put(f"{EVENTS}/{MISSING}/respond", json={"status": "accepted"}, status=404)

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize("sent", [{}, {"status": "maybe"}, {"status": None}, {"status": 1}])
    def test_refuses_bad_input(self, user: ApiClient, make: Factory, sent: dict[str, Any]) -> None:
        friend = make.client()
        event = plan(user, attendeeIds=[friend.user_id])

        error = friend.put(f"{path(event)}/respond", json=sent, status=400)

        assert fields(error) == ["status"]

    def test_of_twenty_at_once_loses_none(self, app: Flask, user: ApiClient, make: Factory) -> None:
        friends = [make.client() for _ in range(20)]
        event = plan(user, attendeeIds=[friend.user_id for friend in friends])
        etag = user.get(path(event)) and user.last.headers["ETag"]

        responses = all_at_once(
            lambda friend: friend.open(
                "PUT", f"{path(event)}/respond", json={"status": "accepted"}
            ),
            friends,
        )

        assert [response.status_code for response in responses] == [200] * 20
        assert set(answers(user.get(path(event))).values()) == {"accepted"}
        assert user.last.headers["ETag"] != etag  # what is shown has changed, though the event
        user.put(path(event), json={"title": "Other"}, headers={"If-Match": etag})  # has not
        assert len(told(app, user.user_id)) == 20
