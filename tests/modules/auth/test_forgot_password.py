from typing import Any

import pytest
import time_machine
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.modules.auth.steps import fields, forgot_password, login, reset_password

FIFTEEN_MINUTES = 15 * 60
LINK = "http://localhost:3000/reset-password?token="


class TestForgotPassword:
    def test_mails_a_link_into_the_front_end(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        forgot_password(anonymous)

        [mail] = mailbox.deliver()
        assert mail["To"] == "ada@example.com"
        assert "Ada" in mail.get_content()
        assert LINK + mailbox.reset_token() in mail.get_content()

    def test_mails_a_link_that_sets_a_password(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        forgot_password(anonymous)

        reset_password(anonymous, mailbox.reset_token(), "a sentence of mine")

        login(anonymous, "ada", "a sentence of mine")

    def test_leads_to_where_the_front_end_is(
        self,
        app: Flask,
        anonymous: ApiClient,
        ada: User,
        mailbox: Mailbox,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setitem(app.config, "FRONTEND_URL", "https://admin.example.com/app")

        forgot_password(anonymous)

        content = mailbox.deliver()[0].get_content()
        assert "https://admin.example.com/app/reset-password?token=" in content

    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
            {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
            {"Forwarded": "host=evil.example", "Origin": "https://evil.example"},
            {"Referer": "https://evil.example/"},
        ],
    )
    def test_makes_no_link_of_what_the_request_says(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox, headers: dict[str, str]
    ) -> None:
        forgot_password(anonymous, headers=headers)

        [mail] = mailbox.deliver()
        assert "evil" not in mail.as_string()
        assert LINK in mail.get_content()

    def test_finds_the_address_in_any_case(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        forgot_password(anonymous, " ADA@Example.com ")

        [mail] = mailbox.deliver()
        assert mail["To"] == "ada@example.com"

    @pytest.mark.parametrize(
        "email", ["nobody@example.com", "inactive@example.com", "suspended@example.com"]
    )
    def test_answers_the_same_without_an_active_account_and_mails_nothing(
        self, anonymous: ApiClient, ada: User, make: Factory, mailbox: Mailbox, email: str
    ) -> None:
        make.user(email="inactive@example.com", status="INACTIVE")
        make.user(email="suspended@example.com", status="SUSPENDED")
        forgot_password(anonymous)
        [_] = mailbox.deliver()
        known = anonymous.last

        forgot_password(anonymous, email)

        assert anonymous.last.data == known.data
        assert set(anonymous.last.headers.keys()) == set(known.headers.keys())
        assert len(mailbox.deliver()) == 1

    def test_changes_nothing_by_itself(
        self, anonymous: ApiClient, user: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        forgot_password(anonymous)
        mailbox.deliver()

        login(anonymous, "ada", PASSWORD)

    def test_mails_the_same_person_once_a_minute(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        for _ in range(3):
            forgot_password(anonymous)
            mailbox.deliver()
        assert len(mailbox.messages) == 1
        clock.shift(61)

        forgot_password(anonymous)

        assert len(mailbox.deliver()) == 2

    def test_mails_each_person(
        self, anonymous: ApiClient, ada: User, make: Factory, mailbox: Mailbox
    ) -> None:
        make.user(email="grace@example.com")
        forgot_password(anonymous)

        forgot_password(anonymous, "grace@example.com")

        assert [mail["To"] for mail in mailbox.deliver()] == [
            "ada@example.com",
            "grace@example.com",
        ]

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        "body",
        [{}, {"email": None}, {"email": "ada"}, {"email": "a@example.com\nBcc: b@b.example"}],
    )
    def test_refuses_a_wrong_value(self, anonymous: ApiClient, body: dict[str, Any]) -> None:
        error = anonymous.post("/api/auth/forgot-password", json=body, status=400)

        assert fields(error) == ["email"]


class TestAskingOften:
    def test_from_one_address_is_refused(
        self, anonymous: ApiClient, clock: time_machine.Traveller
    ) -> None:
        for n in range(20):
            forgot_password(anonymous, f"somebody{n}@example.com")

        body = {"email": "ada@example.com"}
        anonymous.post("/api/auth/forgot-password", json=body, status=429)

        wait = int(anonymous.last.headers["Retry-After"])
        assert FIFTEEN_MINUTES - 30 < wait <= FIFTEEN_MINUTES
        forgot_password(anonymous, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
        clock.shift(wait)
        forgot_password(anonymous)

    @pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
    def test_for_one_mail_address_is_answered_alike(
        self, anonymous: ApiClient, ada: User, email: str
    ) -> None:
        forgot_password(anonymous, email)
        first = anonymous.last

        for n in range(10):
            address = {"REMOTE_ADDR": f"192.0.2.{n}"}
            forgot_password(anonymous, email, environ_overrides=address)

            assert anonymous.last.data == first.data
            assert set(anonymous.last.headers.keys()) == set(first.headers.keys())

    def test_for_one_person_sends_them_few_mails(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        for n in range(12):
            address = {"REMOTE_ADDR": f"192.0.2.{n}"}
            forgot_password(anonymous, environ_overrides=address)
            mailbox.deliver()
            clock.shift(61)
        assert len(mailbox.messages) == 5
        clock.shift(FIFTEEN_MINUTES)

        forgot_password(anonymous)

        assert len(mailbox.deliver()) == 6

    def test_for_one_person_counts_for_the_address_that_does_it(
        self, anonymous: ApiClient, ada: User
    ) -> None:
        for _ in range(20):
            forgot_password(anonymous)

        body = {"email": "ada@example.com"}
        anonymous.post("/api/auth/forgot-password", json=body, status=429)

    def test_keeps_nobody_from_signing_in(self, anonymous: ApiClient, ada: User) -> None:
        for _ in range(20):
            forgot_password(anonymous)

        login(anonymous, "ada", "a wrong password", status=401)
        login(anonymous, "ada")

    def test_is_possible_after_many_wrong_passwords(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        for _ in range(10):
            login(anonymous, "ada", "a wrong password", status=401)
        login(anonymous, "ada", status=429)

        forgot_password(anonymous)

        reset_password(anonymous, mailbox.reset_token())


class TestWhoKeepsAsking:
    def test_does_not_keep_the_owner_from_their_mail(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        """What was refused does not count for the person, so the quarter of an hour passes."""
        for _ in range(5):
            forgot_password(anonymous)
            mailbox.deliver()
            clock.shift(90)
        for _ in range(7):
            forgot_password(anonymous)
            clock.shift(60)
        before = len(mailbox.deliver())
        clock.shift(35)

        forgot_password(anonymous)

        assert len(mailbox.deliver()) == before + 1
