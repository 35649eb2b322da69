import datetime as dt
import logging
from typing import Any

import pytest
import time_machine
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.modules.auth.steps import all_at_once, claims, fields, get_me, login, refresh

Pair = dict[str, Any]

HOUR = 3600
DAY = 24 * HOUR
LOGGER = "halolight.modules.sessions.service"


parse = dt.datetime.fromisoformat


def assert_ended(client: ApiClient, *pairs: Pair) -> None:
    """No token of these pairs is good for anything."""
    for pair in pairs:
        get_me(client, pair["accessToken"], status=401)
        refresh(client, pair["refreshToken"], status=401)


class TestRefresh:
    def test_gives_the_next_pair(self, anonymous: ApiClient, ada: User, pair: Pair) -> None:
        following = refresh(anonymous, pair["refreshToken"])

        assert following["accessToken"] != pair["accessToken"]
        assert following["refreshToken"] != pair["refreshToken"]
        assert get_me(anonymous, following["accessToken"])["id"] == ada.id

    def test_goes_on_and_on(self, anonymous: ApiClient, pair: Pair) -> None:
        token = pair["refreshToken"]
        for _ in range(5):
            token = refresh(anonymous, token)["refreshToken"]

        refresh(anonymous, token)

    def test_keeps_the_session(self, anonymous: ApiClient, pair: Pair) -> None:
        following = refresh(anonymous, pair["refreshToken"])

        client = ApiClient(anonymous.app, following["accessToken"])
        [session] = client.get("/api/auth/sessions")
        assert session["id"] == claims(pair["accessToken"])["sid"]

    def test_needs_no_live_access_token(
        self, anonymous: ApiClient, pair: Pair, clock: time_machine.Traveller
    ) -> None:
        clock.shift(DAY)
        get_me(anonymous, pair["accessToken"], status=401)

        get_me(anonymous, refresh(anonymous, pair["refreshToken"])["accessToken"])

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        "body", [{}, {"refreshToken": None}, {"refreshToken": 1}, {"refreshToken": "x" * 5000}]
    )
    def test_refuses_a_wrong_value(self, anonymous: ApiClient, body: dict[str, Any]) -> None:
        error = anonymous.post("/api/auth/refresh", json=body, status=400)

        assert fields(error) == ["refreshToken"]


class TestRefreshAgain:
    def test_gives_the_same_pair_for_ten_seconds(
        self, anonymous: ApiClient, pair: Pair, clock: time_machine.Traveller
    ) -> None:
        following = refresh(anonymous, pair["refreshToken"])
        clock.shift(9)

        assert refresh(anonymous, pair["refreshToken"]) == following

    def test_gives_many_tabs_at_once_the_same_pair(self, anonymous: ApiClient, pair: Pair) -> None:
        def refreshed(_: int) -> Any:
            body = {"refreshToken": pair["refreshToken"]}
            return anonymous.open("POST", "/api/auth/refresh", json=body).json

        first, *others = all_at_once(refreshed, range(5))

        assert first["success"]
        assert others == [first] * 4

    def test_does_not_keep_the_successor_from_being_used(
        self, anonymous: ApiClient, pair: Pair
    ) -> None:
        refresh(anonymous, pair["refreshToken"])
        following = refresh(anonymous, pair["refreshToken"])

        refresh(anonymous, following["refreshToken"])

    def test_after_ten_seconds_ends_the_session(
        self, anonymous: ApiClient, pair: Pair, clock: time_machine.Traveller
    ) -> None:
        following = refresh(anonymous, pair["refreshToken"])
        clock.shift(11)

        refresh(anonymous, pair["refreshToken"], status=401)

        assert_ended(anonymous, pair, following)

    def test_with_an_older_token_ends_the_session_at_once(
        self, anonymous: ApiClient, pair: Pair
    ) -> None:
        second = refresh(anonymous, pair["refreshToken"])
        third = refresh(anonymous, second["refreshToken"])

        refresh(anonymous, pair["refreshToken"], status=401)

        assert_ended(anonymous, pair, second, third)

    def test_ends_no_other_session(
        self, anonymous: ApiClient, pair: Pair, clock: time_machine.Traveller
    ) -> None:
        other = login(anonymous, "ada")
        refresh(anonymous, pair["refreshToken"])
        clock.shift(11)

        refresh(anonymous, pair["refreshToken"], status=401)

        refresh(anonymous, other["refreshToken"])

    def test_looks_like_any_dead_token_to_the_caller(
        self, anonymous: ApiClient, pair: Pair, clock: time_machine.Traveller
    ) -> None:
        refresh(anonymous, pair["refreshToken"])
        clock.shift(11)

        reused = refresh(anonymous, pair["refreshToken"], status=401)

        assert reused == refresh(anonymous, "nonsense", status=401)

    def test_is_logged_when_it_ends_the_session(
        self,
        anonymous: ApiClient,
        pair: Pair,
        clock: time_machine.Traveller,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        refresh(anonymous, pair["refreshToken"])
        clock.shift(11)

        with caplog.at_level(logging.WARNING, LOGGER):
            refresh(anonymous, pair["refreshToken"], status=401)

        [record] = [record for record in caplog.records if record.name == LOGGER]
        assert "reused" in record.getMessage()
        assert str(claims(pair["accessToken"])["sid"]) in record.getMessage()
        assert pair["refreshToken"] not in caplog.text

    def test_is_not_logged_as_reuse_within_ten_seconds(
        self, anonymous: ApiClient, pair: Pair, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING, LOGGER):
            refresh(anonymous, pair["refreshToken"])
            refresh(anonymous, pair["refreshToken"])

        assert not caplog.records


class TestLifeOfASession:
    def test_ends_after_seven_days_without_use(
        self, anonymous: ApiClient, pair: Pair, clock: time_machine.Traveller
    ) -> None:
        clock.shift(7 * DAY)

        refresh(anonymous, pair["refreshToken"], status=401)

    def test_is_prolonged_by_use_to_seven_days_more(
        self, anonymous: ApiClient, pair: Pair, clock: time_machine.Traveller
    ) -> None:
        clock.shift(7 * DAY - 60)
        following = refresh(anonymous, pair["refreshToken"])

        clock.shift(7 * DAY - 60)

        refresh(anonymous, following["refreshToken"])

    def test_ends_after_thirty_days_however_often_it_is_used(
        self, app: Flask, anonymous: ApiClient, pair: Pair, clock: time_machine.Traveller
    ) -> None:
        for _ in range(4):
            clock.shift(6 * DAY)
            pair = refresh(anonymous, pair["refreshToken"])
        clock.shift(6 * DAY - 600)  # ten minutes before its end
        pair = refresh(anonymous, pair["refreshToken"])
        [session] = ApiClient(app, pair["accessToken"]).get("/api/auth/sessions")

        clock.shift(600)

        life = parse(session["expiresAt"]) - parse(session["createdAt"])
        assert life == dt.timedelta(days=30)
        assert pair["expiresIn"] <= 600
        assert claims(pair["accessToken"])["exp"] == claims(pair["refreshToken"])["exp"]
        assert_ended(anonymous, pair)

    def test_is_not_prolonged_by_a_replay(
        self, anonymous: ApiClient, pair: Pair, clock: time_machine.Traveller
    ) -> None:
        first = refresh(anonymous, pair["refreshToken"])
        clock.shift(8)

        again = refresh(anonymous, pair["refreshToken"])
        clock.shift(8)

        assert claims(again["refreshToken"])["exp"] == claims(first["refreshToken"])["exp"]
        refresh(anonymous, pair["refreshToken"], status=401)
