"""One's own notifications: listing, counting, reading, deleting."""

import pytest
import time_machine
from flask import Flask

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.notifications.steps import MISSING, fields_of, read, tell, titles, told, unread


class TestListNotifications:
    def test_shows_what_one_was_told(self, app: Flask, user: ApiClient, make: Factory) -> None:
        sender = make.user(name="Ada", avatar="https://example.com/ada.png")
        tell(
            app,
            user.user_id,
            content="Look",
            link="/documents/5",
            kind="task",
            sender_id=sender.id,
        )

        [item] = told(user)

        assert item == {
            "id": item["id"],
            "type": "task",
            "title": "Hello",
            "content": "Look",
            "link": "/documents/5",
            "read": False,
            "readAt": None,
            "sender": {"id": sender.id, "name": "Ada", "avatar": "https://example.com/ada.png"},
            "createdAt": item["createdAt"],
        }
        assert item["createdAt"].endswith("Z")

    def test_has_no_sender_for_what_the_system_says(self, app: Flask, user: ApiClient) -> None:
        tell(app, user.user_id)

        assert told(user)[0]["sender"] is None

    def test_shows_nobody_elses_not_even_to_who_may_do_everything(
        self, app: Flask, user: ApiClient, super_admin: ApiClient
    ) -> None:
        tell(app, user.user_id)

        assert told(super_admin) == []
        assert unread(super_admin) == 0

    def test_begins_with_the_newest_and_is_paged(self, app: Flask, user: ApiClient) -> None:
        for title in ("one", "two", "three"):
            tell(app, user.user_id, title=title)

        assert titles(user) == ["three", "two", "one"]
        assert titles(user, "sortOrder=asc") == ["one", "two", "three"]
        assert titles(user, "pageSize=2&page=2") == ["one"]
        assert user.get("/api/notifications?limit=2")["total"] == 3

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("unread=true", ["new"]),
            ("unreadOnly=true", ["new"]),
            ("unread=false", ["old"]),
            ("unreadOnly=false", ["new", "old"]),
            ("unread=all", ["new", "old"]),
            ("type=alert", ["new"]),
            ("type=ALERT", ["new"]),
            ("type=all", ["new", "old"]),
            ("type=alert&unread=false", []),
            ("type=system&unread=false", ["old"]),
        ],
    )
    def test_is_narrowed_by_what_was_read_and_by_type(
        self, app: Flask, user: ApiClient, query: str, found: list[str]
    ) -> None:
        tell(app, user.user_id, title="old")
        read(user, told(user)[0])
        tell(app, user.user_id, title="new", kind="alert")

        page = user.get(f"/api/notifications?{query}")

        assert [item["title"] for item in page["items"]] == found
        assert page["total"] == len(found)

    @pytest.mark.database("sqlite")
    @each(
        ("query", "field"),
        [
            ("type=gossip", "type"),
            ("unread=maybe", "unread"),
            ("sortBy=title", "sortBy"),
            ("pageSize=101", "pageSize"),
        ],
    )
    def test_refuses_bad_parameters(self, user: ApiClient, query: str, field: str) -> None:
        assert fields_of(user.get(f"/api/notifications?{query}", status=400)) == [field]

    def test_keeps_what_was_said_when_its_sender_is_deleted(
        self, app: Flask, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        sender = make.user()
        tell(app, user.user_id, sender_id=sender.id)

        admin.delete(f"/api/users/{sender.id}")

        assert told(user)[0]["sender"] is None

    def test_is_for_who_may_view_them(self, make: Factory) -> None:
        make.client("guest").get("/api/notifications", status=403)


class TestReadNotification:
    def test_marks_it_as_read(self, app: Flask, user: ApiClient) -> None:
        tell(app, user.user_id)
        [item] = told(user)

        answer = read(user, item)

        assert answer["read"] is True
        assert answer["readAt"] > item["createdAt"]
        assert told(user) == [answer]
        assert unread(user) == 0

    def test_keeps_when_it_was_read_first(
        self, app: Flask, user: ApiClient, clock: time_machine.Traveller
    ) -> None:
        tell(app, user.user_id)
        first = read(user, told(user)[0])
        clock.shift(60)

        assert read(user, first) == first
        assert user.patch(f"/api/notifications/{first['id']}/read") == first

    def test_leaves_the_others_as_they_are(self, app: Flask, user: ApiClient) -> None:
        tell(app, user.user_id, title="one")
        tell(app, user.user_id, title="two")

        read(user, told(user)[0])

        assert titles(user, "unread=true") == ["one"]


class TestReadAll:
    def test_marks_all_ones_own_and_says_how_many(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:
        for _ in range(3):
            tell(app, user.user_id, admin.user_id)
        first = read(user, told(user)[-1])

        assert user.put("/api/notifications/read-all") == {"updated": 2}

        assert unread(user) == 0
        assert unread(admin) == 3
        assert told(user)[-1] == first
        assert user.put("/api/notifications/read-all") == {"updated": 0}


class TestDeleteNotification:
    def test_deletes_it(self, app: Flask, user: ApiClient) -> None:
        tell(app, user.user_id, title="one")
        tell(app, user.user_id, title="two")

        assert user.delete(f"/api/notifications/{told(user)[0]['id']}") is None

        assert titles(user) == ["one"]
        assert unread(user) == 1

    def test_works_once(self, app: Flask, user: ApiClient) -> None:
        tell(app, user.user_id)
        path = f"/api/notifications/{told(user)[0]['id']}"
        user.delete(path)

        user.delete(path, status=404)


class TestWhatIsSomebodyElses:
    @pytest.mark.parametrize(("method", "path"), [("PUT", "/read"), ("DELETE", "")])
    def test_is_not_there(
        self, app: Flask, user: ApiClient, super_admin: ApiClient, method: str, path: str
    ) -> None:
        tell(app, user.user_id)
        [item] = told(user)
        missing = super_admin.call(method, f"/api/notifications/{MISSING}{path}", 404)

        refused = super_admin.call(method, f"/api/notifications/{item['id']}{path}", 404)

        assert refused == missing
        assert told(user) == [item]


class TestPrune:
    def test_deletes_what_was_read_long_ago(
        self, app: Flask, user: ApiClient, make: Factory, clock: time_machine.Traveller
    ) -> None:
        for title in ("read long ago", "never read"):
            tell(app, user.user_id, title=title)
        read(user, told(user)[1])
        clock.shift(100 * 86400)
        again = make.sign_in(user.user_id)
        tell(app, user.user_id, title="read now")
        read(again, told(again)[0])

        result = app.test_cli_runner().invoke(args=["notifications", "prune", "--days", "90"])

        assert result.output == "Deleted 1 notifications\n"
        assert titles(again) == ["read now", "never read"]
