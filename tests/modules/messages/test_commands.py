"""`flask messages prune`, and the messages of `flask seed --demo`."""

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.messages.conversations.models import Conversation
from halolight.modules.messages.models import Message, MessageReceipt
from halolight.modules.notifications.models import Notification
from halolight.modules.users.models import User
from halolight.modules.users.seed import DEMO_ACCOUNTS
from tests.api_client import ApiClient
from tests.factories import Factory

from .steps import contents, conversations, rows, send, unread


class TestPrune:
    def test_deletes_what_nobody_has_any_more(
        self, app: Flask, make: Factory, user: ApiClient, admin: ApiClient
    ) -> None:
        one, other = make.client(), make.client()
        send(one, other)
        send(one, user, content="Kept")
        mine = send(one, user, content="Deleted by who stays")
        user.delete(f"/api/messages/{mine['id']}")
        for client in (one, other):
            admin.delete(f"/api/users/{client.user_id}")

        printed = app.test_cli_runner().invoke(args=["messages", "prune"]).output

        assert printed == "Deleted 2 messages\n"
        assert contents(user) == ["Kept"]
        assert rows(app) == (1, 1)
        with app.app_context():
            [left] = db.session.scalars(sa.select(Conversation.id))
        assert [conversation["id"] for conversation in conversations(user)] == [left]

    def test_keeps_a_conversation_in_which_nothing_was_said(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:
        user.post("/api/conversations", json={"participantIds": [admin.user_id]})

        app.test_cli_runner().invoke(args=["messages", "prune"])

        assert len(conversations(user)) == 1


@pytest.mark.slow
class TestSeedDemo:
    """On one database: what is added was written by Python, as `tests/test_cli.py` shows on both.

    And looked at in one case: to add the demo takes seconds.
    """

    @pytest.mark.database("sqlite")
    def test_gives_each_account_something_to_read(self, app: Flask, make: Factory) -> None:
        app.test_cli_runner().invoke(args=["seed", "--demo"], catch_exceptions=False)

        self.writes_messages_in_the_order_of_time(app)
        self.tells_of_what_is_unread(app)
        for email, *_ in DEMO_ACCOUNTS:
            with app.app_context():
                user_id = db.session.scalars(sa.select(User.id).filter_by(email=email)).one()
                db.session.execute(sa.update(User).filter_by(id=user_id).values(role="user"))
                db.session.commit()
            client = make.sign_in(user_id)

            new = unread(client)
            shown = conversations(client)
            assert 0 < new < client.get("/api/messages?box=inbox")["total"], email
            assert client.get("/api/messages?box=sent")["total"] > 0, email
            assert {one["type"] for one in shown} == {"private", "group"}, email
            assert sum(one["unreadCount"] for one in shown) == new, email

    @staticmethod
    def tells_of_what_is_unread(app: Flask) -> None:
        with app.app_context():
            unread = sa.select(sa.func.count()).where(MessageReceipt.read_at.is_(None))
            told = sa.select(sa.func.count()).where(
                Notification.type == "message", Notification.link.like("/messages/%")
            )
            assert db.session.scalar(told) == db.session.scalar(unread)

    @staticmethod
    def writes_messages_in_the_order_of_time(app: Flask) -> None:
        with app.app_context():
            times = db.session.scalars(sa.select(Message.created_at).order_by(Message.id)).all()

        assert len(times) >= 200
        assert list(times) == sorted(times)
