"""What tokens say, who can make them, and what a token that is wrong in any way gets."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD
from tests.modules.auth.steps import claims, everything_stored, get_me, login, refresh
from tests.modules.sessions.forgery import FORGERIES, WITHOUT_THE_SECRET, forge

Body = dict[str, Any]

FIFTEEN_MINUTES, A_WEEK = 15 * 60, 7 * 86400
UNAUTHORIZED = {
    "success": False,
    "error": {"code": "UNAUTHORIZED", "message": "Please sign in.", "details": []},
}


def register(client: ApiClient) -> Body:
    body = {"email": "grace@example.com", "password": PASSWORD}
    client.post("/api/auth/register", json=body)
    return client.last.json or {}


def sign_in(client: ApiClient) -> Body:
    login(client, "ada")
    return client.last.json or {}


def renew(client: ApiClient) -> Body:
    refresh(client, login(client, "ada")["refreshToken"])
    return client.last.json or {}


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("get_tokens", [register, sign_in, renew])
class TestAnswersWithTokens:
    def test_carry_them_at_the_top_level_and_in_data(
        self, anonymous: ApiClient, get_tokens: Callable[[ApiClient], Body]
    ) -> None:
        body = get_tokens(anonymous)

        names = {"accessToken", "refreshToken", "expiresIn", "tokenType", "user"}
        assert body.keys() == names | {"success", "data", "message"}
        assert {name: body[name] for name in names} == body["data"]

    def test_say_how_to_use_them(
        self, anonymous: ApiClient, get_tokens: Callable[[ApiClient], Body]
    ) -> None:
        body = get_tokens(anonymous)

        assert (body["tokenType"], body["expiresIn"]) == ("Bearer", FIFTEEN_MINUTES)
        assert anonymous.last.headers["Cache-Control"] == "no-store"

    def test_show_the_user_as_me_does(
        self, anonymous: ApiClient, get_tokens: Callable[[ApiClient], Body]
    ) -> None:
        body = get_tokens(anonymous)

        assert body["user"] == get_me(anonymous, body["accessToken"])

    def test_give_both_tokens_the_claims_of_their_session(
        self, anonymous: ApiClient, get_tokens: Callable[[ApiClient], Body]
    ) -> None:
        body = get_tokens(anonymous)

        access, renewal = claims(body["accessToken"]), claims(body["refreshToken"])
        for said in (access, renewal):
            assert said.keys() >= {"sub", "sid", "jti", "type", "iat", "exp", "iss", "aud"}
            assert said["sub"] == str(body["user"]["id"])
        assert access["sid"] == renewal["sid"]
        assert access["jti"] != renewal["jti"]
        assert (access["type"], renewal["type"]) == ("access", "refresh")
        assert access["exp"] - access["iat"] == FIFTEEN_MINUTES
        assert renewal["exp"] - renewal["iat"] == A_WEEK

    def test_leave_nothing_secret_in_the_database(
        self, app: Flask, anonymous: ApiClient, get_tokens: Callable[[ApiClient], Body]
    ) -> None:
        body = get_tokens(anonymous)

        stored = everything_stored(app)
        assert body["user"]["email"] in stored
        for secret in (body["accessToken"], body["refreshToken"], PASSWORD):
            assert secret not in stored
            assert secret.rpartition(".")[2] not in stored


class TestAccessToken:
    def test_is_good_for_fifteen_minutes(
        self, anonymous: ApiClient, pair: Body, clock: time_machine.Traveller
    ) -> None:
        clock.shift(FIFTEEN_MINUTES - 5)
        get_me(anonymous, pair["accessToken"])

        clock.shift(5)

        get_me(anonymous, pair["accessToken"], status=401)

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_is_sent_with_a_scheme_in_any_case(
        self, anonymous: ApiClient, pair: Body, ada: User, scheme: str
    ) -> None:
        headers = {"Authorization": f"{scheme} {pair['accessToken']}"}

        assert anonymous.get("/api/auth/me", headers=headers)["id"] == ada.id

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "{0}", "Basic {0}", "Token {0}"])
    def test_is_sent_as_a_bearer_token_only(
        self, anonymous: ApiClient, pair: Body, header: str
    ) -> None:
        headers = {"Authorization": header.format(pair["accessToken"])}

        anonymous.get("/api/auth/me", headers=headers, status=401)

        assert anonymous.last.json == UNAUTHORIZED

    @pytest.mark.parametrize("name", ["token", "jwt", "access_token", "accessToken"])
    def test_is_not_taken_from_the_address(
        self, anonymous: ApiClient, pair: Body, name: str
    ) -> None:
        anonymous.get(f"/api/auth/me?{name}={pair['accessToken']}", status=401)

    def test_does_not_refresh(self, anonymous: ApiClient, pair: Body) -> None:
        refresh(anonymous, pair["accessToken"], status=401)

        assert anonymous.last.json == UNAUTHORIZED
        get_me(anonymous, pair["accessToken"])


class TestRefreshToken:
    def test_gives_no_access(self, app: Flask, pair: Body) -> None:
        client = ApiClient(app, pair["refreshToken"])

        client.get("/api/auth/me", status=401)

        assert client.last.json == UNAUTHORIZED


class TestForgedToken:
    def test_would_be_accepted_if_nothing_were_wrong_with_it(
        self, anonymous: ApiClient, pair: Body, ada: User
    ) -> None:
        assert get_me(anonymous, forge()(pair["accessToken"]))["id"] == ada.id

    def test_gives_no_access(self, app: Flask, subtests: pytest.Subtests, pair: Body) -> None:
        for name, forgery in FORGERIES.items():
            client = ApiClient(app, forgery(pair["accessToken"]))
            with subtests.test(name):
                client.get("/api/auth/me", status=401)

                assert client.last.json == UNAUTHORIZED
                assert client.last.headers["WWW-Authenticate"] == "Bearer"

    def test_does_not_refresh(
        self, anonymous: ApiClient, subtests: pytest.Subtests, pair: Body
    ) -> None:
        for name, forgery in FORGERIES.items():
            with subtests.test(name):
                refresh(anonymous, forgery(pair["refreshToken"]), status=401)

                assert anonymous.last.json == UNAUTHORIZED
                assert anonymous.last.headers["WWW-Authenticate"] == "Bearer"

    def test_does_not_end_the_session_of_the_genuine_one(
        self, anonymous: ApiClient, subtests: pytest.Subtests, pair: Body
    ) -> None:
        for name, forgery in WITHOUT_THE_SECRET.items():
            with subtests.test(name):
                refresh(anonymous, forgery(pair["refreshToken"]), status=401)

                get_me(anonymous, pair["accessToken"])
        refresh(anonymous, pair["refreshToken"])
