"""When the outbox asks for a delivery, and how little waits in it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core.background.mail import OutgoingMail
from halolight.extensions import db, outbox
from tests.api_client import ApiClient
from tests.modules.auth.server import Server, token_in
from tests.modules.auth.steps import all_at_once, forgot_password, reset_password

MINUTE, DAY = 60, 86400


def owed(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count(OutgoingMail.id))) or 0


@pytest.fixture
def asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much was owed for all to see, each time that the delivery was asked for."""
    seen: list[int] = []
    with app.app_context():
        engine = db.engine

    def ask() -> None:
        with engine.connect() as connection:
            seen.append(connection.scalar(sa.select(sa.func.count(OutgoingMail.id))) or 0)

    monkeypatch.setattr(app.extensions["outbox"], "ask", ask)
    return seen


class TestAsking:
    def test_is_done_when_the_mail_is_there_for_all_to_see(
        self, anonymous: ApiClient, asked: list[int]
    ) -> None:
        forgot_password(anonymous)

        assert asked == [1]

    def test_waits_for_the_end_of_the_transaction_and_not_of_a_savepoint(
        self, app: Flask, asked: list[int]
    ) -> None:
        with app.app_context():
            outbox.enqueue("password_reset", email="ada@example.com")
            with db.session.begin_nested():
                outbox.enqueue("password_reset", email="grace@example.com")
            assert asked == []
            db.session.commit()

        assert asked == [2]

    def test_is_not_done_for_what_is_undone(self, app: Flask, asked: list[int]) -> None:
        with app.app_context():
            outbox.enqueue("password_reset", email="ada@example.com")
            db.session.rollback()

        assert asked == []
        assert owed(app) == 0

    def test_is_not_done_without_mail(self, user: ApiClient, asked: list[int]) -> None:
        user.post("/api/documents", json={"title": "Plan"})

        assert asked == []


@pytest.mark.usefixtures("ada")
class TestTheSameMail:
    def test_is_owed_once_while_nobody_can_send_it(
        self, app: Flask, anonymous: ApiClient, clock: time_machine.Traveller
    ) -> None:
        for _ in range(3):
            forgot_password(anonymous)
            forgot_password(anonymous, "nobody@example.com")
            clock.shift(DAY)

        assert owed(app) == 2

    def test_is_owed_once_however_many_ask_at_once(self, app: Flask, anonymous: ApiClient) -> None:
        all_at_once(lambda _: forgot_password(anonymous), range(5))

        assert owed(app) == 1

    def test_is_tried_soon_when_it_is_asked_for_again(
        self,
        anonymous: ApiClient,
        server: Server,
        deliver: Callable[[], None],
        clock: time_machine.Traveller,
    ) -> None:
        server.error = ConnectionRefusedError()
        forgot_password(anonymous)
        for _ in range(8):
            deliver()
            clock.shift(4 * DAY)
        deliver()  # the next try is in hours
        server.error = None
        clock.shift(MINUTE)
        deliver()
        assert not server.sent

        forgot_password(anonymous)
        clock.shift(3 * MINUTE)
        deliver()

        [message] = server.sent
        reset_password(anonymous, token_in(message))

    def test_is_tried_again_after_it_was_given_up(
        self,
        app: Flask,
        anonymous: ApiClient,
        server: Server,
        deliver: Callable[[], None],
        clock: time_machine.Traveller,
    ) -> None:
        server.error = ConnectionRefusedError()
        forgot_password(anonymous)
        for _ in range(15):
            deliver()
            clock.shift(4 * DAY)
        server.error = None
        deliver()
        assert not server.sent

        forgot_password(anonymous)
        clock.shift(3 * MINUTE)
        deliver()

        assert server.reached == ["ada@example.com"]
        assert owed(app) == 0

    def test_is_not_sent_twice_while_it_is_being_sent(
        self,
        app: Flask,
        anonymous: ApiClient,
        deliver: Callable[[], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        sending: list[str] = []

        def send(message: object) -> None:
            """Ask for it again, and let another deliverer look, while it is on its way."""
            sending.append("mail")
            if len(sending) == 1:
                forgot_password(anonymous)
                deliver()

        monkeypatch.setitem(app.extensions, "send_mail", send)
        forgot_password(anonymous)

        deliver()

        assert len(sending) == 1
