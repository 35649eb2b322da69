from typing import Any

import pytest
import time_machine
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.modules.auth.steps import NEW_PASSWORD, change_password, fields, login, refresh

WRONG = "a wrong password"


@pytest.fixture
def client(app: Flask, pair: dict[str, Any]) -> ApiClient:
    """Ada's, with the session of `pair`."""
    return ApiClient(app, pair["accessToken"])


class TestChangePassword:
    def test_sets_the_new_password(self, client: ApiClient, anonymous: ApiClient) -> None:
        assert change_password(client) is None

        login(anonymous, "ada", NEW_PASSWORD)
        login(anonymous, "ada", PASSWORD, status=401)

    def test_keeps_ones_own_session(
        self, client: ApiClient, anonymous: ApiClient, pair: dict[str, Any]
    ) -> None:
        change_password(client)

        client.get("/api/auth/me")
        refresh(anonymous, pair["refreshToken"])

    def test_ends_ones_other_sessions(
        self, client: ApiClient, make: Factory, ada: User, anonymous: ApiClient
    ) -> None:
        other = make.sign_in(ada.id)
        pair = login(anonymous, "ada")

        change_password(client)

        other.get("/api/auth/me", status=401)
        refresh(anonymous, pair["refreshToken"], status=401)

    def test_leaves_others_alone(self, client: ApiClient, user: ApiClient) -> None:
        change_password(client)

        user.get("/api/auth/me")

    def test_asks_for_the_current_password(
        self, client: ApiClient, make: Factory, ada: User, anonymous: ApiClient
    ) -> None:
        other = make.sign_in(ada.id)

        error = change_password(client, WRONG, status=400)

        assert error["code"] == "VALIDATION_ERROR"
        assert fields(error) == ["currentPassword"]
        other.get("/api/auth/me")
        login(anonymous, "ada", PASSWORD)

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"newPassword": NEW_PASSWORD}, "currentPassword"),
            ({"currentPassword": None, "newPassword": NEW_PASSWORD}, "currentPassword"),
            ({"currentPassword": PASSWORD}, "newPassword"),
            ({"currentPassword": PASSWORD, "newPassword": None}, "newPassword"),
            ({"currentPassword": PASSWORD, "newPassword": "short"}, "newPassword"),
        ],
    )
    def test_refuses_a_wrong_value(self, user: ApiClient, body: dict[str, Any], field: str) -> None:
        assert fields(user.post("/api/auth/change-password", json=body, status=400)) == [field]

    def test_is_for_who_is_signed_in(self, anonymous: ApiClient) -> None:
        change_password(anonymous, status=401)


class TestManyWrongCurrentPasswords:
    def test_are_refused_even_when_the_right_one_follows(self, user: ApiClient) -> None:
        for _ in range(10):
            change_password(user, WRONG, status=400)

        change_password(user, status=429)

        assert int(user.last.headers["Retry-After"]) > 0

    def test_are_forgotten_after_fifteen_minutes(
        self, make: Factory, ada: User, clock: time_machine.Traveller
    ) -> None:
        for _ in range(10):
            change_password(make.sign_in(ada.id), WRONG, status=400)
        clock.shift(15 * 60)

        change_password(make.sign_in(ada.id))

    def test_leave_others_alone(self, user: ApiClient, client: ApiClient) -> None:
        for _ in range(10):
            change_password(user, WRONG, status=400)

        change_password(client)

    def test_cannot_be_claimed_by_somebody_who_is_not_signed_in(
        self, user: ApiClient, anonymous: ApiClient
    ) -> None:
        for _ in range(10):
            login(anonymous, f"user:{user.user_id}", WRONG, status=401)

        change_password(user)
