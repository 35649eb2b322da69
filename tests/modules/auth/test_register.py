from typing import Any

import pytest
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD
from tests.modules.auth.steps import all_at_once, fields, get_me, login


def register(client: ApiClient, *, status: int = 201, **body: Any) -> Any:
    """Register with this body, completed by a mail address and a password."""
    complete = {"email": "grace@example.com", "password": PASSWORD} | body
    return client.post("/api/auth/register", json=complete, status=status)


class TestRegister:
    def test_makes_an_account_and_signs_it_in(self, anonymous: ApiClient) -> None:
        data = register(anonymous, name="Grace", username="hopper", phone="123")

        user = get_me(anonymous, data["accessToken"])
        assert (user["email"], user["username"]) == ("grace@example.com", "hopper")
        assert (user["name"], user["phone"]) == ("Grace", "123")
        assert (user["role"], user["status"]) == ("user", "ACTIVE")
        assert user["lastLoginAt"].endswith("Z")

    def test_makes_an_account_that_can_sign_in_again(self, anonymous: ApiClient) -> None:
        registered = register(anonymous)

        assert login(anonymous, "grace@example.com")["user"]["id"] == registered["user"]["id"]

    def test_takes_the_username_from_the_mail_address(self, anonymous: ApiClient) -> None:
        user = register(anonymous, email="Grace.Hopper@example.com")["user"]

        assert user["username"] == "grace.hopper"

    def test_takes_the_name_from_the_username(self, anonymous: ApiClient) -> None:
        assert register(anonymous, username="hopper")["user"]["name"] == "hopper"
        assert register(anonymous, email="grace@example.org")["user"]["name"] == "grace"

    def test_makes_the_username_unique_when_nobody_chose_it(self, anonymous: ApiClient) -> None:
        users = [register(anonymous, email=f"grace@{n}.example.com")["user"] for n in range(3)]

        names = [user["username"] for user in users]
        assert len(set(names)) == 3
        assert all(name.startswith("grace") for name in names)

    def test_makes_usernames_unique_that_are_made_at_once(
        self, app: Flask, anonymous: ApiClient
    ) -> None:
        def status(n: int) -> int:
            body = {"email": f"grace@{n}.example.com", "password": PASSWORD}
            return anonymous.open("POST", "/api/auth/register", json=body).status_code

        assert all_at_once(status, range(6)) == [201] * 6

    @pytest.mark.parametrize("email", ["a@example.com", "!#$@example.com", f"{'x' * 64}@a.example"])
    def test_finds_a_username_for_any_mail_address(self, anonymous: ApiClient, email: str) -> None:
        user = register(anonymous, email=email)["user"]

        assert 2 <= len(user["username"]) <= 100
        assert login(anonymous, user["username"])["user"]["id"] == user["id"]

    @pytest.mark.usefixtures("ada")
    @pytest.mark.parametrize("email", ["ada@example.com", "ADA@Example.COM", " ada@example.com "])
    def test_refuses_a_taken_mail_address(self, anonymous: ApiClient, email: str) -> None:
        error = register(anonymous, email=email, status=409)

        assert error["code"] == "CONFLICT"
        assert fields(error) == ["email"]

    @pytest.mark.parametrize("email", ["username@example.com", "ada@username.example.com"])
    def test_names_the_mail_address_whatever_is_in_it(
        self, anonymous: ApiClient, email: str
    ) -> None:
        register(anonymous, email=email)

        assert fields(register(anonymous, email=email, status=409)) == ["email"]

    @pytest.mark.usefixtures("ada")
    @pytest.mark.parametrize("username", ["ada", "ADA", " Ada "])
    def test_refuses_a_taken_username(self, anonymous: ApiClient, username: str) -> None:
        error = register(anonymous, username=username, status=409)

        assert error["code"] == "CONFLICT"
        assert fields(error) == ["username"]

    def test_makes_one_account_of_many_tries_at_once(self, anonymous: ApiClient) -> None:
        def status(_: int) -> int:
            body = {"email": "grace@example.com", "password": PASSWORD}
            return anonymous.open("POST", "/api/auth/register", json=body).status_code

        assert sorted(all_at_once(status, range(5))) == [201, 409, 409, 409, 409]

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"email": "no address"}, "email"),
            ({"email": ""}, "email"),
            ({"email": None}, "email"),
            ({"email": 1}, "email"),
            ({"email": f"{'x' * 250}@example.com"}, "email"),
            ({"password": "short"}, "password"),
            ({"password": None}, "password"),
            ({"password": 1234567890}, "password"),
            ({"username": "x"}, "username"),
            ({"username": "x" * 101}, "username"),
            ({"username": "ada@example.com"}, "username"),
            ({"username": "ada lovelace"}, "username"),
            ({"name": ""}, "name"),
            ({"name": "x" * 101}, "name"),
            ({"phone": "1" * 51}, "phone"),
            ({"name": "a\0b"}, "name"),
        ],
    )
    def test_refuses_a_wrong_value(
        self, anonymous: ApiClient, body: dict[str, Any], field: str
    ) -> None:
        error = register(anonymous, **body, status=400)

        assert error["code"] == "VALIDATION_ERROR"
        assert fields(error) == [field]

    def test_asks_for_mail_address_and_password(self, anonymous: ApiClient) -> None:
        error = anonymous.post("/api/auth/register", json={}, status=400)

        assert sorted(fields(error)) == ["email", "password"]

    def test_gives_nobody_more_than_the_default_role(self, anonymous: ApiClient) -> None:
        user = register(
            anonymous, role="super_admin", roleId="super_admin", status_="ACTIVE", id=1
        )["user"]

        assert user["role"] == "user"
        assert "*" not in user["permissions"]


class TestClosedRegistration:
    @pytest.fixture(autouse=True)
    def closed(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "ALLOW_REGISTRATION", False)

    def test_makes_no_account(self, anonymous: ApiClient) -> None:
        error = register(anonymous, status=403)

        assert error["code"] == "FORBIDDEN"
        login(anonymous, "grace@example.com", status=401)

    def test_does_not_say_who_has_an_account(self, anonymous: ApiClient, ada: User) -> None:
        unknown = register(anonymous, status=403)

        assert register(anonymous, email=ada.email, status=403) == unknown

    def test_keeps_nobody_from_signing_in(self, anonymous: ApiClient, ada: User) -> None:
        assert login(anonymous, "ada")["user"]["id"] == ada.id
