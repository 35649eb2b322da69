"""The mappings alone, from JSON to JSON."""

from typing import Any

import orjson
import pytest

from halolight.dialects import DIALECTS
from halolight.dialects import entities as of
from halolight.dialects.clients import react, solid, vue
from halolight.dialects.tables import Caller

JsonObject = dict[str, Any]

TIME = "2026-11-26T17:25:40.123456Z"
CALLER = Caller(7, lambda file_id: f"/signed/{file_id}")
ADA = {"id": 7, "name": "Ada", "avatar": None}
USER: JsonObject = {
    "id": 5,
    "name": "Bob",
    "role": "editor",
    "roleLabel": "Editor",
    "status": "ACTIVE",
    "permissions": ["users:update", "files:create", "messages:create", "dashboard:*"],
}
WORDS = ["users:edit", "files:upload", "messages:send", "dashboard:*", "analytics:view"]
FILE: JsonObject = {
    "id": 3,
    "type": "other",
    "size": 12_700,
    "folderId": 2,
    "itemCount": None,
    "thumbnail": None,
    "owner": None,
    "updatedAt": TIME,
}
EVENT = {"id": 4, "type": "task", "start": TIME, "owner": None, "attendees": [None, ADA]}


def as_sent(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value))


class TestPeople:
    def test_who_are_deleted_have_a_name(self) -> None:
        assert of.person(None) == {"id": "0", "name": "Deleted user", "avatar": None}
        assert of.person(ADA)["id"] == "7"

    def test_have_their_role_as_an_object_and_in_a_list(self) -> None:
        user = as_sent(of.user(upper=True)(USER, CALLER))

        assert (user["id"], user["status"]) == ("5", "ACTIVE")
        assert user["role"] == {
            "id": "editor",
            "name": "editor",
            "label": "Editor",
            "permissions": WORDS,
        }
        assert [f"{g['resource']}:{g['action']}" for g in user["roles"][0]["permissions"]] == WORDS
        assert USER["permissions"][0] == "users:update"  # nothing changes what was given

    def test_with_one_role_are_written_with_their_own_labels(self) -> None:
        caller, mapping = Caller(7, str), of.user(upper=False)
        first = as_sent(mapping(USER, caller))
        second = as_sent(mapping({**USER, "role": "guest", "permissions": None}, caller))

        assert (first["status"], first["role"]["id"]) == ("active", "editor")
        assert (second["role"]["id"], second["role"]["permissions"]) == ("guest", [])

    def test_with_every_permission_have_each_resource_in_react(self) -> None:
        user = as_sent(react.USER({**USER, "permissions": ["*"]}, Caller(7, str)))

        granted = {g["resource"]: g["action"] for g in user["roles"][0]["permissions"]}
        assert {"dashboard", "users", "analytics", "files", "settings"} <= granted.keys()
        assert user["role"]["permissions"] == ["*"]

    def test_of_solid_have_one_role_with_words(self) -> None:
        assert solid.user(USER, CALLER)["role"]["permissions"] == WORDS

    @pytest.mark.parametrize("spelling", ["users:edit", "files:upload", "messages:send"])
    def test_see_the_permissions_that_they_know(self, spelling: str) -> None:
        stored = {"users:edit": "users:update", "files:upload": "files:create"}
        key = stored.get(spelling, "messages:create")

        row = of.permission({"key": key, "action": "?", "label": "?"}, CALLER)

        assert (row["id"], row["key"]) == (spelling, spelling)
        assert row["action"] == spelling.partition(":")[2]

    def test_in_a_team_have_an_address_where_it_may_be_seen(self) -> None:
        members = [
            {"user": ADA, "email": "ada@example.com", "role": "owner", "joinedAt": TIME},
            {"user": ADA, "email": None, "role": "owner", "joinedAt": TIME},
        ]
        team = of.team({"id": 1, "owner": ADA, "members": members}, CALLER)

        assert [each["email"] for each in team["members"]] == ["ada@example.com", ""]
        assert {each["userId"] for each in team["members"]} == {"7"}


class TestThings:
    def test_of_an_unknown_type_are_other(self) -> None:
        row = {"id": 1, "title": "Plan", "type": "poem", "author": None}

        document = of.document(row, CALLER)

        assert (document["name"], document["type"]) == ("Plan", "other")
        assert of.document({**row, "type": "pdf"}, CALLER)["type"] == "pdf"
        assert of.file(FILE, CALLER)["type"] == "document"

    def test_with_a_thumbnail_have_a_signed_link(self) -> None:
        picture = {**FILE, "type": "image", "thumbnail": "/api/files/3/thumbnail"}

        assert of.file(picture, CALLER)["thumbnail"] == "/signed/3"
        assert of.file(FILE, CALLER)["thumbnail"] is None

    def test_have_relative_links(self) -> None:
        row = {"url": "https://api.example.com/api/files/signed?ticket=a/api/b"}

        assert of.file_link(row, CALLER)["url"] == "/api/files/signed?ticket=a/api/b"

    def test_of_vue_are_for_people(self) -> None:
        file = vue.file(FILE, CALLER)
        event = vue.event(EVENT, CALLER)

        assert (file["size"], file["owner"]) == ("12.4 KB", "Deleted user")
        assert file["updatedAt"] == "2026-11-26 17:25"
        assert (event["id"], event["type"], event["date"]) == (4, "发布", "2026-11-26 17:25")
        assert [vue.readable(size) for size in (0, 1023, 1024, 5 * 1024**3)] == [
            *("0 B", "1023 B", "1.0 KB", "5.0 GB")
        ]


class TestMessages:
    MESSAGE: JsonObject = {"id": 1, "conversationId": 12, "sender": ADA}

    def test_of_the_caller_are_from_the_current_user(self) -> None:
        mine = of.message(self.MESSAGE, CALLER)
        theirs = of.message(self.MESSAGE, Caller(8, str))
        gone = of.message({**self.MESSAGE, "sender": None}, CALLER)

        assert (mine["sender"]["id"], mine["conversationId"]) == ("current-user", "c12")
        assert (theirs["sender"]["id"], gone["sender"]["id"]) == ("7", "0")

    def test_are_a_text_in_a_conversation(self) -> None:
        row: JsonObject = {
            "id": 12,
            "name": "",
            "members": [ADA],
            "updatedAt": TIME,
            "lastMessage": {"content": "Hello"},
            "lastMessageTime": TIME,
        }
        empty = {**row, "lastMessage": None, "lastMessageTime": None}

        assert of.conversation(row, CALLER)["lastMessage"] == "Hello"
        assert of.conversation(row, CALLER)["name"] == "Deleted user"
        assert of.conversation(empty, CALLER)["lastMessage"] == ""
        assert of.conversation(empty, CALLER)["lastMessageTime"] == TIME


def test_figures_of_vue_are_texts() -> None:
    kpis = [
        {"label": "Visits", "value": 1234.0, "change": 3.14},
        {"label": "Per day", "value": 3.5, "change": -2.0},
        {"label": "Nothing", "value": 0.0, "change": 0.0},
    ]

    shown = vue.analytics({"kpis": kpis}, CALLER)["kpis"]

    assert [(kpi["value"], kpi["change"]) for kpi in shown] == [
        *(("1,234", "+3.1%"), ("3.5", "-2.0%"), ("0", "0.0%"))
    ]


def test_every_file_of_a_front_end_is_mounted() -> None:
    assert sorted(dialect.mount for dialect in DIALECTS) == ["next", "react", "solid", "vue"]
