"""Which passwords are accepted, wherever one is set; and how they are kept."""

from collections.abc import Callable

import argon2
import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core import passwords
from halolight.extensions import db
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.mailbox import Mailbox
from tests.modules.auth.steps import (
    change_password,
    fields,
    forgot_password,
    login,
    reset_password,
)

REAL_HASHER = passwords._hasher

# Sets a password of the account grace@example.com and answers with what the API answered.
SetPassword = Callable[[str, int], object]


@pytest.fixture(params=["register", "reset", "change"])
def set_password(
    request: pytest.FixtureRequest, make: Factory, anonymous: ApiClient, mailbox: Mailbox
) -> SetPassword:
    def register(password: str, status: int) -> object:
        body = {"email": "grace@example.com", "password": password}
        expected = 201 if status == 200 else status
        return anonymous.post("/api/auth/register", json=body, status=expected)

    def reset(password: str, status: int) -> object:
        make.user(email="grace@example.com")
        forgot_password(anonymous, "grace@example.com")
        return reset_password(anonymous, mailbox.reset_token(), password, status=status)

    def change(password: str, status: int) -> object:
        grace = make.client(email="grace@example.com")
        return change_password(grace, new=password, status=status)

    ways: dict[str, SetPassword] = {"register": register, "reset": reset, "change": change}
    return ways[request.param]


class TestPassword:
    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        "password",
        [
            "k3%fQz!9",
            "x7" * 64,
            "only small letters",
            "        surrounded by spaces        ",
            "🦄🐙🦊🐢🦉🐝🦋🐌",
            "пароль из букв",
            "a\ttab and a\nnewline",
            "' OR 1=1; --",
        ],
        ids=["shortest", "longest", "plain", "spaces", "emoji", "cyrillic", "control", "sql"],
    )
    def test_may_be_of_any_characters(
        self, set_password: SetPassword, anonymous: ApiClient, password: str
    ) -> None:
        set_password(password, 200)

        login(anonymous, "grace@example.com", password)

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        "password",
        ["", "k3%fQz!", "🦄🐙🦊🐢🦉🐝🦋", "x7" * 64 + "x", "k3%f" * 10_000],
        ids=["empty", "short", "short of emoji", "long", "very long"],
    )
    def test_has_8_to_128_characters(self, set_password: SetPassword, password: str) -> None:
        error = set_password(password, 400)

        [field] = fields(error)
        assert field in {"password", "newPassword"}

    @pytest.mark.parametrize(
        "password",
        ["password", "12345678", "iloveyou", "baseball", "PassWord", "trustno1", "password1"],
    )
    def test_is_not_among_the_most_common(self, set_password: SetPassword, password: str) -> None:
        error = set_password(password, 400)

        [field] = fields(error)
        assert field in {"password", "newPassword"}

    def test_may_contain_a_common_one(
        self, set_password: SetPassword, anonymous: ApiClient
    ) -> None:
        set_password("password of mine", 200)

        login(anonymous, "grace@example.com", "password of mine")

    def test_counts_to_its_last_character(
        self, set_password: SetPassword, anonymous: ApiClient
    ) -> None:
        password = "x7" * 36 + "AAAAAAAA"
        set_password(password, 200)

        login(anonymous, "grace@example.com", "x7" * 36 + "BAAAAAAA", status=401)
        login(anonymous, "grace@example.com", password[:-1], status=401)
        login(anonymous, "grace@example.com", password)

    @pytest.mark.parametrize("wrong", ["Only Letters", "only letters ", " only letters"])
    def test_is_compared_exactly(
        self, set_password: SetPassword, anonymous: ApiClient, wrong: str
    ) -> None:
        set_password("only letters", 200)

        login(anonymous, "grace@example.com", wrong, status=401)

    def test_is_kept_as_an_argon2id_hash_of_sufficient_cost(
        self, app: Flask, set_password: SetPassword, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)
        set_password("only letters", 200)

        with app.app_context():
            kept = db.session.scalar(
                sa.select(User.hashed_password).filter_by(email="grace@example.com")
            )

        parameters = argon2.extract_parameters(kept or "")
        assert parameters.type is argon2.Type.ID
        assert parameters.memory_cost >= 19 * 1024
        assert parameters.time_cost >= 2
