"""Comparing a password takes a while: what happens meanwhile counts when the answer is written."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core import passwords
from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.sessions.models import Session
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox

from .steps import NEW_PASSWORD, change_password, forgot_password, login, reset_password

ADMINS_PASSWORD = "what the administrator chose"

Event = Callable[[], object]
Meanwhile = Callable[[Event], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Has an event happen after the next comparison of a password, before its answer is used."""
    compare = passwords._verify

    def set_up(event: Event) -> None:
        def compare_first(*args: Any) -> bool:
            monkeypatch.setattr(passwords, "_verify", compare)
            right = compare(*args)
            with ThreadPoolExecutor(1) as other_request:  # with a context of its own
                other_request.submit(event).result()
            return right

        monkeypatch.setattr(passwords, "_verify", compare_first)

    return set_up


class Events:
    """What may happen to Ada's account while a password of hers is compared."""

    def __init__(self, app: Flask, make: Factory, ada: User, mailbox: Mailbox) -> None:
        self.app = app
        self.id = ada.id
        self.ada = make.sign_in(ada.id)
        self.admin = make.client("admin")
        forgot_password(self.ada)
        mailbox.deliver()
        self._token = mailbox.reset_token()

    def she_changes_her_password(self) -> None:
        change_password(self.ada)

    def she_resets_her_password(self) -> None:
        reset_password(self.ada, self._token)

    def an_administrator_sets_her_password(self) -> None:
        self.admin.put(f"/api/users/{self.id}", json={"password": ADMINS_PASSWORD})

    def a_command_sets_her_password(self) -> None:
        arguments = ["users", "set-password", "ada@example.com", "--password", NEW_PASSWORD]
        result = self.app.test_cli_runner().invoke(args=arguments)
        assert result.exit_code == 0, result.output

    def she_is_disabled(self) -> None:
        self.admin.patch(f"/api/users/{self.id}/status", json={"status": "SUSPENDED"})

    def she_is_deleted(self) -> None:
        self.admin.delete(f"/api/users/{self.id}")

    def her_email_is_changed(self) -> None:
        self.admin.put(f"/api/users/{self.id}", json={"email": "lovelace@example.com"})

    def she_signs_out_everywhere(self) -> None:
        self.ada.post("/api/auth/logout-all", status=200)


@pytest.fixture
def events(app: Flask, make: Factory, ada: User, mailbox: Mailbox) -> Events:
    return Events(app, make, ada, mailbox)


def live_sessions(app: Flask, user_id: int) -> set[int]:
    with app.app_context():
        alive = sa.select(Session.id).where(
            Session.user_id == user_id, Session.revoked_at.is_(None), Session.expires_at > utcnow()
        )
        return set(db.session.scalars(alive))


each_end_of_the_password = pytest.mark.parametrize(
    "event",
    [
        Events.she_changes_her_password,
        Events.she_resets_her_password,
        Events.an_administrator_sets_her_password,
        Events.a_command_sets_her_password,
        Events.she_is_disabled,
        Events.she_is_deleted,
    ],
    ids=lambda event: str(event.__name__),
)


class TestSignIn:
    @each_end_of_the_password
    def test_begins_no_session_with_a_password_that_ended(
        self,
        app: Flask,
        anonymous: ApiClient,
        events: Events,
        meanwhile: Meanwhile,
        event: Callable[[Events], None],
    ) -> None:
        before = live_sessions(app, events.id)
        meanwhile(lambda: event(events))

        login(anonymous, "ada@example.com", status=401)

        assert live_sessions(app, events.id) <= before

    def test_begins_no_session_under_an_email_address_that_ended(
        self, anonymous: ApiClient, events: Events, meanwhile: Meanwhile
    ) -> None:
        meanwhile(events.her_email_is_changed)

        login(anonymous, "ada@example.com", status=401)
        login(anonymous, "lovelace@example.com")

    def test_goes_on_when_something_else_happens(
        self, anonymous: ApiClient, events: Events, meanwhile: Meanwhile
    ) -> None:
        meanwhile(events.she_signs_out_everywhere)

        login(anonymous, "ada@example.com")


class TestChangePassword:
    def test_does_not_undo_the_password_of_an_administrator(
        self, anonymous: ApiClient, make: Factory, events: Events, meanwhile: Meanwhile
    ) -> None:
        meanwhile(events.an_administrator_sets_her_password)

        change_password(make.sign_in(events.id), status=400)

        login(anonymous, "ada", ADMINS_PASSWORD)
        login(anonymous, "ada", NEW_PASSWORD, status=401)

    def test_does_not_undo_a_reset(
        self, anonymous: ApiClient, make: Factory, events: Events, meanwhile: Meanwhile
    ) -> None:
        meanwhile(events.she_resets_her_password)

        change_password(make.sign_in(events.id), new="a third sentence", status=400)

        login(anonymous, "ada", NEW_PASSWORD)

    @pytest.mark.parametrize(
        "event",
        [Events.she_is_disabled, Events.she_is_deleted, Events.she_signs_out_everywhere],
        ids=lambda event: str(event.__name__),
    )
    def test_changes_nothing_once_the_session_has_ended(
        self,
        app: Flask,
        make: Factory,
        ada: User,
        events: Events,
        meanwhile: Meanwhile,
        event: Callable[[Events], None],
    ) -> None:
        client = make.sign_in(ada.id)
        meanwhile(lambda: event(events))

        response = client.open(
            "POST",
            "/api/auth/change-password",
            json={"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD},
        )

        assert response.status_code in {400, 401}
        with app.app_context():
            user = db.session.get(User, ada.id)
            assert user is None or user.hashed_password == ada.hashed_password
