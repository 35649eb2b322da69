"""Nobody is notified of something that is as it was."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.mailbox import Mailbox
from tests.modules.calendar.steps import NINE, TEN, plan
from tests.modules.documents.steps import share, team_of, write
from tests.modules.files.steps import upload
from tests.modules.notifications.steps import titles, told

GRANTS = ["documents:view", "notifications:view"]
SHARED = "A document was shared with you"
People = tuple[ApiClient, ApiClient, ApiClient]  # an admin, a user, and a colleague of the user


@pytest.fixture
def people(admin: ApiClient, user: ApiClient, make: Factory) -> People:
    return admin, user, make.client()


def answered_again(people: People) -> list[Callable[[], Any]]:
    """Each changes something that concerns the colleague; again, it changes nothing."""
    admin, user, colleague = people
    document = f"/api/documents/{write(user)['id']}"
    file = f"/api/files/{upload(user)['id']}"
    event = f"/api/calendar/events/{plan(user)['id']}"
    invitation = f"/api/calendar/events/{plan(colleague, attendeeIds=[user.user_id])['id']}"
    group = user.post(
        "/api/conversations", json={"name": "Group", "participantIds": [admin.user_id]}
    )
    team = admin.post("/api/teams", json={"name": "Team"})["id"]
    account = f"/api/users/{colleague.user_id}"
    ids = [colleague.user_id]
    admin.post("/api/roles", json={"name": "editor", "permissions": GRANTS})
    return [
        lambda: user.post(f"{document}/share", json={"userIds": ids}, status=200),
        lambda: user.post(f"{document}/share", json={"userIds": ids * 2}, status=200),
        lambda: user.post(f"{file}/share", json={"userIds": ids}, status=200),
        lambda: user.post(f"{event}/attendees", json={"attendeeIds": ids}, status=200),
        lambda: user.put(event, json={"attendeeIds": ids, "start": NINE}),
        lambda: user.patch(f"{event}/reschedule", json={"start": TEN}),
        lambda: user.put(f"{invitation}/respond", json={"status": "accepted"}),
        lambda: user.post(
            f"/api/conversations/{group['id']}/participants", json={"userIds": ids}, status=200
        ),
        lambda: admin.open("POST", f"/api/teams/{team}/members", json={"userId": ids[0]}),
        lambda: admin.put(f"/api/teams/{team}/members/{ids[0]}", json={"role": "admin"}),
        lambda: admin.put(account, json={"role": "editor"}),
        lambda: admin.put("/api/roles/editor", json={"permissions": GRANTS}),
        lambda: admin.put(account, json={"email": "COLLEAGUE@example.com", "username": "c.o"}),
    ]


def test_when_it_is_done_again(people: People, mailbox: Mailbox) -> None:
    _, _, colleague = people
    noisy = []
    for number, change in enumerate(answered_again(people)):
        change()
        before = len(told(colleague)), len(mailbox.deliver())

        change()

        if (len(told(colleague)), len(mailbox.deliver())) != before:
            noisy.append(number)
    assert noisy == []
    assert len(told(colleague)) >= 6  # the first time they were notified


def test_when_a_team_that_has_it_gets_it_again(
    user: ApiClient, admin: ApiClient, make: Factory
) -> None:
    reader = make.client()
    team, document = team_of(admin, user, reader), write(user)
    share(user, document["id"], teamIds=[team])

    share(user, document["id"], teamIds=[team])

    assert titles(reader).count(SHARED) == 1


class TestShareThatChanges:
    @pytest.fixture
    def document(self, user: ApiClient, admin: ApiClient) -> dict[str, Any]:
        document = write(user)
        share(user, document["id"], userIds=[admin.user_id])
        return document

    def test_to_allow_more_is_told(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any]
    ) -> None:
        share(user, document["id"], userIds=[admin.user_id], permission="EDIT")

        assert titles(admin) == [SHARED, SHARED]

    def test_to_last_longer_is_not(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any]
    ) -> None:
        until = "2999-01-01T00:00:00Z"

        [made] = share(user, document["id"], userIds=[admin.user_id], expiresAt=until)

        assert made["expiresAt"] == until
        assert titles(admin) == [SHARED]

    def test_for_somebody_else_is_told_to_them_alone(
        self, user: ApiClient, admin: ApiClient, make: Factory, document: dict[str, Any]
    ) -> None:
        reader = make.client()

        share(user, document["id"], userIds=[admin.user_id, reader.user_id])

        assert titles(admin) == titles(reader) == [SHARED]

    def test_in_nothing_leaves_the_document_as_it_was(
        self, user: ApiClient, admin: ApiClient, super_admin: ApiClient, document: dict[str, Any]
    ) -> None:
        before = user.get(f"/api/documents/{document['id']}")
        entries = super_admin.get("/api/audit")["total"]

        share(user, document["id"], userIds=[admin.user_id])

        assert user.get(f"/api/documents/{document['id']}") == before
        assert super_admin.get("/api/audit")["total"] == entries
