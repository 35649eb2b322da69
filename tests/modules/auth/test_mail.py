"""The outbox: mail that is owed is sent once, sooner or later, and holds no secret until then."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask

from halolight.extensions import db, outbox
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.modules.auth.server import Server, token_in
from tests.modules.auth.steps import (
    all_at_once,
    everything_stored,
    forgot_password,
    reset_password,
)

MINUTE, DAY = 60, 86400


@pytest.mark.usefixtures("ada")
class TestMail:
    def test_waits_for_the_background(
        self, anonymous: ApiClient, server: Server, deliver: Callable[[], None]
    ) -> None:
        forgot_password(anonymous)
        assert not server.tried

        deliver()

        assert server.reached == ["ada@example.com"]

    def test_is_sent_once(
        self,
        anonymous: ApiClient,
        server: Server,
        deliver: Callable[[], None],
        clock: time_machine.Traveller,
    ) -> None:
        forgot_password(anonymous)
        for _ in range(3):
            deliver()
            clock.shift(DAY)

        assert len(server.tried) == 1

    def test_leaves_nothing_behind(
        self, app: Flask, anonymous: ApiClient, server: Server, deliver: Callable[[], None]
    ) -> None:
        forgot_password(anonymous)
        assert "'template': 'password_reset'" in everything_stored(app)

        deliver()

        assert "password_reset'" not in everything_stored(app)

    def test_is_not_owed_when_its_cause_is_undone(
        self, app: Flask, server: Server, deliver: Callable[[], None]
    ) -> None:
        with app.app_context():
            outbox.enqueue("password_reset", email="ada@example.com")
            db.session.rollback()

        deliver()

        assert not server.tried

    def test_waits_until_there_is_a_way_to_send_it(
        self,
        app: Flask,
        anonymous: ApiClient,
        server: Server,
        deliver: Callable[[], None],
        clock: time_machine.Traveller,
    ) -> None:
        app.extensions["send_mail"] = None
        forgot_password(anonymous)
        deliver()
        clock.shift(30 * DAY)

        app.extensions["send_mail"] = server
        deliver()

        [message] = server.sent
        reset_password(anonymous, token_in(message))

    def test_is_not_sent_to_who_was_disabled_meanwhile(
        self,
        anonymous: ApiClient,
        admin: ApiClient,
        ada: User,
        server: Server,
        deliver: Callable[[], None],
    ) -> None:
        forgot_password(anonymous)
        admin.patch(f"/api/users/{ada.id}/status", json={"status": "SUSPENDED"})

        deliver()

        assert not server.tried


class TestTwoDeliverers:
    def test_send_each_mail_once(
        self, anonymous: ApiClient, people: list[str], server: Server, deliver: Callable[[], None]
    ) -> None:
        for email in people:
            forgot_password(anonymous, email)

        all_at_once(lambda _: deliver(), range(3))

        assert sorted(server.reached) == sorted(people)

    def test_do_not_take_the_mail_that_the_other_is_sending(
        self,
        app: Flask,
        anonymous: ApiClient,
        people: list[str],
        deliver: Callable[[], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        sending: list[str] = []

        def send(message: EmailMessage) -> None:
            """While one deliverer sends its first mail, the other does all the rest."""
            sending.append(message["To"])
            if len(sending) == 1:
                deliver()

        monkeypatch.setitem(app.extensions, "send_mail", send)
        for email in people:
            forgot_password(anonymous, email)

        deliver()

        assert sorted(sending) == sorted(people)

    def test_replace_one_another_when_one_dies_in_the_middle(
        self,
        anonymous: ApiClient,
        people: list[str],
        server: Server,
        deliver: Callable[[], None],
        clock: time_machine.Traveller,
    ) -> None:
        forgot_password(anonymous, people[0])
        server.error = SystemExit()
        with pytest.raises(SystemExit):
            deliver()
        server.error = None
        deliver()
        assert not server.sent
        clock.shift(3 * MINUTE)

        deliver()

        assert server.reached == [people[0]]
