"""What is limited in production: registrations per address, mails per recipient."""

import limits
import pytest
import time_machine
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.modules.auth.server import Server
from tests.modules.auth.steps import all_at_once, change_password, forgot_password

HOUR, DAY = 3600, 86400
CHANGED = "Your password was changed"


def set_limit(app: Flask, monkeypatch: pytest.MonkeyPatch, name: str, limit: str) -> None:
    monkeypatch.setitem(app.config, name, limits.parse(limit))


def register(client: ApiClient, number: int, *, status: int = 201, address: str = "") -> None:
    body = {"email": f"somebody{number}@example.com", "password": PASSWORD}
    where = {"environ_overrides": {"REMOTE_ADDR": address}} if address else {}
    client.post("/api/auth/register", json=body, status=status, **where)


class TestRegistrations:
    @pytest.fixture(autouse=True)
    def _three_an_hour(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        set_limit(app, monkeypatch, "REGISTRATIONS_PER_ADDRESS", "3/hour")

    def test_from_one_address_are_limited(
        self, anonymous: ApiClient, clock: time_machine.Traveller
    ) -> None:
        for number in range(3):
            register(anonymous, number)

        register(anonymous, 3, status=429)

        wait = int(anonymous.last.headers["Retry-After"])
        assert HOUR - 60 < wait <= HOUR
        register(anonymous, 3, address="192.0.2.1")
        clock.shift(wait)
        register(anonymous, 4)

    def test_from_one_ipv6_network_are_limited_together(self, anonymous: ApiClient) -> None:
        for number in range(3):
            register(anonymous, number, address=f"2001:db8::{number}")

        register(anonymous, 3, address="2001:db8::ffff:1", status=429)
        register(anonymous, 3, address="2001:db8:0:1::1")

    def test_at_once_are_limited(self, anonymous: ApiClient) -> None:
        def status(number: int) -> int:
            body = {"email": f"somebody{number}@example.com", "password": PASSWORD}
            return anonymous.open("POST", "/api/auth/register", json=body).status_code

        assert all_at_once(status, range(8)).count(201) <= 3

    def test_that_are_refused_do_not_count(self, anonymous: ApiClient) -> None:
        register(anonymous, 1)
        for _ in range(5):
            register(anonymous, 1, status=409)

        register(anonymous, 2)

    def test_count_alike_where_addresses_are_confirmed(
        self, app: Flask, anonymous: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Otherwise the limit would tell which addresses are taken."""
        monkeypatch.setitem(app.config, "EMAIL_VERIFICATION", True)
        for _ in range(3):
            register(anonymous, 1)

        register(anonymous, 1, status=429)

    def test_do_not_count_for_signing_in(self, anonymous: ApiClient, ada: User) -> None:
        for number in range(3):
            register(anonymous, number)

        anonymous.post("/api/auth/login", json={"email": "ada", "password": PASSWORD}, status=200)


class TestMailsToOnePerson:
    @pytest.fixture(autouse=True)
    def _limits(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        set_limit(app, monkeypatch, "MAILS_PER_RECIPIENT", "4/hour")
        set_limit(app, monkeypatch, "MAILS_PER_UNVERIFIED_RECIPIENT", "2/day")

    def change(self, client: ApiClient, mailbox: Mailbox, times: int) -> None:
        """Change the password so often; each time a mail is due."""
        for number in range(times):
            old, new = f"{PASSWORD} {number}", f"{PASSWORD} {number + 1}"
            change_password(client, old if number else PASSWORD, new)
            mailbox.deliver()

    def test_are_few_and_the_last_ones_become_one(
        self, make: Factory, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        self.change(make.client(), mailbox, 9)
        assert [mail["Subject"] for mail in mailbox.messages] == [CHANGED] * 4

        clock.shift(HOUR + 1)

        assert len(mailbox.deliver()) == 5
        clock.shift(DAY)
        assert len(mailbox.deliver()) == 5

    def test_are_fewer_while_nobody_has_confirmed_the_address(
        self, make: Factory, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        """It may be a stranger's, with which somebody has registered."""
        self.change(make.client(email_verified_at=None), mailbox, 6)
        clock.shift(HOUR + 1)
        assert len(mailbox.deliver()) == 2

        clock.shift(DAY)

        assert len(mailbox.deliver()) == 3

    def test_count_together_whatever_they_are_about(
        self, anonymous: ApiClient, make: Factory, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        """One that can be asked for again is left out rather than late."""
        client = make.client(email="ada+news@example.com")
        make.user(email="ada@example.com")
        self.change(client, mailbox, 3)
        for email in ("ada@example.com", "ada+news@example.com"):
            forgot_password(anonymous, email)
            mailbox.deliver()

        assert [mail["Subject"] for mail in mailbox.messages[3:]] == ["Set a new password"]
        clock.shift(HOUR + 1)
        assert len(mailbox.deliver()) == 4

    def test_leave_others_alone(self, make: Factory, mailbox: Mailbox) -> None:
        self.change(make.client(), mailbox, 6)

        self.change(make.client(), mailbox, 1)

        assert len(mailbox.messages) == 5

    def test_do_not_count_when_they_could_not_be_sent(
        self, app: Flask, make: Factory, server: Server, clock: time_machine.Traveller
    ) -> None:
        client, deliver = make.client(), app.extensions["outbox"].run
        server.error = ConnectionRefusedError()
        change_password(client)
        for _ in range(6):
            deliver()
            clock.shift(DAY)
        server.error = None

        deliver()

        assert len(server.sent) == 1

    def test_do_not_count_when_there_was_nothing_to_say(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        for _ in range(5):
            forgot_password(anonymous)
            mailbox.deliver()  # but for the first within the pause between two
        clock.shift(16 * 60)

        forgot_password(anonymous)

        assert len(mailbox.deliver()) == 2
