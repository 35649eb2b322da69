"""Telling many at once, and what modules tell."""

from typing import Any

import pytest
from flask import Flask

from halolight.extensions import db
from halolight.modules.notifications.sending import notify
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.notifications.steps import MISSING, fields_of, send, tell, titles, told


class TestSendNotification:
    def test_tells_whom_it_names(self, admin: ApiClient, user: ApiClient, make: Factory) -> None:
        other = make.client()
        body: dict[str, Any] = {"content": "At six", "type": "ALERT", "link": "/status"}

        assert send(admin, userIds=[user.user_id, user.user_id], **body) == {"sent": 1}

        [item] = told(user)
        assert (item["title"], item["content"], item["type"]) == ("Maintenance", "At six", "alert")
        assert (item["link"], item["sender"]["id"]) == ("/status", admin.user_id)
        assert told(other) == []

    def test_tells_everybody_with_a_role(
        self, admin: ApiClient, user: ApiClient, make: Factory
    ) -> None:
        other, away = make.client("user"), make.client("user", status="INACTIVE")

        assert send(admin, role="User") == {"sent": 2}

        assert titles(user) == titles(other) == ["Maintenance"]
        assert told(admin) == []
        assert away.open("GET", "/api/notifications").status_code == 401

    def test_tells_all_active_users_with_the_sender(
        self, admin: ApiClient, user: ApiClient, make: Factory
    ) -> None:
        make.user(status="SUSPENDED")

        assert send(admin, all=True) == {"sent": 2}

        assert titles(user) == titles(admin) == ["Maintenance"]

    def test_is_a_plain_system_message_unless_told_otherwise(self, admin: ApiClient) -> None:
        send(admin, userIds=[admin.user_id])

        [item] = told(admin)
        assert (item["type"], item["content"], item["link"]) == ("system", "", None)

    @pytest.mark.parametrize(
        "link",
        ["/", "/documents/5?tab=shares#top", "http://example.com", "https://example.com/a"],
    )
    def test_takes_a_link_into_the_front_end_or_to_a_safe_site(
        self, admin: ApiClient, link: str
    ) -> None:
        send(admin, userIds=[admin.user_id], link=link)

        assert told(admin)[0]["link"] == link

    @pytest.mark.database("sqlite")
    @each(
        "link",
        [
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "documents/5",
            "https://",
            "https:///evil.example",
            "https://a b",
            "/a\tb",
            "/" + "x" * 500,
            "",
        ],
    )
    def test_refuses_any_other_link(self, admin: ApiClient, link: str) -> None:
        error = send(admin, userIds=[admin.user_id], link=link, status=400)

        assert set(fields_of(error)) == {"link"}
        assert told(admin) == []

    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"),
        [
            ({}, "userIds"),
            ({"all": False}, "userIds"),
            ({"userIds": [1], "all": True}, "userIds"),
            ({"userIds": [1], "role": "user"}, "userIds"),
            ({"role": "user", "all": True}, "userIds"),
            ({"userIds": []}, "userIds"),
            ({"userIds": list(range(1, 102))}, "userIds"),
            ({"userIds": [MISSING]}, "userIds"),
            ({"role": "nobody"}, "role"),
            ({"role": " "}, "role"),  # nobody's, and not everybody's
            ({"all": True, "title": ""}, "title"),
            ({"all": True, "title": "x" * 201}, "title"),
            ({"all": True, "content": "x" * 2001}, "content"),
            ({"all": True, "type": "gossip"}, "type"),
        ],
    )
    def test_refuses_bad_input(self, admin: ApiClient, body: dict[str, Any], field: str) -> None:
        assert set(fields_of(send(admin, status=400, **body))) == {field}
        assert told(admin) == []

    def test_knows_no_user_who_is_not_active(
        self, admin: ApiClient, user: ApiClient, make: Factory
    ) -> None:
        ids = [user.user_id, make.user(status="INACTIVE").id]

        assert fields_of(send(admin, userIds=ids, status=400)) == ["userIds"]
        assert told(user) == []

    def test_is_for_who_manages_notifications(self, user: ApiClient) -> None:
        send(user, userIds=[user.user_id], status=403)


class TestNotify:
    def test_tells_each_once_and_never_the_sender(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:
        ids = (user.user_id, user.user_id, admin.user_id)

        tell(app, *ids, sender_id=admin.user_id)

        assert titles(user) == ["Hello"]
        assert told(admin) == []

    def test_tells_nobody_of_what_is_undone(self, app: Flask, user: ApiClient) -> None:
        with app.app_context():
            notify([user.user_id], kind="system", title="Hello")
            db.session.rollback()

        assert told(user) == []

    def test_cuts_off_what_is_too_long(self, app: Flask, user: ApiClient) -> None:
        tell(app, user.user_id, title="x" * 300, content="y" * 3000)

        [item] = told(user)
        assert (len(item["title"]), len(item["content"])) == (200, 2000)


class TestWhatTheSystemTells:
    def test_who_has_another_role_now(self, super_admin: ApiClient, user: ApiClient) -> None:
        super_admin.put(f"/api/users/{user.user_id}", json={"role": "admin", "name": "Ada"})

        [item] = told(user)
        assert (item["type"], item["title"]) == ("system", "Your role has changed")
        assert "Administrator" in item["content"]

    def test_nobody_whose_role_stays(self, super_admin: ApiClient, user: ApiClient) -> None:
        super_admin.put(f"/api/users/{user.user_id}", json={"role": "user", "name": "Ada"})

        assert told(user) == []

    def test_the_holders_of_a_role_that_grants_something_else(
        self, super_admin: ApiClient, user: ApiClient, admin: ApiClient
    ) -> None:
        grants = ["notifications:view", "users:view"]

        super_admin.put("/api/roles/user", json={"permissions": grants})

        assert titles(user) == ["Your permissions have changed"]
        assert told(admin) == []

    def test_no_holders_of_a_role_that_only_has_another_label(
        self, super_admin: ApiClient, user: ApiClient
    ) -> None:
        super_admin.put("/api/roles/user", json={"label": "Worker"})

        assert told(user) == []

    def test_who_was_added_to_a_team(
        self, admin: ApiClient, user: ApiClient, make: Factory
    ) -> None:
        later = make.client()
        team = {"name": "Platform", "memberIds": [user.user_id]}
        path = f"/api/teams/{admin.post('/api/teams', json=team)['id']}"

        admin.post(f"{path}/members", json={"userId": later.user_id, "role": "member"})

        for member in (user, later):
            [item] = told(member)
            assert (item["type"], item["title"]) == ("user", "You were added to a team")
            assert "Platform" in item["content"]
            assert item["link"] == path.removeprefix("/api")
            assert item["sender"]["id"] == admin.user_id
        assert told(admin) == []

    def test_with_whom_a_document_was_shared(
        self, admin: ApiClient, user: ApiClient, make: Factory
    ) -> None:
        member = make.client()
        team = admin.post("/api/teams", json={"name": "Team", "memberIds": [member.user_id]})
        document = admin.post("/api/documents", json={"title": "Plan"})
        body = {"userIds": [user.user_id], "teamIds": [team["id"]]}

        admin.post(f"/api/documents/{document['id']}/share", json=body, status=200)

        for reader in (user, member):
            item = told(reader)[0]
            assert item["title"] == "A document was shared with you"
            assert item["link"] == f"/documents/{document['id']}"
        assert told(admin) == []
