"""What people are told of their account: by mail, and of a stolen token also in the front end."""

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
    change_password,
    everything_stored,
    forgot_password,
    login,
    refresh,
    reset_password,
)
from tests.modules.notifications.steps import told


def subjects(mailbox: Mailbox) -> list[tuple[str, str]]:
    """To whom, and about what."""
    return [(mail["To"], mail["Subject"]) for mail in mailbox.deliver()]


CHANGED = ("ada@example.com", "Your password was changed")


class TestPasswordChanged:
    def test_by_oneself(self, make: Factory, ada: User, mailbox: Mailbox) -> None:
        change_password(make.sign_in(ada.id))

        assert subjects(mailbox) == [CHANGED]
        assert "Ada" in mailbox.messages[0].get_content()

    def test_with_a_link(self, anonymous: ApiClient, ada: User, mailbox: Mailbox) -> None:
        forgot_password(anonymous)
        reset_password(anonymous, mailbox.reset_token())

        assert subjects(mailbox)[1:] == [CHANGED]

    def test_by_an_administrator(self, admin: ApiClient, ada: User, mailbox: Mailbox) -> None:
        admin.put(f"/api/users/{ada.id}", json={"password": NEW_PASSWORD})

        assert subjects(mailbox) == [CHANGED]

    def test_by_a_command(self, app: Flask, ada: User, mailbox: Mailbox) -> None:
        args = ["users", "set-password", "ada@example.com", "--password", NEW_PASSWORD]
        app.test_cli_runner().invoke(args=args)

        assert subjects(mailbox) == [CHANGED]

    def test_is_not_said_when_it_was_not(
        self, make: Factory, admin: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        change_password(make.sign_in(ada.id), "a wrong password", status=400)
        admin.put(f"/api/users/{ada.id}", json={"name": "Ada L."})

        assert subjects(mailbox) == []

    def test_has_no_password_in_it_nor_at_rest(
        self, app: Flask, make: Factory, ada: User, mailbox: Mailbox
    ) -> None:
        change_password(make.sign_in(ada.id))
        stored = everything_stored(app)

        [mail] = mailbox.deliver()
        assert "'template': 'password_changed'" in stored
        for text in (stored, mail.as_string()):
            assert NEW_PASSWORD not in text
            assert PASSWORD not in text

    def test_is_told_to_nobody_who_was_deleted_meanwhile(
        self, make: Factory, admin: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        change_password(make.sign_in(ada.id))
        admin.delete(f"/api/users/{ada.id}")

        assert subjects(mailbox) == []


class TestLoginChanged:
    @pytest.mark.parametrize("changes", [{"email": "new@example.com"}, {"username": "lovelace"}])
    def test_is_told_to_the_address_until_then(
        self, admin: ApiClient, ada: User, mailbox: Mailbox, changes: dict[str, str]
    ) -> None:
        admin.put(f"/api/users/{ada.id}", json=changes)

        assert subjects(mailbox) == [("ada@example.com", "Your account was changed")]

    @pytest.mark.parametrize("changes", [{"email": "ADA@example.com"}, {"name": "Ada L."}, {}])
    def test_is_not_said_when_it_is_the_same(
        self, admin: ApiClient, ada: User, mailbox: Mailbox, changes: dict[str, str]
    ) -> None:
        admin.put(f"/api/users/{ada.id}", json=changes)

        assert subjects(mailbox) == []

    def test_is_not_said_when_it_was_refused(
        self, admin: ApiClient, make: Factory, ada: User, mailbox: Mailbox
    ) -> None:
        make.user(email="taken@example.com")

        admin.put(f"/api/users/{ada.id}", json={"email": "taken@example.com"}, status=409)

        assert subjects(mailbox) == []


class TestReuse:
    @pytest.fixture
    def reused(
        self, anonymous: ApiClient, pair: dict[str, Any], clock: time_machine.Traveller
    ) -> None:
        """Somebody has used a refresh token of Ada's again."""
        refresh(anonymous, pair["refreshToken"])
        clock.shift(11)
        for _ in range(2):
            refresh(anonymous, pair["refreshToken"], status=401)

    @pytest.mark.usefixtures("reused")
    def test_is_told_once_by_mail(self, app: Flask, pair: Any, mailbox: Mailbox) -> None:
        assert subjects(mailbox) == [("ada@example.com", "A sign-in was ended for your safety")]
        text = mailbox.messages[0].as_string()
        assert pair["refreshToken"] not in text + everything_stored(app)

    @pytest.mark.usefixtures("reused")
    def test_is_told_once_in_the_front_end(self, make: Factory, ada: User) -> None:
        [item] = told(make.sign_in(ada.id))

        assert (item["type"], item["title"]) == ("alert", "A sign-in was ended")

    def test_is_not_said_of_tabs_that_refresh_at_once(
        self, anonymous: ApiClient, ada: User, make: Factory, mailbox: Mailbox
    ) -> None:
        token = login(anonymous, "ada")["refreshToken"]
        for _ in range(3):
            refresh(anonymous, token)

        assert subjects(mailbox) == []
        assert told(make.sign_in(ada.id)) == []
