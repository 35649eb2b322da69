"""Deleting users, one or several."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory

BATCH = "/api/users/batch-delete"


class TestDeleteUser:
    def test_deletes_the_user(self, admin: ApiClient, make: Factory) -> None:
        path = f"/api/users/{make.user().id}"

        answer = admin.delete(path)

        assert answer is None
        admin.get(path, status=404)
        admin.delete(path, status=404)

    def test_signs_the_user_out(self, admin: ApiClient, user: ApiClient) -> None:
        admin.delete(f"/api/users/{user.user_id}")

        user.get("/api/users/me", status=401)

    def test_keeps_their_documents_without_an_author(
        self, admin: ApiClient, user: ApiClient
    ) -> None:
        document = user.post("/api/documents", json={"title": "Plan", "content": "text"})

        admin.delete(f"/api/users/{user.user_id}")

        kept = admin.get(f"/api/documents/{document['id']}")
        assert (kept["title"], kept["content"], kept["author"]) == ("Plan", "text", None)

    def test_ends_what_was_shared_with_them(
        self, admin: ApiClient, user: ApiClient, make: Factory
    ) -> None:
        document = user.post("/api/documents", json={"title": "Plan"})
        path = f"/api/documents/{document['id']}"
        friend = make.user()
        user.open("POST", f"{path}/share", json={"userIds": [friend.id], "permission": "VIEW"})

        admin.delete(f"/api/users/{friend.id}")

        assert user.get(f"{path}/shares") == []

    def test_ends_their_memberships(self, admin: ApiClient, make: Factory) -> None:
        leaving, staying = make.user(), make.user()
        team = admin.post(
            "/api/teams", json={"name": "Crew", "memberIds": [leaving.id, staying.id]}
        )

        admin.delete(f"/api/users/{leaving.id}")

        team = admin.get(f"/api/teams/{team['id']}")
        members = {member["user"]["id"] for member in team["members"]}
        assert (members, team["memberCount"]) == ({admin.user_id, staying.id}, 2)

    def test_frees_mail_and_username(self, admin: ApiClient, make: Factory) -> None:
        ada = make.user()
        admin.delete(f"/api/users/{ada.id}")

        again = admin.post(
            "/api/users", json={"email": ada.email, "username": ada.username, "name": "Ada"}
        )

        assert again["email"] == ada.email

    def test_nobody_deletes_themselves(self, admin: ApiClient) -> None:
        admin.delete(f"/api/users/{admin.user_id}", status=400)

        admin.get("/api/users/me")

    def test_is_refused_without_the_permission(self, user: ApiClient, make: Factory) -> None:
        user.delete(f"/api/users/{make.user().id}", status=403)


class TestBatchDeleteUsers:
    def test_deletes_them_all(self, admin: ApiClient, make: Factory) -> None:
        ids = [make.user().id for _ in range(3)]

        answer = admin.post(BATCH, json={"ids": ids}, status=200)

        assert answer == {"deleted": 3}
        assert [user["id"] for user in admin.get("/api/users")["items"]] == [admin.user_id]

    def test_counts_who_is_named_twice_once(self, admin: ApiClient, make: Factory) -> None:
        ada = make.user()

        answer = admin.post(BATCH, json={"ids": [ada.id, ada.id]}, status=200)

        assert answer == {"deleted": 1}

    def test_deletes_nobody_when_one_is_missing(self, admin: ApiClient, make: Factory) -> None:
        ada = make.user()

        admin.post(BATCH, json={"ids": [ada.id, 999999]}, status=404)

        admin.get(f"/api/users/{ada.id}")

    def test_deletes_nobody_when_one_is_oneself(self, admin: ApiClient, make: Factory) -> None:
        ada = make.user()

        admin.post(BATCH, json={"ids": [ada.id, admin.user_id]}, status=400)

        admin.get(f"/api/users/{ada.id}")

    def test_deletes_nobody_when_one_holds_more(self, admin: ApiClient, make: Factory) -> None:
        ada = make.user()

        admin.post(BATCH, json={"ids": [ada.id, make.user("super_admin").id]}, status=403)

        admin.get(f"/api/users/{ada.id}")

    @pytest.mark.database("sqlite")
    @each(
        ("sent", "field"),
        [
            ({}, "ids"),
            ({"ids": None}, "ids"),
            ({"ids": 1}, "ids"),
            ({"ids": []}, "ids"),
            ({"ids": list(range(1, 102))}, "ids"),
            ({"ids": [0]}, "ids.0"),
            ({"ids": ["x"]}, "ids.0"),
            ({"ids": [True]}, "ids.0"),
            ({"ids": [2**31]}, "ids.0"),
        ],
    )
    def test_refuses_bad_input(self, admin: ApiClient, sent: dict[str, Any], field: str) -> None:
        error = admin.post(BATCH, json=sent, status=400)

        assert field in {detail["field"] for detail in error["details"]}

    def test_is_refused_without_the_permission(self, user: ApiClient, make: Factory) -> None:
        user.post(BATCH, json={"ids": [make.user().id]}, status=403)
