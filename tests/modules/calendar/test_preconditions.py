"""`ETag` and `If-Match`: no update is lost when two people edit one event."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.auth.steps import all_at_once

from .steps import CHANGING, DELETING, EVENTS, Request, path, plan

STEPS: list[Request] = [*CHANGING, ("POST", "/attendees", {"attendeeIds": []}), DELETING]

on_each_change = pytest.mark.parametrize(("method", "suffix", "body"), STEPS)


@pytest.fixture
def event(user: ApiClient) -> dict[str, Any]:
    return plan(user)


def etag(client: ApiClient, event: dict[str, Any]) -> str:
    """The ETag that a read of the event shows now."""
    client.get(path(event))
    return client.last.headers["ETag"]


def filled(body: dict[str, Any] | None, admin: ApiClient) -> dict[str, Any] | None:
    return {"attendeeIds": [admin.user_id]} if body and "attendeeIds" in body else body


class TestETag:
    @pytest.mark.parametrize(
        "sent",
        [
            {"title": "Other"},
            {"start": "2030-05-06T09:30:00Z"},
            {"reminders": [5]},
            {"type": "task"},
        ],
    )
    def test_changes_with_the_event(
        self, user: ApiClient, event: dict[str, Any], sent: dict[str, Any]
    ) -> None:
        before = etag(user, event)

        user.put(path(event), json=sent)

        assert user.last.headers["ETag"] == etag(user, event) != before

    def test_changes_with_its_attendees(
        self, user: ApiClient, admin: ApiClient, event: dict[str, Any]
    ) -> None:
        seen = [etag(user, event)]
        for sent in ([admin.user_id], []):
            user.put(path(event), json={"attendeeIds": sent})
            seen.append(etag(user, event))
        user.post(f"{path(event)}/attendees", json={"userId": admin.user_id}, status=200)
        seen.append(etag(user, event))
        user.delete(f"{path(event)}/attendees/{admin.user_id}")
        seen.append(etag(user, event))

        assert len(set(seen)) == len(seen)

    def test_stays_while_nothing_changes(self, user: ApiClient, admin: ApiClient) -> None:
        event = plan(user, attendeeIds=[admin.user_id], reminders=[5])
        before = etag(user, event)

        user.put(path(event), json=event)
        sent = {"userId": admin.user_id}
        user.post(f"{path(event)}/attendees", json=sent, status=200)

        assert etag(user, event) == before


class TestIfMatch:
    @on_each_change
    def test_lets_a_change_of_what_was_read_through(
        self,
        user: ApiClient,
        admin: ApiClient,
        event: dict[str, Any],
        method: str,
        suffix: str,
        body: dict[str, Any] | None,
    ) -> None:
        headers = {"If-Match": etag(user, event)}

        sent = filled(body, admin)
        user.call(method, path(event) + suffix, 200, json=sent, headers=headers)

    @on_each_change
    def test_refuses_a_change_of_something_newer(
        self,
        user: ApiClient,
        admin: ApiClient,
        event: dict[str, Any],
        method: str,
        suffix: str,
        body: dict[str, Any] | None,
    ) -> None:
        headers = {"If-Match": etag(user, event)}
        newer = user.put(path(event), json={"location": "Elsewhere"})

        sent = filled(body, admin)
        error = user.call(method, path(event) + suffix, 412, json=sent, headers=headers)

        assert error["code"] == "PRECONDITION_FAILED"
        assert user.get(path(event)) == newer

    def test_refuses_to_take_an_attendee_off_something_newer(
        self, user: ApiClient, admin: ApiClient
    ) -> None:
        event = plan(user, attendeeIds=[admin.user_id])
        headers = {"If-Match": etag(user, event)}
        user.put(path(event), json={"location": "Elsewhere"})

        user.delete(f"{path(event)}/attendees/{admin.user_id}", headers=headers, status=412)

        assert len(user.get(path(event))["attendees"]) == 1

    def test_is_never_demanded(self, user: ApiClient, event: dict[str, Any]) -> None:
        for title in ("first", "second"):
            assert user.put(path(event), json={"title": title})["title"] == title

    def test_does_not_tell_whether_an_event_exists(
        self, event: dict[str, Any], make: Factory
    ) -> None:
        make.client().delete(path(event), headers={"If-Match": '"0"'}, status=404)

    def test_lets_one_of_many_through_at_once(
        self, user: ApiClient, make: Factory, event: dict[str, Any]
    ) -> None:
        headers = {"If-Match": etag(user, event)}

        def update(client: ApiClient) -> int:
            sent = {"title": f"By {client.token}"[:50]}
            return client.open("PUT", path(event), json=sent, headers=headers).status_code

        statuses = all_at_once(update, [make.sign_in(user.user_id) for _ in range(6)])

        assert sorted(statuses) == [200, 412, 412, 412, 412, 412]


def test_changes_of_different_things_at_once_lose_none(
    user: ApiClient, make: Factory, event: dict[str, Any]
) -> None:
    """Without `If-Match` the last wins, but only in what it has sent."""
    changes: list[dict[str, Any]] = [
        {"title": "Other"},
        {"location": "Elsewhere"},
        {"color": "red"},
        {"description": "Text"},
        {"reminders": [5]},
        {"allDay": True},
    ]

    def update(sent: dict[str, Any]) -> int:
        client = make.sign_in(user.user_id)
        return client.open("PATCH", f"{EVENTS}/{event['id']}", json=sent).status_code

    assert all_at_once(update, changes) == [200] * len(changes)
    changed = user.get(path(event))
    assert {name: changed[name] for sent in changes for name in sent} == {
        name: value for sent in changes for name, value in sent.items()
    }
