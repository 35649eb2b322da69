"""What the front ends' screens do, from the form to the list that shows it."""

import datetime as dt
from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.modules.documents.steps import count_views

from .front_end import (
    FrontEnd,
    bare,
    data_list,
    hoisted,
    in_data,
    twice_in_data,
    vue_list,
    with_meta,
)

NEWCOMER = {"name": "Ada", "email": "ada@example.com", "phone": "", "roleId": "user"}
GRANTS = ["users:edit", "documents:view", "files:upload", "messages:send"]


class TestSigningIn:
    def test_shows_the_account_with_what_it_may_do(self, make: Factory) -> None:
        user = make.user("user")
        for mount in ("next", "react", "vue"):
            given = {"email": user.email, "password": PASSWORD}
            session = hoisted(FrontEnd(make.app, mount).call("POST", "/auth/login", json=given))

            account = session["user"]
            granted = {f"{g['resource']}:{g['action']}" for g in account["permissions"]}
            assert {"files:upload", "documents:edit", "analytics:view"} <= granted
            assert account["id"] == str(user.id)
            assert account["status"] == ("active" if mount == "vue" else "ACTIVE")

    def test_of_solid_answers_with_a_pair_of_tokens(self, make: Factory) -> None:
        given = {"email": make.user().email, "password": PASSWORD, "remember": True}
        solid = FrontEnd(make.app, "solid")

        token = in_data(solid.call("POST", "/auth/login", json=given))["token"]

        renewed = solid.call("POST", "/auth/refresh", json={"refreshToken": token["refreshToken"]})
        assert in_data(renewed)["token"].keys() == token.keys()

    def test_of_the_self_test_of_solid_is_refused_and_does_not_count(self, make: Factory) -> None:
        solid = FrontEnd(make.app, "solid")
        person = {"email": make.user().email, "password": PASSWORD}
        self_test = {"email": "demo@example.com", "password": "demo123", "remember": True}

        for _ in range(51):  # one more than a network may fail
            refused = solid.call("POST", "/auth/login", json=self_test, status=401)

        assert refused["message"] == "The email or the password is wrong."
        solid.call("POST", "/auth/login", json=person)


class TestUsers:
    def test_are_made_changed_and_deleted(self, next_js: FrontEnd) -> None:
        made = hoisted(next_js.call("POST", "/users", json=NEWCOMER, status=201))
        change = {"roleId": "guest", "status": "inactive", "phone": "13900139000"}
        next_js.call("PUT", f"/users/{made['id']}", json=change)

        [row] = with_meta(next_js.call("GET", "/users?search=ada@&status=inactive&role=all"))
        assert (row["id"], row["role"]["id"], row["phone"]) == (made["id"], "guest", "13900139000")

        assert hoisted(next_js.call("DELETE", f"/users/{made['id']}"))["code"] == 200
        next_js.call("GET", f"/users/{made['id']}", status=404)

    def test_are_shown_with_the_grants_of_their_role(
        self, next_js: FrontEnd, super_admin: ApiClient
    ) -> None:
        [row] = with_meta(next_js.call("GET", "/users?page=1"))
        one = hoisted(next_js.call("GET", f"/users/{super_admin.user_id}"))

        for user in (row, one):
            assert user["role"]["permissions"] == ["*"]
            assert user["roles"][0]["permissions"] == [{"resource": "*", "action": "*"}]

    def test_are_switched_off_and_on_in_solid(self, solid: FrontEnd, make: Factory) -> None:
        user_id = make.user().id
        for action, status in (("disable", "inactive"), ("enable", "active")):
            solid.call("PATCH", f"/users/{user_id}/{action}", content_type="application/json")

            assert in_data(solid.call("GET", f"/users/{user_id}"))["status"] == status

    def test_can_be_switched_on_again_in_the_list_of_solid(
        self, solid: FrontEnd, make: Factory
    ) -> None:
        for status in ("INACTIVE", "SUSPENDED"):
            make.user(email=f"{status.lower()}@off.example.com", status=status)

        rows = twice_in_data(solid.call("GET", "/users?search=off.example.com"))

        assert [row["status"] for row in rows] == ["suspended", "suspended"]


class TestRoles:
    def test_keep_the_spelling_of_what_was_ticked(
        self, next_js: FrontEnd, react: FrontEnd, solid: FrontEnd
    ) -> None:
        role = {"name": "readers", "label": "Readers", "permissions": GRANTS}
        next_js.call("POST", "/roles", json=role, status=201)
        known = {each["key"] for each in bare(next_js.call("GET", "/permissions"))}

        shown = [
            hoisted(next_js.call("GET", "/roles/readers")),
            next(r for r in bare(react.call("GET", "/roles/detail")) if r["id"] == "readers"),
            *twice_in_data(solid.call("GET", "/roles?page=1&search=reade")),
        ]
        assert [each["permissions"] for each in shown] == [GRANTS] * 3
        assert set(GRANTS) <= known

    def test_take_permissions_by_their_ids(self, next_js: FrontEnd) -> None:
        next_js.call("POST", "/roles", json={"name": "readers"}, status=201)
        permission = hoisted(next_js.call("GET", "/permissions/users:edit"))

        given = {"permissionIds": [permission["id"]]}
        next_js.call("POST", "/roles/readers/permissions", json=given)

        assert next_js.call("GET", "/roles/readers")["permissions"] == ["users:edit"]
        next_js.call("GET", "/permissions/users:fly", status=404)

    def test_come_in_pages_in_solid(self, solid: FrontEnd) -> None:
        every = twice_in_data(solid.call("GET", "/roles?page=1&pageSize=100"))
        second = solid.call("GET", "/roles?page=2&pageSize=3")

        assert twice_in_data(second) == every[3:6]
        assert in_data(second)["data"]["total"] == len(every)


class TestDocuments:
    def test_are_shared_and_shown_as_they_are_then(
        self, react_by_cookie: FrontEnd, super_admin: ApiClient, make: Factory
    ) -> None:
        given = {"name": "Paper", "type": "document", "folder": "Reports"}
        made = in_data(react_by_cookie.call("POST", "/documents", json=given, status=201))
        path = f"/documents/{made['id']}"

        people = {"userIds": [str(make.user().id)]}
        seen = {"If-Match": react_by_cookie.last.headers["ETag"]}
        sharing = react_by_cookie.call("POST", f"{path}/share", json=people, headers=seen)
        shared = in_data(sharing)
        unshared = in_data(
            react_by_cookie.call("POST", f"{path}/unshare", content_type="application/json")
        )

        assert [each["shared"] for each in (made, shared, unshared)] == [False, True, False]
        count_views(super_admin.app)
        assert super_admin.get(f"/api/documents/{made['id']}")["views"] == 0
        actions = [entry["action"] for entry in super_admin.get("/api/audit")["items"]]
        assert "documents.update" not in actions


class TestFiles:
    def test_are_moved_and_shared_by_a_link(self, react: FrontEnd, next_js: FrontEnd) -> None:
        box = hoisted(react.call("POST", "/files/folder", json={"name": "Box"}, status=201))
        given = {"name": "Inner", "parentPath": box["path"]}
        inner = react.call("POST", "/files/folder", json=given, status=201)
        react.call("PUT", f"/files/{inner['id']}/move", json={"targetPath": "/"})

        rows = {row["name"]: row for row in bare(react.call("GET", "/files?path=/"))}
        assert {name: row["items"] for name, row in rows.items()} == {"Box": 0, "Inner": 0}

    def test_have_links_that_end_after_hours(
        self, super_admin: ApiClient, next_js: FrontEnd, rows: dict[str, Any]
    ) -> None:
        path = f"/files/{rows['file_id']}/share"
        link = in_data(next_js.call("POST", path, json={"expiresIn": 24, "password": "Open-1234"}))

        token = link["shareUrl"].removeprefix("/api/files/shared/")
        answer = super_admin.get(
            f"/api/files/shared/{token}", headers={"X-Share-Password": "Open-1234"}
        )
        assert answer["expiresAt"] == link["expiresAt"]


class TestCalendar:
    def test_takes_attendees_by_id_and_shows_the_event_without_one(
        self, next_js: FrontEnd, make: Factory
    ) -> None:
        people = [str(make.user().id), str(make.user().id)]
        given = {
            "title": "Meet",
            "type": "meeting",
            "attendees": people,
            "start": "2026-12-04T10:00:00.000Z",
            "end": "2026-12-04T11:00:00.000Z",
        }
        event = in_data(next_js.call("POST", "/calendar/events", json=given, status=201))
        path = f"/calendar/events/{event['id']}/attendees/{people[0]}"

        changed = in_data(next_js.call("DELETE", path))

        assert sorted(each["id"] for each in event["attendees"]) == sorted(people)
        assert [each["id"] for each in changed["attendees"]] == people[1:]

    def test_ends_a_range_of_days_with_its_last(self, react_by_cookie: FrontEnd) -> None:
        given = {"title": "Late", "start": "2026-12-31T22:00:00Z", "type": "meeting"}
        react_by_cookie.call("POST", "/calendar/events", json=given, status=201)

        query = "startDate=2026-12-01&endDate=2026-12-31&type=meeting"
        [event] = in_data(react_by_cookie.call("GET", f"/calendar/events?{query}"))
        assert event["title"] == "Late"

    def test_shows_occurrences_that_can_be_moved_and_deleted(
        self, next_js: FrontEnd, react_by_cookie: FrontEnd, vue: FrontEnd, super_admin: ApiClient
    ) -> None:
        """The front ends know no series."""
        today = dt.datetime.now(dt.UTC).date()
        body = {"title": "Daily", "start": f"{today}T09:00:00Z"}
        daily = {"recurrence": {"rule": "FREQ=DAILY;COUNT=4"}}
        series = super_admin.post("/api/calendar/events", json=body | daily)
        events = bare(next_js.call("GET", "/calendar/events"))
        ids = [each["id"] for each in events if each["title"] == "Daily"]
        assert len({*ids}) == 4
        path = f"/calendar/events/{ids[1]}"

        assert in_data(next_js.call("GET", path))["id"] == ids[1]
        later = {"start": f"{today}T20:00:00Z", "end": f"{today}T21:00:00Z"}
        moved = in_data(react_by_cookie.call("PATCH", f"{path}/reschedule", json=later))
        next_js.call("DELETE", f"/calendar/events/{ids[2]}")
        batch = {"ids": [ids[3]]}
        react_by_cookie.call("POST", "/calendar/events/batch-delete", json=batch)

        assert (moved["id"], moved["start"]) == (ids[1], later["start"])
        left = vue_list(vue.call("GET", "/calendar/events"))
        numbers = [each["id"] for each in left if each["title"] == "Daily"]
        assert len({*numbers}) == 2
        assert all(isinstance(number, int) for number in numbers)
        assert super_admin.get(f"/api/calendar/events/{series['id']}")["start"] == body["start"]


class TestMessages:
    def test_are_read_answered_and_left(
        self, react: FrontEnd, super_admin: ApiClient, make: Factory
    ) -> None:
        friend = make.client(name="Friend")
        letter = {"recipientId": super_admin.user_id, "content": "Hello"}
        friend.post("/api/messages", json=letter)

        [conversation] = bare(react.call("GET", "/messages/conversations"))
        address = f"/messages/{conversation['id']}"
        answer = {"conversationId": conversation["id"], "content": "Thanks", "type": "text"}
        react.call("POST", "/messages/send", json=answer, status=201)
        react.call("PUT", f"{address}/read", content_type="application/json")

        said = [(m["content"], m["sender"]["id"]) for m in bare(react.call("GET", address))]
        assert said == [("Hello", str(friend.user_id)), ("Thanks", "current-user")]
        [after] = bare(react.call("GET", "/messages/conversations"))
        assert (after["name"], after["lastMessage"], after["unreadCount"]) == (
            *("Friend", "Thanks", 0),
        )
        react.call("DELETE", address)
        assert bare(react.call("GET", "/messages/conversations")) == []

    def test_of_the_deleted_keep_a_sender(
        self, react: FrontEnd, super_admin: ApiClient, make: Factory
    ) -> None:
        friend = make.client()
        letter = {"recipientId": super_admin.user_id, "content": "Farewell"}
        friend.post("/api/messages", json=letter)
        super_admin.delete(f"/api/users/{friend.user_id}")

        [conversation] = bare(react.call("GET", "/messages/conversations"))
        [message] = bare(react.call("GET", f"/messages/{conversation['id']}"))

        assert conversation["name"] == message["sender"]["name"] == "Deleted user"


class TestNotifications:
    def test_are_read_one_by_one_and_all(
        self, react_by_cookie: FrontEnd, super_admin: ApiClient
    ) -> None:
        for title in ("One", "Two"):
            notice = {"title": title, "userIds": [super_admin.user_id]}
            super_admin.post("/api/notifications", json=notice)
        unread = "/notifications?page=1&pageSize=10&read=false"
        first, _ = data_list(react_by_cookie.call("GET", unread))

        react_by_cookie.call("PUT", f"/notifications/{first['id']}/read")
        assert len(data_list(react_by_cookie.call("GET", unread))) == 1
        react_by_cookie.call("PUT", "/notifications/read-all")
        assert data_list(react_by_cookie.call("GET", unread)) == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_settings_of_vue_are_kept(vue: FrontEnd, theme: str) -> None:
    vue.call("POST", "/settings", json={"theme": theme})

    settings = in_data(vue.call("GET", "/settings"))
    assert (settings["theme"], settings["showFooter"]) == (theme, True)
