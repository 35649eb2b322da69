"""Status and password of others, and the sessions that end with a change of either."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import PASSWORD, Factory

NEW_PASSWORD = "an entirely new one"


class TestEndingSessions:
    @pytest.mark.parametrize(
        "changes",
        [
            {"status": "INACTIVE"},
            {"status": "SUSPENDED"},
            {"password": NEW_PASSWORD},
        ],
    )
    def test_a_new_status_or_password_ends_every_session(
        self, admin: ApiClient, make: Factory, changes: dict[str, str]
    ) -> None:
        phone = make.client()
        laptop = make.sign_in(phone.user_id)

        admin.put(f"/api/users/{phone.user_id}", json=changes)

        phone.get("/api/users/me", status=401)
        laptop.get("/api/users/me", status=401)

    @pytest.mark.parametrize(
        "changes",
        [{"status": "ACTIVE"}, {"status": "active", "name": "Ada"}, {"role": "guest"}, {}],
    )
    def test_other_changes_end_none(
        self, admin: ApiClient, make: Factory, changes: dict[str, str]
    ) -> None:
        ada = make.client()

        admin.put(f"/api/users/{ada.user_id}", json=changes)

        ada.get("/api/users/me")

    def test_sessions_of_others_go_on(
        self, admin: ApiClient, user: ApiClient, make: Factory
    ) -> None:
        admin.put(f"/api/users/{make.user().id}", json={"status": "SUSPENDED"})

        user.get("/api/users/me")

    def test_an_ended_session_stays_ended(self, admin: ApiClient, make: Factory) -> None:
        ada = make.client()

        for status in ("SUSPENDED", "ACTIVE"):
            admin.patch(f"/api/users/{ada.user_id}/status", json={"status": status})

        ada.get("/api/users/me", status=401)

    def test_the_new_password_takes_the_place_of_the_old(
        self, admin: ApiClient, anonymous: ApiClient, make: Factory
    ) -> None:
        ada = make.user()

        admin.put(f"/api/users/{ada.id}", json={"password": NEW_PASSWORD})

        for password, status in ((PASSWORD, 401), (NEW_PASSWORD, 200)):
            login = {"email": ada.email, "password": password}
            anonymous.post("/api/auth/login", json=login, status=status)

    def test_ones_own_password_is_changed_elsewhere(self, admin: ApiClient) -> None:
        error = admin.put(
            f"/api/users/{admin.user_id}", json={"password": NEW_PASSWORD}, status=400
        )

        assert [detail["field"] for detail in error["details"]] == ["password"]
        admin.get("/api/users/me")


class TestSetStatus:
    @pytest.mark.parametrize("status", ["INACTIVE", "suspended", "Active"])
    def test_sets_the_status_in_any_case(
        self, admin: ApiClient, make: Factory, status: str
    ) -> None:
        path = f"/api/users/{make.user().id}"

        user = admin.patch(f"{path}/status", json={"status": status})

        assert user["status"] == status.upper()
        assert admin.get(path) == user

    def test_ends_the_sessions_when_it_changes(self, admin: ApiClient, make: Factory) -> None:
        ada, bob = make.client(), make.client()

        admin.patch(f"/api/users/{ada.user_id}/status", json={"status": "INACTIVE"})
        admin.patch(f"/api/users/{bob.user_id}/status", json={"status": "ACTIVE"})

        ada.get("/api/users/me", status=401)
        bob.get("/api/users/me")

    def test_changes_nothing_else(self, admin: ApiClient, make: Factory) -> None:
        path = f"/api/users/{make.user().id}"
        before = admin.get(path)

        after = admin.patch(
            f"{path}/status", json={"status": "INACTIVE", "name": "Ada", "role": "guest"}
        )

        assert after == before | {"status": "INACTIVE", "updatedAt": after["updatedAt"]}

    @pytest.mark.database("sqlite")
    @each("sent", [{}, {"status": "GONE"}, {"status": None}, {"status": 1}])
    def test_refuses_bad_input(self, admin: ApiClient, make: Factory, sent: dict[str, Any]) -> None:
        error = admin.patch(f"/api/users/{make.user().id}/status", json=sent, status=400)

        assert [detail["field"] for detail in error["details"]] == ["status"]

    def test_is_404_for_nobody(self, admin: ApiClient) -> None:
        admin.patch("/api/users/999999/status", json={"status": "INACTIVE"}, status=404)

    def test_is_refused_without_the_permission(self, user: ApiClient, make: Factory) -> None:
        other = make.user()

        user.patch(f"/api/users/{other.id}/status", json={"status": "INACTIVE"}, status=403)
