"""Listing, reading and deleting messages."""

import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory

from .steps import MISSING, contents, conversations, reply, rows, send, trail, unread


@pytest.fixture
def friend(make: Factory) -> ApiClient:
    return make.client(name="Friend")


@pytest.fixture
def third(make: Factory) -> ApiClient:
    return make.client(name="Third")


class TestListMessages:
    @pytest.fixture(autouse=True)
    def messages(self, user: ApiClient, friend: ApiClient, third: ApiClient) -> int:
        """Two from the friend, the first of them read, one of one's own, and one of the third's."""
        first = send(friend, user, content="Lunch?")
        user.put(f"/api/messages/{first['id']}/read")
        send(user, friend, content="Fine, at 100%")
        send(friend, user, content="Ärger")
        other: int = send(third, user, content="Report")["conversationId"]
        return other

    def test_begins_with_the_newest(self, user: ApiClient) -> None:
        assert contents(user) == ["Report", "Ärger", "Fine, at 100%", "Lunch?"]
        assert contents(user, "sortOrder=asc&sortBy=createdAt")[0] == "Lunch?"

    @each(
        ("query", "found"),
        [
            ("box=inbox", ["Report", "Ärger", "Lunch?"]),
            ("box=SENT", ["Fine, at 100%"]),
            ("box=all", ["Report", "Ärger", "Fine, at 100%", "Lunch?"]),
            ("unread=true", ["Report", "Ärger"]),
            ("unread=false", ["Fine, at 100%", "Lunch?"]),
            ("unread=false&box=inbox", ["Lunch?"]),
            ("unread=all", ["Report", "Ärger", "Fine, at 100%", "Lunch?"]),
            ("search=lunch", ["Lunch?"]),
            ("search=unch", []),
            ("search=fine, AT", ["Fine, at 100%"]),
            ("search=at fine", []),
            ("search=ne, at", []),
            ("keyword=ÄRGER", ["Ärger"]),
            ("search=%25", ["Fine, at 100%"]),
            ("search=_", []),
            ("pageSize=1&page=2", ["Ärger"]),
            ("page=9", []),
            (f"conversationId={MISSING}", []),
        ],
    )
    def test_is_narrowed(self, user: ApiClient, query: str, found: list[str]) -> None:
        assert contents(user, query) == found

    def test_is_narrowed_to_a_conversation(self, user: ApiClient, messages: int) -> None:
        page = user.get(f"/api/messages?conversationId={messages}")

        assert [item["content"] for item in page["items"]] == ["Report"]
        assert page["total"] == 1

    def test_shows_only_ones_own(self, friend: ApiClient, third: ApiClient, messages: int) -> None:
        assert contents(friend, f"conversationId={messages}") == []
        assert contents(third) == ["Report"]

    def test_searches_only_ones_own(self, third: ApiClient) -> None:
        assert contents(third, "search=Lunch") == []

    @pytest.mark.database("sqlite")
    @each(
        "query", ["box=trash", "unread=maybe", "conversationId=x", "sortBy=content", "pageSize=101"]
    )
    def test_refuses_bad_parameters(self, user: ApiClient, query: str) -> None:
        user.get(f"/api/messages?{query}", status=400)


class TestReadMessage:
    def test_marks_it_for_oneself(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        sent = send(friend, user, third)
        path = f"/api/messages/{sent['id']}"

        assert user.get(path)["read"] is False
        assert user.put(f"{path}/read") == sent
        assert user.get(path)["read"] is True
        assert third.get(path)["read"] is False
        assert (unread(user), unread(third)) == (0, 1)

    def test_is_told_once(self, app: Flask, user: ApiClient, friend: ApiClient) -> None:
        path = f"/api/messages/{send(friend, user)['id']}/read"
        trail(app)

        user.put(path)
        user.patch(path)
        friend.put(path)  # it is read for its sender

        assert trail(app) == ["messages.read"]

    @pytest.mark.parametrize("known", [True, False])
    def test_is_404_for_what_is_not_ones_own(
        self, app: Flask, user: ApiClient, friend: ApiClient, third: ApiClient, known: bool
    ) -> None:
        message_id = send(friend, third)["id"] if known else MISSING

        error = user.put(f"/api/messages/{message_id}/read", status=404)

        assert error["message"] == "Message not found."
        assert unread(third) == int(known)


class TestReadAllMessages:
    def test_marks_them_for_oneself(
        self, app: Flask, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        send(friend, user, third)
        send(third, user)
        trail(app)

        user.put("/api/messages/read-all")
        user.put("/api/messages/read-all")

        assert (unread(user), unread(third)) == (0, 1)
        assert contents(user, "unread=true") == []
        assert trail(app) == ["messages.read-all"]


class TestDeleteMessage:
    def test_deletes_it_for_oneself(self, user: ApiClient, friend: ApiClient) -> None:
        sent = send(friend, user)
        path = f"/api/messages/{sent['id']}"

        user.delete(path)

        user.get(path, status=404)
        user.delete(path, status=404)
        assert (contents(user), unread(user)) == ([], 0)
        assert friend.get(path) == sent

    def test_leaves_the_message_before_as_the_last(
        self, user: ApiClient, friend: ApiClient
    ) -> None:
        send(friend, user, content="One")
        last = send(friend, user, content="Two")

        user.delete(f"/api/messages/{last['id']}")

        [conversation] = conversations(user)
        assert conversation["lastMessage"]["content"] == "One"
        assert conversation["unreadCount"] == 1
        assert conversations(friend)[0]["lastMessage"]["content"] == "Two"

    def test_deletes_what_nobody_has_any_more(
        self, app: Flask, user: ApiClient, friend: ApiClient
    ) -> None:
        first = send(friend, user)
        reply(user, first)

        friend.delete(f"/api/messages/{first['id']}")
        assert rows(app) == (2, 3)
        user.delete(f"/api/messages/{first['id']}")

        assert rows(app) == (1, 2)

    def test_is_told_once(self, app: Flask, user: ApiClient, friend: ApiClient) -> None:
        path = f"/api/messages/{send(friend, user)['id']}"
        trail(app)

        user.delete(path)
        user.delete(path, status=404)

        assert trail(app) == ["messages.delete"]

    @pytest.mark.parametrize("known", [True, False])
    def test_is_404_for_what_is_not_ones_own(
        self, user: ApiClient, friend: ApiClient, third: ApiClient, known: bool
    ) -> None:
        message_id = send(friend, third)["id"] if known else MISSING

        user.delete(f"/api/messages/{message_id}", status=404)

        assert contents(third) == ["Hello"] * known


class TestADeletedUser:
    def test_leaves_their_messages_to_the_others(
        self, user: ApiClient, friend: ApiClient, admin: ApiClient
    ) -> None:
        sent = send(friend, user)

        admin.delete(f"/api/users/{friend.user_id}")

        assert user.get("/api/messages")["items"] == [sent | {"sender": None, "read": False}]
        [conversation] = conversations(user)
        assert (conversation["name"], conversation["avatar"]) == ("Deleted user", None)
        assert conversation["lastMessage"]["sender"] is None

    def test_takes_along_what_they_had(
        self, app: Flask, user: ApiClient, friend: ApiClient, admin: ApiClient
    ) -> None:
        send(friend, user)

        admin.delete(f"/api/users/{user.user_id}")

        assert rows(app) == (1, 1)
