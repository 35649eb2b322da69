"""A burst from one person to another becomes one notification (`NOTIFICATIONS_PER_PAIR`)."""

import limits
import pytest
import time_machine
from flask import Flask

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.auth.steps import all_at_once
from tests.modules.documents.steps import share, write
from tests.modules.notifications.steps import read, tell, told, unread

HOUR = 3600


@pytest.fixture(autouse=True)
def _three_an_hour(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "NOTIFICATIONS_PER_PAIR", limits.parse("3/hour"))


def write_to(sender: ApiClient, recipient: ApiClient, *texts: str) -> None:
    for text in texts:
        sender.post("/api/messages", json={"recipientId": recipient.user_id, "content": text})


def contents(client: ApiClient) -> list[str]:
    return [item["content"] for item in told(client)]


def test_the_newest_takes_the_place_of_the_last_unread_one(
    user: ApiClient, admin: ApiClient
) -> None:
    write_to(user, admin, *"abcdef")

    assert contents(admin) == ["f", "b", "a"]
    assert unread(admin) == 3
    assert admin.get("/api/messages/unread-count")["count"] == 6  # nothing else is limited


def test_those_that_were_read_stay(user: ApiClient, admin: ApiClient) -> None:
    write_to(user, admin, *"abc")
    for item in told(admin):
        read(admin, item)

    write_to(user, admin, *"de")

    assert contents(admin) == ["e", "c", "b", "a"]


def test_it_is_over_after_the_time(make: Factory, clock: time_machine.Traveller) -> None:
    sender, recipient = make.user(), make.user()
    write_to(make.sign_in(sender.id), make.sign_in(recipient.id), *"abc")
    clock.shift(HOUR + 1)

    write_to(make.sign_in(sender.id), make.sign_in(recipient.id), "d")

    assert contents(make.sign_in(recipient.id)) == ["d", "c", "b", "a"]


def test_other_pairs_and_other_kinds_are_apart(
    user: ApiClient, admin: ApiClient, make: Factory
) -> None:
    other = make.client()
    write_to(user, admin, *"abcd")

    write_to(other, admin, "x")
    write_to(user, other, "y")
    share(user, write(user)["id"], userIds=[admin.user_id])

    assert len(told(admin)) == 3 + 2
    assert contents(other) == ["y"]


def test_what_nobody_sends_is_not_limited(app: Flask, admin: ApiClient) -> None:
    for number in range(5):
        tell(app, admin.user_id, title=f"Reminder {number}")

    assert len(told(admin)) == 5


def test_parallel_ones_count(user: ApiClient, admin: ApiClient) -> None:
    """They come in conversations of their own, so that no lock of theirs puts them in a line."""
    groups = [
        user.post("/api/conversations", json={"name": f"{n}", "participantIds": [admin.user_id]})
        for n in range(8)
    ]

    def send(group: dict[str, int]) -> int:
        body = {"conversationId": group["id"], "content": "now"}
        return user.open("POST", "/api/messages", json=body).status_code

    assert all_at_once(send, groups) == [201] * 8
    assert len(told(admin)) == 3
