"""`flask users create | set-password | set-role | disable | enable | unlock | list`."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.api_client import ApiClient
from tests.contract.operations import application
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
            (("taken@example.com",), "email address is already in use"),
            (("TAKEN@example.com",), "email address is already in use"),
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

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (("taken@example.com",), "This email address is already in use"),
            (("new@example.com", "--username", "Taken"), "This username is already taken"),
            (("nobody",), "email: Enter an email address"),
            (("new@example.com", "--role", "nosuchrole"), "Role 'nosuchrole' does not exist"),
        ],
    )
    def test_says_so_before_it_asks_for_a_password(
        self, app: Flask, make: Factory, args: tuple[str, ...], message: str
    ) -> None:
        make.user(email="taken@example.com", username="taken")

        result = run(app, "create", *args)

        assert result.exit_code == 1
        assert result.output.startswith(f"Error: {message}")

    def test_asks_again_after_a_bad_password(self, app: Flask) -> None:
        typed = "short\n" + 2 * f"{PASSWORD}\n"

        result = run(app, "create", "ada@example.com", typed=typed)

        assert result.exit_code == 0, result.output
        assert "Created user" in result.output

    @pytest.mark.database("sqlite")
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

    @pytest.mark.parametrize("given", [("--password", NEW_PASSWORD), ()])
    def test_says_when_there_is_no_such_user(self, app: Flask, given: tuple[str, ...]) -> None:
        result = run(app, "set-password", "nobody@example.com", *given)

        assert result.exit_code == 1
        assert "nobody@example.com" in result.output

    def test_refuses_a_bad_password(self, app: Flask, make: Factory) -> None:
        ada = make.client(email="ada@example.com")

        result = run(app, "set-password", "ada@example.com", "--password", "short")

        assert result.exit_code == 2
        ada.get("/api/users/me")


class TestSetRole:
    def test_gives_another_role(self, app: Flask, make: Factory) -> None:
        ada = make.client("user", email="ada@example.com")

        result = run(app, "set-role", "Ada@example.com", "admin")

        assert (result.exit_code, result.output) == (0, "Ada@example.com has the role admin now\n")
        assert ada.get("/api/users/me")["role"] == "admin"
        [entry] = make.client("super_admin").get("/api/audit?targetType=users")["items"]
        assert (entry["action"], entry["actor"]) == ("users.update", None)
        assert "already" in run(app, "set-role", "ada@example.com", "admin").output

    def test_says_what_is_wrong(self, app: Flask, make: Factory) -> None:
        make.user("super_admin", email="root@example.com")
        for args, message in (
            (("nobody@example.com", "admin"), "User 'nobody@example.com' does not exist"),
            (("root@example.com", "nosuchrole"), "Role 'nosuchrole' does not exist"),
            (("root@example.com", "user"), "This is the last active super administrator"),
        ):
            result = run(app, "set-role", *args)
            assert result.exit_code == 1
            assert result.output.startswith(f"Error: {message}")


class TestDisable:
    def test_ends_sessions_and_refuses_logins_until_it_is_enabled(
        self, app: Flask, make: Factory, anonymous: ApiClient
    ) -> None:
        ada = make.client(email="ada@example.com")
        login = {"email": "ada@example.com", "password": PASSWORD}

        assert run(app, "disable", "ada@example.com").output == "Disabled ada@example.com\n"

        ada.get("/api/users/me", status=401)
        anonymous.post("/api/auth/login", json=login, status=401)
        assert "already" in run(app, "disable", "ada@example.com").output
        assert run(app, "enable", "ada@example.com").output == "Enabled ada@example.com\n"
        anonymous.post("/api/auth/login", json=login, status=200)

    def test_keeps_the_last_super_admin(self, app: Flask, make: Factory) -> None:
        root = make.client("super_admin", email="root@example.com")

        result = run(app, "disable", "root@example.com")

        assert result.exit_code == 1
        assert "super admin" in result.output
        root.get("/api/users/me")


class TestUnlock:
    def test_lets_its_owner_sign_in_at_once(
        self, app: Flask, make: Factory, anonymous: ApiClient
    ) -> None:
        make.user(email="ada@example.com", username="ada")
        for name in ("ada@example.com", "ada"):
            wrong = {"email": name, "password": "not the right one"}
            while anonymous.open("POST", "/api/auth/login", json=wrong).status_code == 401:
                pass
        login = {"email": "ada@example.com", "password": PASSWORD}
        anonymous.post("/api/auth/login", json=login, status=429)

        result = run(app, "unlock", "ada@example.com")

        assert result.output == "Forgot 20 failed logins of ada@example.com\n"
        anonymous.post("/api/auth/login", json=login, status=200)

    def test_says_when_there_is_no_such_user(self, app: Flask) -> None:
        result = run(app, "unlock", "nobody@example.com")

        assert result.exit_code == 1
        assert "does not exist" in result.output


class TestFaults:
    """Of the installation: one line in place of a traceback."""

    @pytest.mark.parametrize("command", [["users", "list"], ["sessions", "prune"], ["seed"]])
    def test_a_database_without_tables(self, command: list[str]) -> None:
        with application() as app:
            result = app.test_cli_runner().invoke(args=command)

        assert result.exit_code == 1
        [line] = result.output.splitlines()
        assert line.startswith("Error: The database cannot be used: no such table")
        assert "flask doctor" in line

    def test_a_database_that_cannot_be_opened(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/nowhere/test.db"
        with application(DATABASE_URL=url) as app:
            for command in (["users", "list"], ["db", "upgrade"], ["prepare"]):
                result = app.test_cli_runner().invoke(args=command)
                assert result.exit_code == 1
                assert result.output.splitlines()[-1].startswith("Error: The database cannot be")


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
