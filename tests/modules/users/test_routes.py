"""Creating, reading and changing users."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox

NEW = {"email": "new@example.com", "name": "New"}

BAD_INPUT: list[tuple[dict[str, Any], str]] = [
    ({"email": "nobody"}, "email"),
    ({"email": None}, "email"),
    ({"email": 5}, "email"),
    ({"email": f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'y' * 60}.{'x' * 60}.com"}, "email"),
    ({"name": ""}, "name"),
    ({"name": "  "}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"name": "nul\0"}, "name"),
    ({"username": "x"}, "username"),
    ({"username": "two words"}, "username"),
    ({"username": "new@example.com"}, "username"),
    ({"username": "x" * 101}, "username"),
    ({"password": "short"}, "password"),
    ({"password": "x" * 129}, "password"),
    ({"password": "Password1"}, "password"),
    ({"role": None}, "role"),
    ({"role": ["user"]}, "role"),
    ({"role": "nosuchrole"}, "role"),
    ({"roleId": "nosuchrole"}, "role"),
    ({"status": "GONE"}, "status"),
    ({"status": None}, "status"),
    ({"avatar": "x" * 501}, "avatar"),
    ({"phone": "x" * 51}, "phone"),
    ({"department": "x" * 101}, "department"),
    ({"position": "x" * 101}, "position"),
    ({"bio": "x" * 2001}, "bio"),
]


class TestGetUser:
    def test_shows_the_user(self, admin: ApiClient, make: Factory) -> None:
        ada = make.user("guest", name="Ada", department="Sales", status="INACTIVE")

        user = admin.get(f"/api/users/{ada.id}")

        assert (user["id"], user["email"], user["username"]) == (ada.id, ada.email, ada.username)
        assert (user["name"], user["department"], user["status"]) == ("Ada", "Sales", "INACTIVE")
        assert (user["role"], user["roleLabel"], user["lastLoginAt"]) == ("guest", "Guest", None)

    @each("user_id", ["0", "999999", str(2**31), "1e3", "-1"])
    def test_is_404_for_nobody(self, admin: ApiClient, user_id: str) -> None:
        response = admin.open("GET", f"/api/users/{user_id}")

        assert response.status_code == 404
        assert response.get_json()["error"]["code"] == "NOT_FOUND"

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.get(f"/api/users/{user.user_id}", status=403)


class TestCreateUser:
    def test_creates_an_active_user_with_the_default_role(self, admin: ApiClient) -> None:
        user = admin.post("/api/users", json=NEW)

        assert (user["email"], user["name"], user["username"]) == ("new@example.com", "New", "new")
        assert (user["role"], user["status"], user["lastLoginAt"]) == ("user", "ACTIVE", None)
        assert user["avatar"] is user["phone"] is user["bio"] is None
        assert admin.get(f"/api/users/{user['id']}") == user

    def test_takes_every_field(self, admin: ApiClient) -> None:
        given = {
            **NEW,
            "username": "newcomer",
            "role": "guest",
            "status": "INACTIVE",
            "avatar": "/n.png",
            "phone": "1",
            "department": "Sales",
            "position": "Lead",
            "bio": "New here",
        }

        user = admin.post("/api/users", json=given)

        assert user == user | given

    def test_takes_the_role_as_role_id(self, admin: ApiClient) -> None:
        user = admin.post("/api/users", json={**NEW, "roleId": "guest"})

        assert user["role"] == "guest"

    def test_keeps_mail_and_username_in_lower_case(self, admin: ApiClient) -> None:
        user = admin.post(
            "/api/users", json={"email": " New@Example.COM ", "username": "NewComer", "name": "New"}
        )

        assert (user["email"], user["username"]) == ("new@example.com", "newcomer")

    @pytest.mark.parametrize(
        ("email", "username"),
        [
            ("ada.l@example.com", "ada.l"),
            ("Ada+News@example.com", "adanews"),
            ("a@example.com", "usera"),
        ],
    )
    def test_makes_the_default_username_of_the_mail(
        self, admin: ApiClient, email: str, username: str
    ) -> None:
        user = admin.post("/api/users", json={"email": email, "name": "New"})

        assert user["username"] == username

    def test_makes_the_default_username_unique(self, admin: ApiClient, make: Factory) -> None:
        make.user(username="new")

        user = admin.post("/api/users", json=NEW)

        assert user["username"].startswith("new-")

    def test_lets_the_user_sign_in_with_the_password(
        self, admin: ApiClient, anonymous: ApiClient, mailbox: Mailbox
    ) -> None:
        user = admin.post("/api/users", json={**NEW, "password": PASSWORD})

        login = {"email": "new@example.com", "password": PASSWORD}
        assert anonymous.post("/api/auth/login", json=login, status=200)["user"]["id"] == user["id"]
        assert mailbox.deliver() == []

    def test_invites_by_mail_who_has_no_password(
        self, admin: ApiClient, anonymous: ApiClient, mailbox: Mailbox
    ) -> None:
        admin.post("/api/users", json=NEW)

        [mail] = mailbox.deliver()
        assert mail["To"] == "new@example.com"
        reset = {"token": mailbox.reset_token(), "password": PASSWORD}
        anonymous.post("/api/auth/reset-password", json=reset, status=200)
        login = {"email": "new@example.com", "password": PASSWORD}
        anonymous.post("/api/auth/login", json=login, status=200)

    @pytest.mark.parametrize(
        ("taken", "field"),
        [
            ({"email": "ada@example.com"}, "email"),
            ({"email": "ADA@Example.com"}, "email"),
            ({"username": "ada"}, "username"),
            ({"username": "ADA"}, "username"),
        ],
    )
    def test_names_the_field_that_is_taken(
        self, admin: ApiClient, make: Factory, taken: dict[str, str], field: str
    ) -> None:
        make.user(email="ada@example.com", username="ada")

        error = admin.post("/api/users", json={**NEW, **taken}, status=409)

        assert [detail["field"] for detail in error["details"]] == [field]

    def test_is_not_confused_by_a_taken_mail_with_the_other_field_in_it(
        self, admin: ApiClient, make: Factory
    ) -> None:
        make.user(email="username@example.com")

        error = admin.post("/api/users", json={**NEW, "email": "username@example.com"}, status=409)

        assert [detail["field"] for detail in error["details"]] == ["email"]

    @pytest.mark.parametrize("missing", ["email", "name"])
    def test_asks_for_mail_and_name(self, admin: ApiClient, missing: str) -> None:
        given = {key: value for key, value in NEW.items() if key != missing}

        error = admin.post("/api/users", json=given, status=400)

        assert [detail["field"] for detail in error["details"]] == [missing]

    @pytest.mark.database("sqlite")
    @each(("bad", "field"), BAD_INPUT)
    def test_refuses_bad_input(self, admin: ApiClient, bad: dict[str, Any], field: str) -> None:
        error = admin.post("/api/users", json={**NEW, **bad}, status=400)

        assert error["code"] == "VALIDATION_ERROR"
        assert [detail["field"] for detail in error["details"]] == [field]
        assert admin.get("/api/users")["total"] == 1

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.post("/api/users", json=NEW, status=403)


class TestUpdateUser:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_changes_only_what_is_sent(self, admin: ApiClient, make: Factory, method: str) -> None:
        path = f"/api/users/{make.user(name='Ada', phone='123', bio='Writes').id}"
        before = admin.get(path)

        after = admin.call(method, path, 200, json={"name": "Ada L.", "bio": None})

        assert after["updatedAt"] > before["updatedAt"]
        changed = {"name": "Ada L.", "bio": None, "updatedAt": after["updatedAt"]}
        assert after == before | changed
        assert admin.get(path) == after

    def test_changes_every_field(self, admin: ApiClient, make: Factory) -> None:
        changes = {
            "email": "ada@example.com",
            "username": "ada",
            "name": "Ada",
            "avatar": "/a.png",
            "phone": "1",
            "department": "Sales",
            "position": "Lead",
            "bio": "Counts",
            "role": "guest",
            "status": "SUSPENDED",
        }

        user = admin.put(f"/api/users/{make.user().id}", json=changes)

        assert user == user | changes
        assert user["roleLabel"] == "Guest"

    def test_takes_the_role_as_role_id(self, admin: ApiClient, make: Factory) -> None:
        user = admin.put(f"/api/users/{make.user().id}", json={"roleId": "guest"})

        assert user["role"] == "guest"

    @pytest.mark.parametrize(
        ("taken", "field"),
        [({"email": "ADA@example.com"}, "email"), ({"username": "Ada"}, "username")],
    )
    def test_names_the_field_that_is_taken(
        self, admin: ApiClient, make: Factory, taken: dict[str, str], field: str
    ) -> None:
        make.user(email="ada@example.com", username="ada")

        error = admin.put(f"/api/users/{make.user().id}", json=taken, status=409)

        assert [detail["field"] for detail in error["details"]] == [field]

    def test_nobody_is_in_their_own_way(self, admin: ApiClient, make: Factory) -> None:
        ada = make.user(email="ada@example.com", username="ada")

        user = admin.put(
            f"/api/users/{ada.id}", json={"email": "Ada@example.com", "username": "ADA"}
        )

        assert (user["email"], user["username"]) == ("ada@example.com", "ada")

    def test_a_new_role_counts_from_the_next_request(self, admin: ApiClient, make: Factory) -> None:
        ada = make.client("user")

        admin.put(f"/api/users/{ada.user_id}", json={"role": "guest"})

        assert ada.get("/api/users/me")["permissions"] == ["dashboard:view"]
        ada.get("/api/documents", status=403)

    @pytest.mark.database("sqlite")
    @each(("bad", "field"), BAD_INPUT)
    def test_refuses_bad_input(
        self, admin: ApiClient, make: Factory, bad: dict[str, Any], field: str
    ) -> None:
        path = f"/api/users/{make.user().id}"
        before = admin.get(path)

        error = admin.put(path, json=bad, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]
        assert admin.get(path) == before

    def test_is_404_for_nobody(self, admin: ApiClient) -> None:
        admin.put("/api/users/999999", json={"name": "Ada"}, status=404)

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.put(f"/api/users/{user.user_id}", json={"name": "Ada"}, status=403)
