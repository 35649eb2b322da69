"""Clocks of several machines differ: what one has just signed is good for the others, too."""

from typing import Any

import pytest
import time_machine
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.modules.auth.steps import claims, get_me, login, refresh
from tests.modules.files.steps import upload
from tests.modules.sessions.forgery import forge

FIFTEEN_MINUTES = 15 * 60


@pytest.fixture
def ahead(anonymous: ApiClient, ada: User, clock: time_machine.Traveller) -> dict[str, Any]:
    """Ada's tokens, signed by a machine whose clock is 55 seconds ahead of the one asked."""
    clock.shift(55)
    pair: dict[str, Any] = login(anonymous, "ada")
    clock.shift(-55)
    return pair


class TestMachineAhead:
    def test_gives_tokens_that_work_here(self, anonymous: ApiClient, ahead: dict[str, Any]) -> None:
        get_me(anonymous, ahead["accessToken"])
        refresh(anonymous, ahead["refreshToken"])

    def test_gives_download_links_that_work_here(
        self,
        app: Flask,
        anonymous: ApiClient,
        ahead: dict[str, Any],
        clock: time_machine.Traveller,
    ) -> None:
        client = ApiClient(app, ahead["accessToken"])
        file = upload(client)
        clock.shift(55)
        url = client.get(f"/api/files/{file['id']}/download-url")["url"]
        link = url.removeprefix("http://localhost")
        clock.shift(-55)

        assert anonymous.download(link) == b"hello"

        clock.shift(-15)
        anonymous.get(link, status=403)


class TestToken:
    @pytest.mark.parametrize("claim", ["iat", "nbf"])
    def test_from_more_than_a_minute_ahead_is_refused(
        self, anonymous: ApiClient, pair: dict[str, Any], claim: str
    ) -> None:
        now = claims(pair["accessToken"])["iat"]
        near, far = (forge(**{claim: now + seconds})(pair["accessToken"]) for seconds in (50, 70))

        get_me(anonymous, near)
        get_me(anonymous, far, status=401)

    def test_expires_without_leeway(
        self, anonymous: ApiClient, ahead: dict[str, Any], clock: time_machine.Traveller
    ) -> None:
        """The expiry that was signed, by the clock of the machine that is asked."""
        clock.shift(FIFTEEN_MINUTES + 50)
        get_me(anonymous, ahead["accessToken"])

        clock.shift(6)

        get_me(anonymous, ahead["accessToken"], status=401)
