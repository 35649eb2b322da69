import re
from typing import Any

import pytest
import time_machine
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.modules.auth.steps import (
    NEW_PASSWORD,
    all_at_once,
    everything_stored,
    fields,
    forgot_password,
    login,
    refresh,
    reset_password,
)

HALF_AN_HOUR = 30 * 60


@pytest.fixture
def token(anonymous: ApiClient, ada: User, mailbox: Mailbox) -> str:
    """Of the link in the mail that Ada has got."""
    forgot_password(anonymous)
    return mailbox.reset_token()


class TestResetPassword:
    def test_sets_the_password(self, anonymous: ApiClient, token: str) -> None:
        assert reset_password(anonymous, token) is None

        login(anonymous, "ada", NEW_PASSWORD)
        login(anonymous, "ada", PASSWORD, status=401)

    def test_takes_the_password_under_its_other_name(
        self, anonymous: ApiClient, token: str
    ) -> None:
        body = {"token": token, "newPassword": NEW_PASSWORD}

        anonymous.post("/api/auth/reset-password", json=body, status=200)

        login(anonymous, "ada", NEW_PASSWORD)

    def test_signs_nobody_in(self, anonymous: ApiClient, token: str) -> None:
        reset_password(anonymous, token)

        assert (anonymous.last.json or {}).keys() == {"success", "data", "message"}

    def test_ends_every_session_of_the_user(
        self, anonymous: ApiClient, make: Factory, ada: User, pair: dict[str, Any], token: str
    ) -> None:
        client = make.sign_in(ada.id)

        reset_password(anonymous, token)

        client.get("/api/auth/me", status=401)
        refresh(anonymous, pair["refreshToken"], status=401)

    def test_leaves_others_alone(
        self, anonymous: ApiClient, user: ApiClient, make: Factory, token: str
    ) -> None:
        make.user(username="grace")

        reset_password(anonymous, token)

        user.get("/api/auth/me")
        login(anonymous, "grace", PASSWORD)

    def test_works_after_a_password_was_refused(self, anonymous: ApiClient, token: str) -> None:
        assert fields(reset_password(anonymous, token, "short", status=400)) == ["password"]

        reset_password(anonymous, token)

    def test_ends_sessions_only_when_it_works(
        self, anonymous: ApiClient, make: Factory, ada: User, token: str
    ) -> None:
        client = make.sign_in(ada.id)

        reset_password(anonymous, token + "x", status=400)

        client.get("/api/auth/me")
        login(anonymous, "ada", PASSWORD)

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"password": NEW_PASSWORD}, "token"),
            ({"token": None, "password": NEW_PASSWORD}, "token"),
            ({"token": 1, "password": NEW_PASSWORD}, "token"),
            ({"token": "", "password": NEW_PASSWORD}, "token"),
            ({"token": "x" * 300, "password": NEW_PASSWORD}, "token"),
            ({"token": "ü🦄", "password": NEW_PASSWORD}, "token"),
            ({"token": "x"}, "password"),
            ({"token": "x", "password": 12345678}, "password"),
        ],
    )
    def test_refuses_a_wrong_value(
        self, anonymous: ApiClient, body: dict[str, Any], field: str
    ) -> None:
        error = anonymous.post("/api/auth/reset-password", json=body, status=400)

        assert fields(error) == [field]


class TestResetToken:
    def test_works_once(self, anonymous: ApiClient, token: str) -> None:
        reset_password(anonymous, token)

        error = reset_password(anonymous, token, "yet another sentence", status=400)

        assert fields(error) == ["token"]
        login(anonymous, "ada", NEW_PASSWORD)

    def test_works_for_one_of_many_who_use_it_at_once(
        self, anonymous: ApiClient, token: str
    ) -> None:
        def status(n: int) -> int:
            body = {"token": token, "password": f"the sentence of number {n}"}
            return anonymous.open("POST", "/api/auth/reset-password", json=body).status_code

        assert sorted(all_at_once(status, range(5))) == [200, 400, 400, 400, 400]

    def test_works_for_thirty_minutes(
        self, anonymous: ApiClient, clock: time_machine.Traveller, token: str
    ) -> None:
        clock.shift(HALF_AN_HOUR - 10)

        reset_password(anonymous, token)

    def test_does_not_work_after_thirty_minutes(
        self, anonymous: ApiClient, clock: time_machine.Traveller, token: str
    ) -> None:
        clock.shift(HALF_AN_HOUR)

        assert fields(reset_password(anonymous, token, status=400)) == ["token"]

    def test_is_void_when_there_is_a_newer_one(
        self, anonymous: ApiClient, mailbox: Mailbox, clock: time_machine.Traveller, token: str
    ) -> None:
        clock.shift(61)
        forgot_password(anonymous)
        newer = mailbox.reset_token()

        reset_password(anonymous, token, status=400)

        assert newer != token
        reset_password(anonymous, newer)

    def test_stays_good_when_a_mail_so_soon_is_not_sent(
        self, anonymous: ApiClient, mailbox: Mailbox, token: str
    ) -> None:
        forgot_password(anonymous)
        mailbox.deliver()

        reset_password(anonymous, token)

    def test_looks_the_same_unknown_used_or_expired(
        self, anonymous: ApiClient, mailbox: Mailbox, clock: time_machine.Traveller, token: str
    ) -> None:
        unknown = reset_password(anonymous, "unknown", status=400)
        reset_password(anonymous, token)
        used = reset_password(anonymous, token, status=400)
        clock.shift(61)
        forgot_password(anonymous)
        newest = mailbox.reset_token()
        clock.shift(HALF_AN_HOUR)

        expired = reset_password(anonymous, newest, status=400)

        assert unknown == used == expired

    def test_is_long_and_random(
        self, anonymous: ApiClient, make: Factory, mailbox: Mailbox, token: str
    ) -> None:
        make.user(email="grace@example.com")
        forgot_password(anonymous, "grace@example.com")

        other = mailbox.reset_token()

        assert len(token) == len(other) >= 43  # 256 bits
        assert token[:8] != other[:8]

    def test_is_not_in_the_database(self, app: Flask, token: str) -> None:
        stored = everything_stored(app)

        assert "ada@example.com" in stored
        assert token not in stored

    def test_is_not_the_hash_in_the_database(
        self, app: Flask, anonymous: ApiClient, token: str
    ) -> None:
        [stored] = re.findall(r"'token_hash': '([^']+)'", everything_stored(app))

        reset_password(anonymous, stored, status=400)
        reset_password(anonymous, token)
