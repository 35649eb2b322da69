"""Mail leaves by SMTP, soon, and is never lost."""

import datetime as dt
import re
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.background.mail import OutgoingMail
from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.auth.models import PasswordReset
from tests.factories import Factory
from tests.server.running_server import (
    RunningServer,
    Settings,
    eventually,
    free_port,
    running_server,
)
from tests.server.smtp_server import smtp_server

SOON = 20.0  # seconds; it takes moments when the machine is not busy
MINUTES = dt.timedelta(minutes=5)


@pytest.fixture(scope="class")
def smtp_port() -> int:
    """Where the mail server is, when it is there."""
    return free_port()


@pytest.fixture(scope="class")
def with_mail(settings: Settings, smtp_port: int) -> Settings:
    sender = "HaloLight%20%3Chalo@example.com%3E"
    return {
        **settings,
        "MAIL_URL": f"smtp://127.0.0.1:{smtp_port}?from={sender}",
        "FRONTEND_URL": "https://admin.example.com",
    }


@pytest.fixture(scope="class")
def server(with_mail: Settings) -> Iterator[RunningServer]:
    with running_server(with_mail) as server:
        yield server


def forget_password(server: RunningServer, email: str) -> None:
    assert server.post("/api/auth/forgot-password", json={"email": email}).status == 200


def failures(server: RunningServer) -> int:
    """How many mails were tried once, in vain."""
    return server.log().count("not sent, attempt 1:")


def owed(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count(OutgoingMail.id))) or 0


def let_minutes_pass(app: Flask) -> None:
    """Move what the outbox waits for, instead of waiting."""
    with app.app_context():
        earlier = utcnow() - MINUTES
        db.session.execute(sa.update(OutgoingMail).values(due_at=earlier))
        db.session.execute(sa.update(PasswordReset).values(created_at=earlier))
        db.session.commit()


def link_token(mail: EmailMessage) -> str:
    match = re.search(
        r"https://admin\.example\.com/reset-password\?token=(\S+)", mail.get_content()
    )
    assert match, mail.get_content()
    return match[1]


class TestSending:
    def test_a_forgotten_password_is_set_anew_with_the_link_in_the_mail(
        self, server: RunningServer, smtp_port: int, make: Factory
    ) -> None:
        email = make.user().email

        with smtp_server(smtp_port) as smtp:
            forget_password(server, email)
            mail = smtp.next_mail(within=SOON)
            new = {"token": link_token(mail), "password": "a new horse battery"}
            reset = server.post("/api/auth/reset-password", json=new)
            login = server.post(
                "/api/auth/login", json={"email": email, "password": new["password"]}
            )

        assert mail["To"] == email
        assert mail["From"] == "HaloLight <halo@example.com>"
        assert (reset.status, login.status) == (200, 200)

    def test_nobody_is_written_to_who_has_no_account(
        self, server: RunningServer, smtp_port: int, app: Flask, make: Factory
    ) -> None:
        email = make.user().email

        with smtp_server(smtp_port) as smtp:
            forget_password(server, "nobody@example.com")
            forget_password(server, email)
            mail = smtp.next_mail(within=SOON)
            nothing_owed = eventually(lambda: owed(app) == 0, within=SOON)

        assert mail["To"] == email
        assert smtp.arrived.empty()
        assert nothing_owed

    def test_mail_arrives_when_the_mail_server_is_back(
        self, server: RunningServer, smtp_port: int, app: Flask, make: Factory
    ) -> None:
        first, second = make.user().email, make.user().email

        forget_password(server, first)
        tried = eventually(lambda: failures(server) == 1, within=SOON)
        let_minutes_pass(app)
        with smtp_server(smtp_port) as smtp:
            forget_password(server, second)  # the outbox is looked through at once
            mails = [smtp.next_mail(within=SOON) for _ in range(2)]

        assert tried
        assert {mail["To"] for mail in mails} == {first, second}


class TestRestart:
    def test_mail_that_was_owed_arrives_after_a_restart(
        self, with_mail: Settings, smtp_port: int, app: Flask, make: Factory
    ) -> None:
        emails = {make.user().email for _ in range(3)}
        with running_server(with_mail) as server:
            for email in emails:
                forget_password(server, email)
            tried = eventually(lambda: failures(server) == 3, within=SOON)
            server.ask_to_stop()
            server.exit_status()
        let_minutes_pass(app)

        with smtp_server(smtp_port) as smtp, running_server(with_mail) as server:
            mails = [smtp.next_mail(within=SOON) for _ in emails]
            nothing_owed = eventually(lambda: owed(app) == 0, within=SOON)

        assert tried
        assert {mail["To"] for mail in mails} == emails
        assert smtp.arrived.empty()
        assert nothing_owed
