"""Seeing and ending sessions, and what ends them without being asked."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.extensions import db
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.auth.steps import claims, get_me, login, refresh

Pair = dict[str, Any]


@pytest.fixture
def client(app: Flask, pair: Pair) -> ApiClient:
    """Ada's, with the session of `pair`."""
    return ApiClient(app, pair["accessToken"])


@pytest.fixture
def other(make: Factory, ada: User, client: ApiClient) -> ApiClient:
    """Ada's, with another session."""
    return make.sign_in(ada.id)


def session_of(client: ApiClient) -> int:
    session: int = claims(client.token or "")["sid"]
    return session


class TestMe:
    def test_is_who_is_signed_in(self, client: ApiClient, ada: User) -> None:
        me = client.get("/api/auth/me")

        assert (me["id"], me["email"], me["username"]) == (ada.id, "ada@example.com", "ada")
        assert "documents:view" in me["permissions"]
        assert me == client.get("/api/users/me")


class TestLogout:
    def test_ends_the_session_with_both_tokens(
        self, client: ApiClient, anonymous: ApiClient, pair: Pair
    ) -> None:
        assert client.post("/api/auth/logout", status=200) is None

        client.get("/api/auth/me", status=401)
        refresh(anonymous, pair["refreshToken"], status=401)

    def test_ends_no_other_session(
        self, client: ApiClient, other: ApiClient, user: ApiClient
    ) -> None:
        client.post("/api/auth/logout", status=200)

        other.get("/api/auth/me")
        user.get("/api/auth/me")

    @pytest.mark.parametrize("body", [{}, {"refreshToken": None}, {"refreshToken": "anything"}])
    def test_needs_no_refresh_token(self, client: ApiClient, body: dict[str, Any]) -> None:
        client.post("/api/auth/logout", json=body, status=200)

        client.get("/api/auth/me", status=401)

    def test_takes_the_refresh_token_of_the_session(self, client: ApiClient, pair: Pair) -> None:
        body = {"refreshToken": pair["refreshToken"]}

        client.post("/api/auth/logout", json=body, status=200)

        client.get("/api/auth/me", status=401)

    def test_works_once(self, client: ApiClient) -> None:
        client.post("/api/auth/logout", status=200)

        client.post("/api/auth/logout", status=401)

    def test_is_for_who_is_signed_in(self, anonymous: ApiClient) -> None:
        anonymous.post("/api/auth/logout", status=401)


class TestLogoutAll:
    def test_ends_every_session_of_the_user(
        self, client: ApiClient, other: ApiClient, anonymous: ApiClient, pair: Pair
    ) -> None:
        assert client.post("/api/auth/logout-all", status=200) is None

        client.get("/api/auth/me", status=401)
        other.get("/api/auth/me", status=401)
        refresh(anonymous, pair["refreshToken"], status=401)

    def test_ends_nobody_elses(self, client: ApiClient, user: ApiClient) -> None:
        client.post("/api/auth/logout-all", status=200)

        user.get("/api/auth/me")

    def test_keeps_nobody_from_signing_in_again(
        self, client: ApiClient, anonymous: ApiClient
    ) -> None:
        client.post("/api/auth/logout-all", status=200)

        get_me(anonymous, login(anonymous, "ada")["accessToken"])


class TestListSessions:
    def test_shows_where_one_is_signed_in(
        self, app: Flask, anonymous: ApiClient, ada: User
    ) -> None:
        phone = {"REMOTE_ADDR": "2001:db8::1"}
        agent = {"User-Agent": "Phone " + "x" * 300}
        pair = login(anonymous, "ada", environ_overrides=phone, headers=agent)

        [session] = ApiClient(app, pair["accessToken"]).get("/api/auth/sessions")

        assert session["ip"] == "2001:db8::1"
        assert session["userAgent"].startswith("Phone xxx")
        assert session["createdAt"] == session["lastUsedAt"] < session["expiresAt"]
        assert session["current"] is True

    def test_marks_the_current_one(self, client: ApiClient, other: ApiClient) -> None:
        sessions = client.get("/api/auth/sessions")

        current = {session["id"]: session["current"] for session in sessions}
        assert current == {session_of(client): True, session_of(other): False}

    def test_begins_with_the_one_used_last(
        self,
        client: ApiClient,
        other: ApiClient,
        anonymous: ApiClient,
        pair: Pair,
        clock: time_machine.Traveller,
    ) -> None:
        clock.shift(60)
        refresh(anonymous, pair["refreshToken"])

        sessions = other.get("/api/auth/sessions")

        assert [session["id"] for session in sessions] == [session_of(client), session_of(other)]
        assert sessions[0]["lastUsedAt"] > sessions[0]["createdAt"]

    @pytest.mark.usefixtures("user")
    def test_shows_nobody_elses(self, client: ApiClient) -> None:
        assert len(client.get("/api/auth/sessions")) == 1

    def test_shows_none_that_has_ended(self, client: ApiClient, other: ApiClient) -> None:
        other.post("/api/auth/logout", status=200)

        [session] = client.get("/api/auth/sessions")

        assert session["id"] == session_of(client)

    def test_shows_none_that_has_expired(
        self, make: Factory, ada: User, client: ApiClient, clock: time_machine.Traveller
    ) -> None:
        clock.shift(8 * 86400)

        [session] = make.sign_in(ada.id).get("/api/auth/sessions")

        assert session["id"] != session_of(client)

    def test_is_for_who_is_signed_in(self, anonymous: ApiClient) -> None:
        anonymous.get("/api/auth/sessions", status=401)


class TestEndSession:
    def test_ends_that_session_and_no_other(self, client: ApiClient, other: ApiClient) -> None:
        assert client.delete(f"/api/auth/sessions/{session_of(other)}") is None

        other.get("/api/auth/me", status=401)
        client.get("/api/auth/me")

    def test_ends_its_refresh_token_too(
        self, other: ApiClient, anonymous: ApiClient, pair: Pair
    ) -> None:
        other.delete(f"/api/auth/sessions/{claims(pair['accessToken'])['sid']}")

        refresh(anonymous, pair["refreshToken"], status=401)

    def test_ends_ones_own(self, client: ApiClient) -> None:
        client.delete(f"/api/auth/sessions/{session_of(client)}")

        client.get("/api/auth/me", status=401)

    def test_knows_neither_missing_nor_ended_sessions_nor_those_of_others(
        self, client: ApiClient, other: ApiClient, user: ApiClient, super_admin: ApiClient
    ) -> None:
        other.post("/api/auth/logout", status=200)
        missing = client.delete("/api/auth/sessions/999999", status=404)

        for session in (session_of(other), session_of(user), session_of(super_admin)):
            assert client.delete(f"/api/auth/sessions/{session}", status=404) == missing

        assert super_admin.delete(f"/api/auth/sessions/{session_of(user)}", status=404) == missing
        user.get("/api/auth/me")

    def test_is_for_who_is_signed_in(self, anonymous: ApiClient, client: ApiClient) -> None:
        anonymous.delete(f"/api/auth/sessions/{session_of(client)}", status=401)

        client.get("/api/auth/me")


def suspend(admin: ApiClient, user_id: int) -> None:
    admin.patch(f"/api/users/{user_id}/status", json={"status": "SUSPENDED"})


def deactivate(admin: ApiClient, user_id: int) -> None:
    admin.put(f"/api/users/{user_id}", json={"status": "INACTIVE"})


def suspend_by_hand(admin: ApiClient, user_id: int) -> None:
    with admin.app.app_context():
        db.session.execute(sa.update(User).filter_by(id=user_id).values(status="SUSPENDED"))
        db.session.commit()


def delete(admin: ApiClient, user_id: int) -> None:
    admin.delete(f"/api/users/{user_id}")


class TestNextRequest:
    @pytest.mark.parametrize("act", [suspend, deactivate, suspend_by_hand, delete])
    def test_of_who_was_disabled_is_refused(
        self,
        admin: ApiClient,
        client: ApiClient,
        ada: User,
        anonymous: ApiClient,
        pair: Pair,
        act: Callable[[ApiClient, int], None],
    ) -> None:
        client.get("/api/auth/me")

        act(admin, ada.id)

        dead = client.get("/api/auth/me", status=401)
        assert refresh(anonymous, pair["refreshToken"], status=401) == dead
        login(anonymous, "ada", status=401)

    def test_of_who_is_active_again_needs_a_new_login(
        self, admin: ApiClient, client: ApiClient, ada: User, anonymous: ApiClient
    ) -> None:
        suspend(admin, ada.id)

        admin.patch(f"/api/users/{ada.id}/status", json={"status": "ACTIVE"})

        client.get("/api/auth/me", status=401)
        get_me(anonymous, login(anonymous, "ada")["accessToken"])

    def test_has_the_rights_of_a_new_role(
        self, super_admin: ApiClient, client: ApiClient, ada: User
    ) -> None:
        client.get("/api/users", status=403)

        super_admin.put(f"/api/users/{ada.id}", json={"role": "admin"})

        client.get("/api/users")
        assert "users:*" in client.get("/api/auth/me")["permissions"]

    def test_has_lost_the_rights_of_a_lost_role(
        self, super_admin: ApiClient, admin: ApiClient
    ) -> None:
        admin.get("/api/users")

        super_admin.put(f"/api/users/{admin.user_id}", json={"role": "guest"})

        admin.get("/api/users", status=403)

    def test_has_the_rights_that_the_role_was_given(
        self, super_admin: ApiClient, client: ApiClient
    ) -> None:
        client.get("/api/users", status=403)

        super_admin.put("/api/roles/user", json={"permissions": ["users:view"]})

        client.get("/api/users")
        client.get("/api/documents", status=403)
