"""`flask users create | set-password | list`."""

import pytest
from click.testing import Result
from flask import Flask

from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory

NEW_PASSWORD = "an entirely new one"


def run(app: Flask, *args: str, typed: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=["users", *args], input=typed)


class TestCreate:
    def test_makes_an_account_that_can_sign_in(self, app: Flask, anonymous: ApiClient) -> None:
        result = run(app, "create", "Ada@Example.com", "--password", PASSWORD)

        assert result.exit_code == 0, result.output
        assert "ada@example.com (user)" in result.output
        login = {"email": "ada@example.com", "password": PASSWORD}
        user = anonymous.post("/api/auth/login", json=login, status=200)["user"]
        assert (user["username"], user["name"], user["role"]) == ("ada", "ada", "user")

    def test_takes_role_name_and_username(self, app: Flask, make: Factory) -> None:
        names = ("--role", "super_admin", "--name", "Ada L.", "--username", "Countess")

        result = run(app, "create", "ada@example.com", *names, "--password", PASSWORD)

        assert result.exit_code == 0, result.output
        [ada] = make.client("admin").get("/api/users?search=ada@")["items"]
        assert (ada["role"], ada["name"], ada["username"]) == ("super_admin", "Ada L.", "countess")

    def test_asks_for_the_password_twice(self, app: Flask) -> None:
        result = run(app, "create", "ada@example.com", typed=f"{PASSWORD}\n{PASSWORD}\n")

        assert result.exit_code == 0, result.output
        assert PASSWORD not in result.output

    @pytest.mark.parametrize(
        ("args", "complaint"),
        [
            (("taken@example.com",), "email is already taken"),
            (("TAKEN@example.com",), "email is already taken"),
            (("new@example.com", "--username", "Taken"), "username is already taken"),
            (("new@example.com", "--username", "two words"), "username"),
            (("new@example.com", "--role", "nosuchrole"), "nosuchrole"),
            (("nobody",), "email"),
            (("new@example.com", "--name", "x" * 101), "name"),
        ],
    )
    def test_says_what_is_wrong(
        self, app: Flask, make: Factory, args: tuple[str, ...], complaint: str
    ) -> None:
        make.user(email="taken@example.com", username="taken")

        result = run(app, "create", *args, "--password", PASSWORD)

        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert complaint in result.output
        assert make.client("admin").get("/api/users")["total"] == 2

    @pytest.mark.parametrize("password", ["short", "Password1", "x" * 129])
    def test_refuses_a_bad_password(self, app: Flask, password: str) -> None:
        result = run(app, "create", "ada@example.com", "--password", password)

        assert result.exit_code == 2
        assert "--password" in result.output


class TestSetPassword:
    def test_sets_the_password_and_ends_the_sessions(
        self, app: Flask, make: Factory, anonymous: ApiClient
    ) -> None:
        ada = make.client(email="ada@example.com")

        result = run(app, "set-password", "Ada@Example.com", "--password", NEW_PASSWORD)

        assert result.exit_code == 0, result.output
        assert "ended its sessions" in result.output
        ada.get("/api/users/me", status=401)
        login = {"email": "ada@example.com", "password": NEW_PASSWORD}
        anonymous.post("/api/auth/login", json=login, status=200)

    def test_says_when_there_is_no_such_user(self, app: Flask) -> None:
        result = run(app, "set-password", "nobody@example.com", "--password", NEW_PASSWORD)

        assert result.exit_code == 1
        assert "nobody@example.com" in result.output

    def test_refuses_a_bad_password(self, app: Flask, make: Factory) -> None:
        ada = make.client(email="ada@example.com")

        result = run(app, "set-password", "ada@example.com", "--password", "short")

        assert result.exit_code == 2
        ada.get("/api/users/me")


class TestList:
    def test_shows_every_account(self, app: Flask, make: Factory) -> None:
        ada = make.user("admin", email="ada@example.com")
        bob = make.user("guest", email="bob@example.com", status="SUSPENDED")

        result = run(app, "list")

        assert [line.split() for line in result.output.splitlines()] == [
            [str(ada.id), "ada@example.com", "admin", "ACTIVE"],
            [str(bob.id), "bob@example.com", "guest", "SUSPENDED"],
        ]

    def test_shows_nothing_when_there_is_nobody(self, app: Flask) -> None:
        result = run(app, "list")

        assert (result.exit_code, result.output) == (0, "")
