"""A password ends with its change, however many sign in with it at that moment, on four workers."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.modules.auth.steps import NEW_PASSWORD
from tests.server.load import at_once
from tests.server.running_server import Answer, RunningServer

ROUNDS = 50
SIGN_INS = 8  # of each round, beside the change

Change = Callable[[RunningServer, ApiClient, ApiClient], Answer]


def by_its_owner(server: RunningServer, owner: ApiClient, _: ApiClient) -> Answer:
    body = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    return server.post("/api/auth/change-password", json=body, token=owner.token)


def by_an_administrator(server: RunningServer, owner: ApiClient, admin: ApiClient) -> Answer:
    body = {"password": NEW_PASSWORD}
    return server.put(f"/api/users/{owner.user_id}", json=body, token=admin.token)


@pytest.mark.parametrize("change", [by_its_owner, by_an_administrator])
def test_no_session_outlives_the_password_it_began_with(
    four_workers: RunningServer, make: Factory, change: Change
) -> None:
    """Each sign-in is refused, or began before the change, which then ended its session."""
    server = four_workers
    admin = make.client("admin")
    alive, began = 0, 0
    for number in range(ROUNDS):
        email = f"person{number}@example.com"
        owner = make.client(email=email)
        old = {"email": email, "password": PASSWORD}
        sign_in = partial(server.post, "/api/auth/login", json=old)

        changed, *answers = at_once([partial(change, server, owner, admin), *[sign_in] * SIGN_INS])

        assert changed.status == 200, changed.body
        tokens = [answer.data["accessToken"] for answer in answers if answer.status == 200]
        began += len(tokens)
        alive += sum(server.get("/api/auth/me", token=t).status == 200 for t in tokens)

    assert alive == 0
    assert began > 0  # some were quick enough, so both orders were tried
