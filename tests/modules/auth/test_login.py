from typing import Any

import argon2
import pytest
import time_machine
from flask import Flask

from halolight.core import passwords
from halolight.core.passwords import UNUSABLE
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.modules.auth.steps import all_at_once, everything_stored, fields, login

FIFTEEN_MINUTES = 15 * 60
WRONG = "a wrong password"


def fail(client: ApiClient, identifier: str, times: int, **kwargs: Any) -> None:
    for _ in range(times):
        login(client, identifier, WRONG, status=401, **kwargs)


def fail_for_many(client: ApiClient, times: int, **kwargs: Any) -> None:
    """Fail once for each of so many accounts."""
    for n in range(times):
        login(client, f"somebody{n}", WRONG, status=401, **kwargs)


class TestLogin:
    @pytest.mark.parametrize(
        "identifier", ["ada@example.com", "ADA@Example.com", "ada", "Ada", " ada "]
    )
    def test_takes_mail_address_or_username_in_any_case(
        self, anonymous: ApiClient, ada: User, identifier: str
    ) -> None:
        assert login(anonymous, identifier)["user"]["id"] == ada.id

    def test_takes_the_username_under_its_own_name(self, anonymous: ApiClient, ada: User) -> None:
        body = {"username": "ada", "password": PASSWORD}

        assert anonymous.post("/api/auth/login", json=body, status=200)["user"]["id"] == ada.id

    def test_notes_when_it_was(
        self, anonymous: ApiClient, ada: User, clock: time_machine.Traveller
    ) -> None:
        first = login(anonymous, "ada")["user"]
        clock.shift(60)

        second = login(anonymous, "ada")["user"]

        assert second["lastLoginAt"] > first["lastLoginAt"]
        assert second["updatedAt"] == first["updatedAt"]

    def test_begins_a_new_session_each_time(self, anonymous: ApiClient, ada: User) -> None:
        pairs = [login(anonymous, "ada") for _ in range(3)]

        assert len({pair["accessToken"] for pair in pairs}) == 3
        client = ApiClient(anonymous.app, pairs[0]["accessToken"])
        assert len(client.get("/api/auth/sessions")) == 3

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"password": PASSWORD}, "email"),
            ({"email": "", "password": PASSWORD}, "email"),
            ({"email": None, "password": PASSWORD}, "email"),
            ({"email": ["ada"], "password": PASSWORD}, "email"),
            ({"email": "x" * 256, "password": PASSWORD}, "email"),
            ({"email": "ada"}, "password"),
            ({"email": "ada", "password": None}, "password"),
            ({"email": "ada", "password": {"$ne": ""}}, "password"),
            ({"email": "ada", "password": "x" * 10_000}, "password"),
        ],
    )
    def test_refuses_a_wrong_value(
        self, anonymous: ApiClient, body: dict[str, Any], field: str
    ) -> None:
        assert fields(anonymous.post("/api/auth/login", json=body, status=400)) == [field]


class TestFailedLogin:
    @pytest.fixture
    def _people(self, make: Factory, ada: User) -> None:
        make.user(username="inactive", status="INACTIVE")
        make.user(username="suspended", status="SUSPENDED")

    @pytest.mark.usefixtures("_people")
    @pytest.mark.parametrize(
        ("identifier", "password"),
        [
            ("nobody", PASSWORD),
            ("nobody@example.com", PASSWORD),
            ("ada", WRONG),
            ("ada", ""),
            ("ada", f" {PASSWORD}"),
            ("ada", PASSWORD.upper()),
            ("ada@example.com", WRONG),
            ("ad%", PASSWORD),
            ("' OR 1=1 --", PASSWORD),
            ("inactive", PASSWORD),
            ("inactive", WRONG),
            ("suspended", PASSWORD),
        ],
    )
    def test_looks_the_same_whatever_was_wrong(
        self, anonymous: ApiClient, identifier: str, password: str
    ) -> None:
        login(anonymous, identifier, password, status=401)

        assert anonymous.last.headers["WWW-Authenticate"] == "Bearer"
        assert anonymous.last.json == {
            "success": False,
            "error": {
                "code": "UNAUTHORIZED",
                "message": "The email or the password is wrong.",
                "details": [],
            },
        }

    @pytest.mark.usefixtures("_people")
    @pytest.mark.parametrize("identifier", ["nobody", "ada", "suspended"])
    def test_takes_the_time_of_one_comparison_whatever_was_wrong(
        self, anonymous: ApiClient, monkeypatch: pytest.MonkeyPatch, identifier: str
    ) -> None:
        compared: list[str] = []

        def compare(hashed: str, password: str) -> bool:
            compared.append(hashed)
            return False

        monkeypatch.setattr(passwords, "_verify", compare)

        login(anonymous, identifier, WRONG, status=401)

        [against] = compared
        parameters = argon2.extract_parameters(against)
        assert (parameters.time_cost, parameters.memory_cost) == (1, 8)

    @pytest.mark.parametrize("password", [UNUSABLE, "", "nobody has this password"])
    def test_is_every_login_without_a_password_of_ones_own(
        self, super_admin: ApiClient, anonymous: ApiClient, password: str
    ) -> None:
        super_admin.post("/api/users", json={"email": "new@example.com", "name": "New"})

        login(anonymous, "new@example.com", password, status=401)

    def test_does_not_keep_what_was_typed(self, app: Flask, anonymous: ApiClient) -> None:
        login(anonymous, "my-password-in-the-wrong-field", WRONG, status=401)

        stored = everything_stored(app)
        assert "127.0.0.1" in stored
        assert "my-password-in-the-wrong-field" not in stored
        assert WRONG not in stored


@pytest.mark.usefixtures("ada")
class TestManyFailedLogins:
    def test_of_one_account_are_refused_even_with_the_right_password(
        self, anonymous: ApiClient
    ) -> None:
        fail(anonymous, "ada", 10)

        error = login(anonymous, "ada", status=429)

        assert error["code"] == "TOO_MANY_REQUESTS"
        assert FIFTEEN_MINUTES - 10 < int(anonymous.last.headers["Retry-After"]) <= FIFTEEN_MINUTES
        login(anonymous, "ada", WRONG, status=429)

    def test_are_refused_only_from_the_eleventh_on(self, anonymous: ApiClient) -> None:
        fail(anonymous, "ada", 9)

        login(anonymous, "ada")

    def test_count_wherever_they_come_from(self, anonymous: ApiClient) -> None:
        for n in range(10):
            fail(anonymous, "ada", 1, environ_overrides={"REMOTE_ADDR": f"192.0.2.{n}"})

        login(anonymous, "ada", status=429)

    def test_count_together_in_any_case(self, anonymous: ApiClient) -> None:
        fail(anonymous, "ada@example.com", 5)
        fail(anonymous, " ADA@Example.com", 5)

        login(anonymous, "ada@example.com", status=429)

    def test_of_nobody_are_refused_alike(self, anonymous: ApiClient) -> None:
        fail(anonymous, "nobody", 10)

        login(anonymous, "nobody", status=429)

    def test_of_one_account_leave_the_others_alone(
        self, anonymous: ApiClient, make: Factory
    ) -> None:
        make.user(username="grace")

        fail(anonymous, "ada", 10)

        login(anonymous, "grace")

    def test_are_forgotten_with_the_right_password(self, anonymous: ApiClient) -> None:
        fail(anonymous, "ada", 9)
        login(anonymous, "ada")

        fail(anonymous, "ada", 9)

        login(anonymous, "ada")

    def test_are_forgotten_after_fifteen_minutes(
        self, anonymous: ApiClient, clock: time_machine.Traveller
    ) -> None:
        fail(anonymous, "ada", 10)
        clock.shift(FIFTEEN_MINUTES - 10)
        login(anonymous, "ada", status=429)

        clock.shift(int(anonymous.last.headers["Retry-After"]))

        login(anonymous, "ada")

    def test_do_not_count_while_they_are_refused(
        self, anonymous: ApiClient, clock: time_machine.Traveller
    ) -> None:
        fail(anonymous, "ada", 10)
        clock.shift(FIFTEEN_MINUTES - 10)
        for _ in range(10):
            login(anonymous, "ada", WRONG, status=429)

        clock.shift(11)

        login(anonymous, "ada")

    def test_of_one_address_are_refused_whatever_the_account(self, anonymous: ApiClient) -> None:
        fail_for_many(anonymous, 50)

        login(anonymous, "ada", status=429)

        assert int(anonymous.last.headers["Retry-After"]) > FIFTEEN_MINUTES - 10
        login(anonymous, "ada", environ_overrides={"REMOTE_ADDR": "192.0.2.1"})

    def test_of_one_address_are_not_forgotten_by_a_login_of_ones_own(
        self, anonymous: ApiClient
    ) -> None:
        fail_for_many(anonymous, 49)
        login(anonymous, "ada")

        fail(anonymous, "one more", 1)

        login(anonymous, "ada", status=429)

    def test_of_one_address_count_whatever_it_claims_to_be(self, anonymous: ApiClient) -> None:
        for n in range(50):
            headers = {"X-Forwarded-For": f"192.0.2.{n}", "X-Real-IP": f"192.0.2.{n}"}
            fail(anonymous, f"somebody{n}", 1, headers=headers)

        login(anonymous, "ada", status=429, headers={"X-Forwarded-For": "192.0.2.99"})

    def test_at_once_get_no_more_tries(self, anonymous: ApiClient) -> None:
        def status(_: int) -> int:
            body = {"email": "ada", "password": WRONG}
            return anonymous.open("POST", "/api/auth/login", json=body).status_code

        statuses = all_at_once(status, range(25))

        assert set(statuses) == {401, 429}
        assert statuses.count(401) <= 10
