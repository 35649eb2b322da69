"""Sending messages: to whom, in which conversation, and who is told."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.notifications.models import Notification
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory

from .steps import MISSING, contents, conversations, group, reply, rows, send, trail, unread


@pytest.fixture
def friend(make: Factory) -> ApiClient:
    return make.client(name="Friend", avatar="/friend.png")


@pytest.fixture
def third(make: Factory) -> ApiClient:
    return make.client(name="Third")


def told(app: Flask) -> list[tuple[int, str, str, str | None]]:
    """Whom the notifications tell what, in the order they were written."""
    with app.app_context():
        told = sa.select(Notification).order_by(Notification.id)
        return [(n.user_id, n.type, n.content, n.link) for n in db.session.scalars(told)]


class TestToAPerson:
    def test_arrives_unread_and_is_read_for_its_sender(
        self, user: ApiClient, friend: ApiClient
    ) -> None:
        sent = send(friend, user, content="Good morning")

        assert sent["sender"] == {"id": friend.user_id, "name": "Friend", "avatar": "/friend.png"}
        assert (sent["type"], sent["content"], sent["read"]) == ("text", "Good morning", True)
        assert sent["createdAt"].endswith("Z")
        [received] = user.get("/api/messages")["items"]
        assert received == sent | {"read": False}
        assert (unread(user), unread(friend)) == (1, 0)

    def test_has_a_second_address(self, user: ApiClient, friend: ApiClient) -> None:
        body = {"recipientId": friend.user_id, "content": "Hello"}

        sent = user.post("/api/messages/send", json=body)

        assert contents(friend) == ["Hello"]
        assert user.get(f"/api/messages/{sent['id']}") == sent

    def test_goes_into_the_one_conversation_of_the_two(
        self, user: ApiClient, friend: ApiClient
    ) -> None:
        first, answer, second = (
            send(user, friend),
            send(friend, user),
            reply(user, send(user, friend)),
        )

        assert first["conversationId"] == answer["conversationId"] == second["conversationId"]
        assert len(conversations(user)) == len(conversations(friend)) == 1

    @pytest.mark.parametrize(
        ("sent", "kept"), [("image", "image"), ("FILE", "file"), ("Text", "text")]
    )
    def test_accepts_the_type_in_any_case(
        self, user: ApiClient, friend: ApiClient, sent: str, kept: str
    ) -> None:
        assert send(user, friend, type=sent)["type"] == kept

    @pytest.mark.parametrize("content", [" x ", "two\nlines\t", "😀", "x" * 10_000, "<b>&"])
    def test_keeps_the_text_as_it_is(
        self, user: ApiClient, friend: ApiClient, content: str
    ) -> None:
        send(user, friend, content=content)

        assert contents(friend) == [content]

    def test_takes_null_for_not_sent(self, user: ApiClient, friend: ApiClient) -> None:
        send(user, friend, conversationId=None, recipientIds=None)

        assert contents(friend) == ["Hello"]

    def test_is_seen_by_nobody_else(
        self, user: ApiClient, friend: ApiClient, super_admin: ApiClient
    ) -> None:
        sent = send(user, friend)

        assert contents(super_admin) == []
        super_admin.get(f"/api/messages/{sent['id']}", status=404)
        super_admin.get(f"/api/conversations/{sent['conversationId']}", status=404)


class TestToSeveral:
    def test_makes_a_group_of_exactly_these(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        send(user, friend, third)

        assert contents(friend) == contents(third) == ["Hello"]
        [conversation] = conversations(friend)
        assert conversation["type"] == "group"
        assert {m["id"] for m in conversation["members"]} == {
            *(user.user_id, friend.user_id, third.user_id)
        }

    def test_goes_into_the_same_group_again(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        first, second = send(user, friend, third), send(third, user, friend)

        assert first["conversationId"] == second["conversationId"]

    def test_does_not_go_into_a_group_with_a_name(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        named = group(user, friend, third, name="Release")

        assert send(user, friend, third)["conversationId"] != named["id"]

    def test_does_not_go_into_a_group_that_somebody_has_left(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        first = send(user, friend, third)
        third.delete(f"/api/conversations/{first['conversationId']}")

        assert send(user, friend, third)["conversationId"] != first["conversationId"]

    def test_takes_out_oneself_and_who_is_named_twice(
        self, user: ApiClient, friend: ApiClient
    ) -> None:
        body = {"recipientIds": [friend.user_id, user.user_id, friend.user_id], "content": "Hello"}

        sent = user.post("/api/messages", json=body)

        assert sent["conversationId"] == send(friend, user)["conversationId"]


class TestInAConversation:
    def test_arrives_at_all_who_take_part(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        made = group(user, friend, third, name="Release")

        send(friend, conversationId=made["id"], content="It is out")

        assert contents(user) == contents(third) == contents(friend) == ["It is out"]
        assert (unread(user), unread(third), unread(friend)) == (1, 1, 0)

    @pytest.mark.parametrize("known", [True, False])
    def test_is_refused_where_one_does_not_take_part(
        self, user: ApiClient, friend: ApiClient, third: ApiClient, known: bool
    ) -> None:
        foreign = send(friend, third)["conversationId"] if known else MISSING
        body = {"conversationId": foreign, "content": "Hello"}

        error = user.post("/api/messages", json=body, status=400)

        assert error["details"] == [
            {
                "field": "conversationId",
                "message": "There is no such conversation.",
                "code": "not_found",
            }
        ]

    def test_is_refused_where_one_has_left(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        made = group(user, friend, third)
        user.delete(f"/api/conversations/{made['id']}")

        user.post("/api/messages", json={"conversationId": made["id"], "content": "x"}, status=400)

    def test_is_refused_where_nobody_else_is(
        self, user: ApiClient, friend: ApiClient, admin: ApiClient
    ) -> None:
        sent = send(user, friend)
        admin.delete(f"/api/users/{friend.user_id}")
        body = {"conversationId": sent["conversationId"], "content": "Are you there?"}

        error = user.post("/api/messages", json=body, status=400)

        assert error["message"] == "There is nobody else in this conversation."
        assert contents(user) == ["Hello"]


class TestRefusals:
    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"),
        [
            ({"recipientId": 1}, "content"),
            ({"recipientId": 1, "content": ""}, "content"),
            ({"recipientId": 1, "content": " \n\t"}, "content"),
            ({"recipientId": 1, "content": "x" * 10_001}, "content"),
            ({"recipientId": 1, "content": None}, "content"),
            ({"recipientId": 1, "content": "a\0b"}, "content"),
            ({"recipientId": 1, "content": "x", "type": "video"}, "type"),
            ({"recipientId": "x", "content": "x"}, "recipientId"),
            ({"recipientId": 0, "content": "x"}, "recipientId"),
            ({"recipientId": 2**31, "content": "x"}, "recipientId"),
            ({"recipientIds": [], "content": "x"}, "recipientIds"),
            ({"recipientIds": list(range(1, 102)), "content": "x"}, "recipientIds"),
            ({"recipientIds": [None], "content": "x"}, "recipientIds.0"),
            ({"conversationId": "x", "content": "x"}, "conversationId"),
            ({"content": "x"}, "recipientId"),
            ({"recipientId": 1, "conversationId": 1, "content": "x"}, "recipientId"),
            ({"recipientId": 1, "recipientIds": [1], "content": "x"}, "recipientId"),
            ({"recipientId": MISSING, "content": "x"}, "recipientId"),
            ({"recipientIds": [MISSING], "content": "x"}, "recipientIds"),
        ],
    )
    def test_of_bad_input_name_the_field(
        self, app: Flask, user: ApiClient, body: dict[str, Any], field: str
    ) -> None:
        error = user.post("/api/messages", json=body, status=400)

        assert error["code"] == "VALIDATION_ERROR"
        assert {detail["field"] for detail in error["details"]} == {field}
        assert rows(app) == (0, 0)

    @pytest.mark.parametrize("name", ["recipientId", "recipientIds"])
    def test_of_a_message_to_oneself(self, user: ApiClient, name: str) -> None:
        to = user.user_id if name == "recipientId" else [user.user_id]

        error = user.post("/api/messages", json={name: to, "content": "Hello"}, status=400)

        assert error["details"][0]["field"] == name

    @pytest.mark.parametrize("status", ["INACTIVE", "SUSPENDED"])
    def test_of_a_recipient_who_is_not_active(
        self, app: Flask, user: ApiClient, friend: ApiClient, make: Factory, status: str
    ) -> None:
        ids = [friend.user_id, make.user(status=status).id]

        error = user.post(
            "/api/messages", json={"recipientIds": ids, "content": "Hello"}, status=400
        )

        assert str(ids[1]) in error["message"]
        assert error["details"][0]["field"] == "recipientIds"
        assert rows(app) == (0, 0)
        assert conversations(user) == []


class TestTelling:
    def test_reaches_the_others_and_not_the_sender(
        self, app: Flask, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        sent = send(user, friend, third, content="See  you\nat ten")

        link = f"/messages/{sent['conversationId']}"
        assert told(app) == [
            (friend.user_id, "message", "See you at ten", link),
            (third.user_id, "message", "See you at ten", link),
        ]

    @pytest.mark.parametrize(
        ("body", "content"),
        [
            ({"content": "x" * 100}, "x" * 100),
            ({"content": "x" * 101}, "x" * 100 + "…"),
            ({"content": "https://example.com/a.png", "type": "image"}, "Sent an image"),
            ({"content": "report.pdf", "type": "file"}, "Sent a file"),
        ],
    )
    def test_repeats_the_beginning(
        self, app: Flask, user: ApiClient, friend: ApiClient, body: dict[str, str], content: str
    ) -> None:
        send(user, friend, **body)

        assert [notification[2] for notification in told(app)] == [content]


class TestTrail:
    def test_tells_of_each_message_once_without_its_text(
        self, app: Flask, user: ApiClient, friend: ApiClient
    ) -> None:
        reply(friend, send(user, friend, content="a secret"), content="a secret")

        with app.app_context():
            changes = db.session.scalars(sa.select(AuditEntry.changes)).all()
        assert [change["content"] for change in changes] == [{"from": None, "to": None}] * 2
        assert trail(app) == ["messages.create"] * 2

    def test_tells_nothing_of_what_was_refused(self, app: Flask, user: ApiClient) -> None:
        user.post("/api/messages", json={"recipientId": MISSING, "content": "x"}, status=400)

        assert trail(app) == []
