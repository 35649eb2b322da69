"""A link to set a password is void once the account has changed in another way."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.modules.auth.steps import (
    NEW_PASSWORD,
    change_password,
    fields,
    forgot_password,
    login,
    reset_password,
)

Change = Callable[[Flask, Factory, User], object]


def she_changes_her_password(_: Flask, make: Factory, ada: User) -> None:
    change_password(make.sign_in(ada.id))


def a_command_sets_her_password(app: Flask, _: Factory, ada: User) -> None:
    command = ["users", "set-password", ada.email, "--password", NEW_PASSWORD]
    result = app.test_cli_runner().invoke(args=command)
    assert result.exit_code == 0, result.output


def an_administrator(**changes: Any) -> Change:
    def change(_: Flask, make: Factory, ada: User) -> None:
        make.client("admin").put(f"/api/users/{ada.id}", json=changes)

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(she_changes_her_password, id="own password"),
        pytest.param(a_command_sets_her_password, id="password by command"),
        pytest.param(an_administrator(password=NEW_PASSWORD), id="password by an administrator"),
        pytest.param(an_administrator(email="lovelace@example.com"), id="email address"),
    ],
)
def test_after_a_change_of(
    app: Flask, anonymous: ApiClient, make: Factory, ada: User, mailbox: Mailbox, change: Change
) -> None:
    forgot_password(anonymous)
    token = mailbox.reset_token()

    change(app, make, ada)

    error = reset_password(anonymous, token, "a third sentence", status=400)
    assert fields(error) == ["token"]


def test_stays_good_after_a_change_of_something_else(
    app: Flask, anonymous: ApiClient, make: Factory, ada: User, mailbox: Mailbox
) -> None:
    forgot_password(anonymous)
    token = mailbox.reset_token()

    an_administrator(name="Augusta", status="ACTIVE")(app, make, ada)

    reset_password(anonymous, token)


def test_a_reset_lifts_the_limit_on_failed_logins(
    anonymous: ApiClient, ada: User, mailbox: Mailbox
) -> None:
    for _ in range(10):
        login(anonymous, "ada", "wrong", status=401)
    login(anonymous, "ada", PASSWORD, status=429)
    forgot_password(anonymous)

    reset_password(anonymous, mailbox.reset_token())

    login(anonymous, "ada", NEW_PASSWORD)
