"""Conversations: opening, listing, reading, leaving, and who sees what of them."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.messages.steps import (
    MISSING,
    contents,
    conversations,
    group,
    names,
    reply,
    rows,
    send,
    trail,
    unread,
)


@pytest.fixture
def friend(make: Factory) -> ApiClient:
    return make.client(name="Friend", avatar="/friend.png")


@pytest.fixture
def third(make: Factory) -> ApiClient:
    return make.client(name="Third")


class TestOpenConversation:
    def test_with_one_person_is_private(self, user: ApiClient, friend: ApiClient) -> None:
        made = group(user, friend)

        assert (made["type"], made["name"], made["avatar"]) == ("private", "Friend", "/friend.png")
        assert [member["id"] for member in made["members"]] == [user.user_id, friend.user_id]
        assert (made["memberCount"], made["unreadCount"]) == (2, 0)
        assert (made["lastMessage"], made["lastMessageTime"]) == (None, None)
        assert user.get(f"/api/conversations/{made['id']}") == made

    def test_that_exists_answers_with_it(
        self, app: Flask, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        assert group(user, friend)["id"] == group(friend, user)["id"]
        assert group(user, friend, third)["id"] == group(third, user, friend)["id"]
        assert trail(app) == ["conversations.create"] * 2

    def test_that_one_has_left_opens_it_again(
        self, app: Flask, user: ApiClient, friend: ApiClient
    ) -> None:
        sent = send(user, friend)
        user.delete(f"/api/conversations/{sent['conversationId']}")
        trail(app)

        assert group(user, friend)["id"] == sent["conversationId"]

        assert names(user) == ["Friend"]
        assert contents(user) == []
        assert trail(app) == ["conversations.open"]

    @pytest.mark.parametrize("body", [{"name": "Release"}, {"isGroup": True}, {"group": "true"}])
    def test_with_a_name_or_as_a_group_is_new(
        self, user: ApiClient, friend: ApiClient, body: dict[str, Any]
    ) -> None:
        made = [group(user, friend), group(user, friend, **body), group(user, friend, **body)]

        assert len({conversation["id"] for conversation in made}) == 3
        assert [conversation["type"] for conversation in made] == ["private", "group", "group"]
        assert made[1]["name"] == body.get("name", "Friend")
        assert made[1]["avatar"] is None

    @pytest.mark.parametrize("name", [None, "", "  "])
    def test_takes_an_empty_name_for_none(
        self, user: ApiClient, friend: ApiClient, name: str | None
    ) -> None:
        assert group(user, friend, name=name)["id"] == group(user, friend)["id"]

    @pytest.mark.parametrize("field", ["userIds", "memberIds"])
    def test_accepts_other_names_for_the_people(
        self, user: ApiClient, friend: ApiClient, field: str
    ) -> None:
        made = user.post("/api/conversations", json={field: [friend.user_id]})

        assert made["name"] == "Friend"

    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"),
        [
            ({}, "participantIds"),
            ({"participantIds": []}, "participantIds"),
            ({"participantIds": None}, "participantIds"),
            ({"participantIds": ["x"]}, "participantIds.0"),
            ({"participantIds": [MISSING]}, "participantIds"),
            ({"participantIds": list(range(1, 102))}, "participantIds"),
            ({"participantIds": [1], "name": "x" * 101}, "name"),
            ({"participantIds": [1], "name": "two\nlines"}, "name"),
            ({"participantIds": [1], "isGroup": "perhaps"}, "isGroup"),
        ],
    )
    def test_refuses_bad_input(self, user: ApiClient, body: dict[str, Any], field: str) -> None:
        error = user.post("/api/conversations", json=body, status=400)

        assert {detail["field"] for detail in error["details"]} == {field}
        assert conversations(user) == []

    def test_refuses_oneself_alone(self, user: ApiClient) -> None:
        body = {"participantIds": [user.user_id], "name": "Diary"}

        error = user.post("/api/conversations", json=body, status=400)

        assert error["details"][0]["field"] == "participantIds"

    def test_refuses_who_is_not_active(self, user: ApiClient, make: Factory) -> None:
        body = {"participantIds": [make.user(status="SUSPENDED").id]}

        user.post("/api/conversations", json=body, status=400)


class TestListConversations:
    def test_begins_where_there_was_something_new_last(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        first = send(user, friend)
        send(third, user)
        assert names(user) == ["Third", "Friend"]

        reply(friend, first)

        assert names(user) == ["Friend", "Third"]
        assert names(user, "sortOrder=asc") == ["Third", "Friend"]

    def test_shows_the_later_of_two_messages_of_one_moment(
        self, user: ApiClient, friend: ApiClient
    ) -> None:
        with time_machine.travel(dt.datetime.now(dt.UTC), tick=False):
            for number in range(5):
                last = send(friend, user, content=f"Number {number}")

        [conversation] = conversations(user)

        assert conversation["lastMessage"]["id"] == last["id"]

    def test_shows_the_last_message_and_what_is_unread(
        self, user: ApiClient, friend: ApiClient
    ) -> None:
        send(friend, user, content="One")
        last = send(friend, user, content="Two")

        [conversation] = conversations(user)

        assert conversation["lastMessage"] == {
            key: last[key] for key in ("id", "type", "content", "sender", "createdAt")
        }
        assert conversation["lastMessageTime"] == last["createdAt"] == conversation["updatedAt"]
        assert conversation["unreadCount"] == 2
        assert conversations(friend)[0]["unreadCount"] == 0

    def test_names_a_group_after_the_others(
        self, user: ApiClient, friend: ApiClient, third: ApiClient, make: Factory
    ) -> None:
        send(user, friend, third)
        assert names(user) == ["Friend, Third"]
        assert names(third) == [f"{self.name_of(user)}, Friend"]

        send(user, friend, third, make.client(name="Fourth"), make.client(name="Fifth"))

        assert names(user)[0] == "Friend, Third, Fourth, …"

    def test_shows_at_most_ten_members(self, user: ApiClient, make: Factory) -> None:
        made = group(user, *(make.client() for _ in range(11)), name="Crowd")

        [listed] = conversations(user)

        assert (len(listed["members"]), listed["memberCount"]) == (10, 12)
        assert len(made["members"]) == 12

    @pytest.mark.parametrize(
        ("text", "found"),
        [("friend", ["Friend"]), ("RELEASE", ["Release"]), ("thi", ["Release"]), ("_", [])],
    )
    def test_finds_names(
        self, user: ApiClient, friend: ApiClient, third: ApiClient, text: str, found: list[str]
    ) -> None:
        group(user, friend)
        group(user, third, name="Release")

        assert names(user, f"search={text}") == found

    def test_is_paged(self, user: ApiClient, friend: ApiClient, third: ApiClient) -> None:
        send(user, friend)
        send(user, third)

        page = user.get("/api/conversations?pageSize=1&page=2")

        assert (page["total"], page["totalPages"]) == (2, 2)
        assert [item["name"] for item in page["items"]] == ["Friend"]

    def test_shows_nobody_those_of_others(
        self, user: ApiClient, friend: ApiClient, super_admin: ApiClient
    ) -> None:
        send(user, friend)

        assert conversations(super_admin) == []

    @staticmethod
    def name_of(client: ApiClient) -> str:
        return str(client.get("/api/users/me")["name"])


class TestOneConversation:
    @pytest.fixture
    def path(self, friend: ApiClient, third: ApiClient) -> str:
        """That of a conversation the user does not take part in."""
        return f"/api/conversations/{send(friend, third)['conversationId']}"

    @each(
        ("method", "below"),
        [
            *(("GET", ""), ("GET", "/messages"), ("GET", "/messages?page=2")),
            *(("PUT", "/read"), ("PATCH", "/read"), ("DELETE", ""), ("POST", "/participants")),
        ],
    )
    def test_of_others_is_404_as_one_that_is_missing(
        self,
        user: ApiClient,
        friend: ApiClient,
        third: ApiClient,
        path: str,
        method: str,
        below: str,
    ) -> None:
        body = {"json": {"userIds": [user.user_id]}} if method == "POST" else {}
        before = friend.get(path), third.get(path)

        foreign = user.call(method, f"{path}{below}", 404, **body)
        missing = user.call(method, f"/api/conversations/{MISSING}{below}", 404, **body)

        assert foreign == missing
        assert foreign["message"] == "Conversation not found."
        assert (friend.get(path), third.get(path)) == before

    def test_shows_its_messages(self, friend: ApiClient, third: ApiClient, path: str) -> None:
        send(third, friend, content="Second")

        page = friend.get(f"{path}/messages?sortOrder=asc")

        assert [item["content"] for item in page["items"]] == ["Hello", "Second"]
        assert [item["read"] for item in page["items"]] == [True, False]
        assert friend.get(f"{path}/messages?unread=true")["total"] == 1
        assert friend.get(f"{path}/messages?search=SEC")["total"] == 1

    def test_without_messages_shows_none(self, user: ApiClient, friend: ApiClient) -> None:
        made = group(user, friend)

        assert user.get(f"/api/conversations/{made['id']}/messages")["items"] == []


class TestReadConversation:
    def test_marks_its_messages_for_oneself(
        self, app: Flask, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        sent = send(friend, user, third)
        reply(friend, sent)
        send(friend, user)
        path = f"/api/conversations/{sent['conversationId']}"
        trail(app)

        assert user.put(f"{path}/read")["unreadCount"] == 0
        assert user.patch(f"{path}/read")["unreadCount"] == 0

        assert (unread(user), unread(third)) == (1, 2)
        assert third.get(path)["unreadCount"] == 2
        assert trail(app) == ["conversations.read"]


class TestLeaveConversation:
    def test_that_is_private_hides_it_until_the_next_message(
        self, user: ApiClient, friend: ApiClient
    ) -> None:
        sent = send(friend, user, content="Old")
        path = f"/api/conversations/{sent['conversationId']}"

        user.delete(path)

        user.get(path, status=404)
        user.delete(path, status=404)
        user.get(f"/api/messages/{sent['id']}", status=404)
        assert (names(user), contents(user), unread(user)) == ([], [], 0)
        assert friend.get(path)["members"][0]["id"] == user.user_id

        reply(friend, sent, content="New")

        assert (contents(user), contents(friend)) == (["New"], ["New", "Old"])
        assert user.get(path)["unreadCount"] == 1

    def test_that_is_a_group_takes_one_out_of_it(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        made = group(user, friend, third, name="Release")
        path = f"/api/conversations/{made['id']}"
        send(user, conversationId=made["id"], content="Bye")

        user.delete(path)
        send(friend, conversationId=made["id"], content="Who was that?")

        assert names(user) == contents(user) == []
        left = friend.get(path)
        assert [member["name"] for member in left["members"]] == ["Friend", "Third"]
        assert contents(third) == ["Who was that?", "Bye"]

    @pytest.mark.parametrize("body", [{}, {"name": "Release"}])
    def test_deletes_it_when_nobody_is_left(
        self, app: Flask, user: ApiClient, friend: ApiClient, body: dict[str, Any]
    ) -> None:
        made = group(user, friend, **body)
        path = f"/api/conversations/{made['id']}"
        send(user, conversationId=made["id"])
        trail(app)

        user.delete(path)
        assert rows(app) == (1, 1)
        friend.delete(path)

        assert rows(app) == (0, 0)
        assert trail(app) == ["conversations.leave"] * 2
        assert group(user, friend, **body)["memberCount"] == 2


class TestAddParticipants:
    def test_lets_them_see_what_is_said_from_then_on(
        self, app: Flask, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        made = group(user, friend, name="Release")
        send(user, conversationId=made["id"], content="Before")
        trail(app)

        both = {"userIds": [friend.user_id, third.user_id]}
        for _ in range(2):
            changed = friend.post(
                f"/api/conversations/{made['id']}/participants", json=both, status=200
            )

        send(user, conversationId=made["id"], content="After")
        assert changed["memberCount"] == 3
        assert contents(third) == ["After"]
        assert trail(app) == ["conversations.add", "messages.create"]

    def test_is_a_conflict_in_a_private_conversation(
        self, user: ApiClient, friend: ApiClient, third: ApiClient
    ) -> None:
        path = f"/api/conversations/{group(user, friend)['id']}/participants"

        user.post(path, json={"userIds": [third.user_id]}, status=409)

        assert names(third) == []

    def test_leaves_the_conversation_of_exactly_those_before(
        self, user: ApiClient, friend: ApiClient, third: ApiClient, make: Factory
    ) -> None:
        made = group(user, friend, third)
        body = {"userIds": [make.user().id]}
        user.post(f"/api/conversations/{made['id']}/participants", json=body, status=200)

        assert group(user, friend, third)["id"] != made["id"]

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize("ids", [[], [MISSING], ["x"], None, list(range(1, 102))])
    def test_refuses_bad_input(self, user: ApiClient, friend: ApiClient, ids: object) -> None:
        path = f"/api/conversations/{group(user, friend, name='Release')['id']}/participants"

        user.post(path, json={"userIds": ids}, status=400)

    def test_refuses_more_people_than_a_conversation_has(
        self, user: ApiClient, make: Factory
    ) -> None:
        first = [make.user().id for _ in range(100)]
        made = user.post("/api/conversations", json={"participantIds": first, "name": "Crowd"})
        path = f"/api/conversations/{made['id']}/participants"

        error = user.post(path, json={"userIds": [make.user().id]}, status=400)

        assert error["details"][0]["field"] == "userIds"
        assert made["memberCount"] == len(made["members"]) == 101


class TestADeletedUser:
    def test_is_no_member_of_a_group_any_more(
        self, user: ApiClient, friend: ApiClient, third: ApiClient, admin: ApiClient
    ) -> None:
        send(friend, user, third)

        admin.delete(f"/api/users/{friend.user_id}")

        [conversation] = conversations(user)
        assert (conversation["name"], conversation["memberCount"]) == ("Third", 2)
        admin.delete(f"/api/users/{third.user_id}")
        assert names(user) == ["Nobody else"]
