"""What leaves a row, module by module; and what must not."""

from typing import Any

import pytest
import time_machine
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.modules.audit.steps import actions, entries, recorded
from tests.modules.auth.steps import (
    change_password,
    claims,
    forgot_password,
    login,
    refresh,
    reset_password,
)
from tests.modules.documents.steps import share, team_of, write

Found = list[tuple[str, Any, Any]]


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(email="ada@example.com", username="ada", name="Ada")


def found(app: Flask) -> Found:
    """Action, whose account it is about, and who did it."""
    return [(row.action, row.target_id, row.actor_id) for row in recorded(app)]


class TestAuth:
    def test_of_who_registers_is_one_row(self, app: Flask, anonymous: ApiClient) -> None:
        body = {"email": "new@example.com", "password": "a sentence of mine", "name": "New"}
        user_id = anonymous.post("/api/auth/register", json=body)["user"]["id"]

        [row] = recorded(app)
        assert (row.action, row.actor_name) == ("auth.register", "New")
        assert (row.target_type, row.target_id, row.actor_id) == ("users", str(user_id), user_id)
        assert row.changes == {
            "email": {"from": None, "to": "new@example.com"},
            "username": {"from": None, "to": "new"},
            "role": {"from": None, "to": "user"},
        }

    def test_of_sign_ins_and_their_ends_name_the_account(
        self, app: Flask, anonymous: ApiClient, ada: User, make: Factory
    ) -> None:
        pair = login(anonymous, "ada")
        other = claims(make.sign_in(ada.id).token or "")["sid"]
        client = ApiClient(app, pair["accessToken"])
        client.delete(f"/api/auth/sessions/{other}")
        client.post("/api/auth/logout", status=200)
        make.sign_in(ada.id).post("/api/auth/logout-all", status=200)

        rows = recorded(app)
        assert [row.action for row in rows] == [
            "auth.login",
            "auth.end-session",
            "auth.logout",
            "auth.logout-all",
        ]
        assert {(r.target_type, r.target_id, r.target_name) for r in rows} == {
            ("users", str(ada.id), "Ada")
        }
        assert {row.actor_id for row in rows} == {ada.id}
        assert [row.changes for row in rows[1:]] == [
            {"session": {"from": other, "to": None}},
            {"session": {"from": claims(pair["accessToken"])["sid"], "to": None}},
            {"sessions": {"from": 1, "to": 0}},
        ]

    def test_of_passwords_say_only_that_they_changed(
        self, app: Flask, anonymous: ApiClient, ada: User, make: Factory, mailbox: Mailbox
    ) -> None:
        change_password(make.sign_in(ada.id))
        forgot_password(anonymous)
        token = mailbox.reset_token()
        reset_password(anonymous, token, "a sentence of mine")

        assert found(app) == [
            ("auth.change-password", str(ada.id), ada.id),
            ("auth.reset-password", str(ada.id), ada.id),
        ]
        assert [row.changes for row in recorded(app)] == [{}, {}]
        assert token not in str([vars(row) for row in recorded(app)])

    def test_of_a_stolen_token_name_nobody_who_did_it(
        self, app: Flask, anonymous: ApiClient, ada: User, clock: time_machine.Traveller
    ) -> None:
        pair = login(anonymous, "ada")
        refresh(anonymous, pair["refreshToken"])
        clock.shift(11)

        refresh(anonymous, pair["refreshToken"], status=401)
        refresh(anonymous, pair["refreshToken"], status=401)

        assert found(app) == [
            ("auth.login", str(ada.id), ada.id),
            ("auth.reuse", str(ada.id), None),
        ]

    def test_are_none_for_what_changes_nothing(
        self, app: Flask, anonymous: ApiClient, ada: User, user: ApiClient
    ) -> None:
        login(anonymous, "ada", "a wrong password", status=401)
        forgot_password(anonymous)
        forgot_password(anonymous, "nobody@example.com")
        change_password(user, "a wrong password", status=400)
        user.get("/api/auth/sessions")
        body = {"permissions": ["users:view"]}
        user.post("/api/permissions/check", json=body, status=200)

        assert recorded(app) == []


class TestUsers:
    def test_of_users_are_one_each(self, app: Flask, super_admin: ApiClient, make: Factory) -> None:
        body = {"email": "new@example.com", "name": "New", "password": PASSWORD}
        new = super_admin.post("/api/users", json=body)["id"]
        super_admin.put(f"/api/users/{new}", json={"name": "Newer", "role": "guest"})
        super_admin.patch(f"/api/users/{new}/status", json={"status": "SUSPENDED"})
        ids = sorted([new, make.user().id])
        super_admin.post("/api/users/batch-delete", json={"ids": ids}, status=200)
        super_admin.put("/api/users/me", json={"bio": "Here"})

        assert [(row.action, row.target_id) for row in recorded(app)] == [
            ("users.create", str(new)),
            ("users.update", str(new)),
            ("users.update", str(new)),
            *(("users.delete", str(i)) for i in ids),
            ("users.update", str(super_admin.user_id)),
        ]
        assert recorded(app)[1].changes == {
            "name": {"from": "New", "to": "Newer"},
            "role": {"from": "user", "to": "guest"},
        }

    def test_are_none_for_what_is_refused(
        self, app: Flask, super_admin: ApiClient, admin: ApiClient, ada: User
    ) -> None:
        taken = {"email": "ada@example.com", "name": "Other"}
        admin.post("/api/users", json=taken, status=409)
        admin.put(f"/api/users/{admin.user_id}", json={"email": taken["email"]}, status=409)
        admin.put(f"/api/users/{super_admin.user_id}", json={"name": "X"}, status=403)
        admin.delete(f"/api/users/{super_admin.user_id}", status=403)
        admin.delete("/api/users/999999", status=404)

        assert recorded(app) == []

    def test_of_commands_name_no_actor(self, app: Flask) -> None:
        run = app.test_cli_runner().invoke
        run(args=["users", "create", "new@example.com", "--password", PASSWORD])
        run(args=["users", "set-password", "new@example.com", "--password", "a new sentence"])

        rows = recorded(app)
        assert [row.action for row in rows] == ["users.create", "users.set-password"]
        assert {(row.actor_id, row.actor_name) for row in rows} == {(None, None)}
        assert {row.target_name for row in rows} == {"new"}


class TestRolesAndTeams:
    def test_of_roles(self, super_admin: ApiClient) -> None:
        super_admin.post("/api/roles", json={"name": "clerks", "permissions": ["users:view"]})
        super_admin.put("/api/roles/clerks", json={"label": "Clerks"})
        grants = {"permissions": ["teams:view"]}
        super_admin.post("/api/roles/clerks/permissions", json=grants, status=200)
        super_admin.delete("/api/roles/clerks")

        deleted, granted, renamed, created = entries(super_admin)
        assert (created["action"], renamed["action"]) == ("roles.create", "roles.update")
        assert granted["changes"] == {"permissions": {"from": ["users:view"], "to": ["teams:view"]}}
        assert (deleted["action"], deleted["targetId"]) == ("roles.delete", "clerks")

    def test_of_teams_and_members(self, admin: ApiClient, make: Factory) -> None:
        member = make.user().id
        team = admin.post("/api/teams", json={"name": "Team"})["id"]
        path = f"/api/teams/{team}"
        admin.put(path, json={"name": "Crew"})
        admin.post(f"{path}/members", json={"userId": member, "role": "member"})
        admin.put(f"{path}/members/{member}", json={"role": "member"})
        admin.put(f"{path}/members/{member}", json={"role": "admin"})
        admin.delete(f"{path}/members/{member}")
        admin.delete(path)

        assert actions(admin) == [
            "teams.delete",
            "teams.remove-member",
            "teams.update-member",
            "teams.add-member",
            "teams.update",
            "teams.create",
        ]
        assert {entry["targetId"] for entry in entries(admin)} == {team}
        assert entries(admin, "action=teams.update-member")[0]["changes"] == {
            "member": {
                "from": {"userId": member, "role": "member"},
                "to": {"userId": member, "role": "admin"},
            }
        }

    def test_of_a_new_owner_names_the_old_one(self, admin: ApiClient, make: Factory) -> None:
        first, second = make.user().id, make.user().id
        path = f"/api/teams/{admin.post('/api/teams', json={'name': 'Team'})['id']}/members"
        admin.post(path, json={"userId": first, "role": "owner"})
        admin.post(path, json={"userId": second, "role": "member"})
        admin.put(f"{path}/{second}", json={"role": "owner"})

        updated, _, added, _ = entries(admin)
        assert [entry["changes"]["formerOwner"]["from"] for entry in (added, updated)] == [
            {"userId": admin.user_id, "role": "owner"},
            {"userId": first, "role": "owner"},
        ]
        assert updated["changes"]["formerOwner"]["to"] == {"userId": first, "role": "admin"}


class TestDocuments:
    def test_of_a_new_one_name_its_tags(self, app: Flask, user: ApiClient) -> None:
        write(user, tags=["Red", "blue", "red"])
        write(user)

        tagged, plain = recorded(app)
        assert tagged.changes["tags"] == {"from": [], "to": ["Red", "blue"]}
        assert "tags" not in plain.changes

    def test_of_what_is_no_longer_shared_name_from_whom_it_was_taken(
        self, app: Flask, admin: ApiClient, make: Factory
    ) -> None:
        reader, team = make.user().id, team_of(admin)
        document = write(admin)["id"]
        share(admin, document, userIds=[reader], teamIds=[team])
        admin.post(f"/api/documents/{document}/unshare", json={"teamIds": [team]}, status=200)
        admin.post(f"/api/documents/{document}/unshare", status=200)
        admin.post(f"/api/documents/{document}/unshare", status=200)

        rows = [row.changes for row in recorded(app) if row.action == "documents.unshare"]
        taken = [{name: values["from"] for name, values in changes.items()} for changes in rows]
        assert taken == [
            {"sharedWithUsers": [], "sharedWithTeams": [team]},
            {"sharedWithUsers": [reader], "sharedWithTeams": []},
        ]
