"""What becomes of mail while the server that should take it does not."""

import logging
import smtplib
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core.background import mail
from halolight.extensions import db, outbox
from tests.api_client import ApiClient
from tests.modules.auth.server import Server, token_in
from tests.modules.auth.steps import (
    everything_stored,
    forgot_password,
    login,
    reset_password,
)

MINUTE, DAY = 60, 86400

FAILURES = [
    ConnectionRefusedError("refused"),
    TimeoutError("timed out"),
    smtplib.SMTPServerDisconnected("gone"),
    smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"unknown")}),
    smtplib.SMTPAuthenticationError(535, b"wrong password"),
    ValueError("something that nobody thought of"),
]


@pytest.mark.usefixtures("ada")
class TestMailThatFails:
    def test_is_tried_again_with_doubling_pauses(
        self,
        anonymous: ApiClient,
        server: Server,
        deliver: Callable[[], None],
        clock: time_machine.Traveller,
    ) -> None:
        server.error = ConnectionRefusedError()
        forgot_password(anonymous)
        deliver()

        for attempt in range(1, 6):
            clock.shift(2**attempt * MINUTE - 10)
            deliver()
            assert len(server.tried) == attempt
            clock.shift(11)
            deliver()
            assert len(server.tried) == attempt + 1

    def test_arrives_when_the_server_is_back(
        self,
        anonymous: ApiClient,
        server: Server,
        deliver: Callable[[], None],
        clock: time_machine.Traveller,
    ) -> None:
        server.error = smtplib.SMTPServerDisconnected()
        forgot_password(anonymous)
        deliver()
        server.error = None
        clock.shift(3 * MINUTE)

        deliver()

        [message] = server.sent
        reset_password(anonymous, token_in(message), "a sentence of mine")
        login(anonymous, "ada", "a sentence of mine")

    @pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
    def test_is_given_up_after_twelve_attempts(
        self,
        anonymous: ApiClient,
        server: Server,
        deliver: Callable[[], None],
        clock: time_machine.Traveller,
        error: Exception,
    ) -> None:
        server.error = error
        forgot_password(anonymous)

        for _ in range(15):
            deliver()
            clock.shift(4 * DAY)

        assert len(server.tried) == mail.MAX_ATTEMPTS == 12

    def test_is_logged_each_time_and_as_an_error_when_given_up(
        self,
        anonymous: ApiClient,
        server: Server,
        deliver: Callable[[], None],
        clock: time_machine.Traveller,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        server.error = ConnectionRefusedError("refused")
        forgot_password(anonymous)

        with caplog.at_level(logging.WARNING, mail.__name__):
            for _ in range(15):
                deliver()
                clock.shift(4 * DAY)

        levels = [record.levelno for record in caplog.records if record.name == mail.__name__]
        assert levels == [logging.WARNING] * 11 + [logging.ERROR]
        assert all(token_in(message) not in caplog.text for message in server.tried)

    def test_has_nothing_secret_at_rest(
        self, app: Flask, anonymous: ApiClient, server: Server, deliver: Callable[[], None]
    ) -> None:
        server.error = ConnectionRefusedError()
        forgot_password(anonymous)
        deliver()

        [message] = server.tried
        stored = everything_stored(app)
        assert "password_reset" in stored
        assert token_in(message) not in stored
        assert "reset-password?token" not in stored

    @pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
    def test_holds_up_no_other(
        self,
        anonymous: ApiClient,
        people: list[str],
        server: Server,
        deliver: Callable[[], None],
        error: Exception,
    ) -> None:
        server.error = error
        forgot_password(anonymous)
        deliver()
        server.error = None
        forgot_password(anonymous, people[0])

        deliver()

        assert server.reached == [people[0]]

    def test_holds_up_no_other_when_its_own_statement_fails(
        self,
        app: Flask,
        anonymous: ApiClient,
        people: list[str],
        server: Server,
        deliver: Callable[[], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """After a failed statement PostgreSQL takes no other until the transaction ends."""

        def fail(**_: object) -> None:
            db.session.execute(sa.text("SELECT * FROM no_such_table"))

        broken = mail.Template(render=fail, recipient=fail, can_be_asked_for=False)
        monkeypatch.setitem(outbox._templates, "broken", broken)
        with app.app_context():
            outbox.enqueue("broken")
            db.session.commit()
        forgot_password(anonymous, people[0])

        deliver()

        assert server.reached == [people[0]]
        assert "broken" in everything_stored(app)
