"""Ids may come again, as after a backup was restored: what named a row that is gone names none."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.dialects import sqlite

from halolight.core.db.base import Identified, Model
from halolight.extensions import db
from halolight.modules.sessions.models import Session
from halolight.modules.sessions.service import prune_sessions
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.modules.files.steps import upload

from .steps import claims, get_me, login, refresh

Pair = dict[str, Any]
IDENTIFIED: list[Any] = [
    mapper.class_ for mapper in Model.registry.mappers if issubclass(mapper.class_, Identified)
]


def register(client: ApiClient, email: str) -> Pair:
    pair: Pair = client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
    return pair


def assert_dead(client: ApiClient, pair: Pair) -> None:
    get_me(client, pair["accessToken"], status=401)
    refresh(client, pair["refreshToken"], status=401)


class TestTokens:
    def test_of_a_deleted_user_are_those_of_nobody_who_comes_later(
        self, anonymous: ApiClient, admin: ApiClient
    ) -> None:
        old = register(anonymous, "old@example.com")
        admin.delete(f"/api/users/{old['user']['id']}")

        new = register(anonymous, "new@example.com")

        assert_dead(anonymous, old)
        get_me(anonymous, new["accessToken"])
        refresh(anonymous, new["refreshToken"])

    def test_of_a_session_that_was_pruned_stay_dead(
        self, app: Flask, anonymous: ApiClient, ada: User, pair: Pair
    ) -> None:
        ApiClient(app, pair["accessToken"]).post("/api/auth/logout", status=200)
        with app.app_context():
            assert prune_sessions() == 1

        following = login(anonymous, "ada")

        assert_dead(anonymous, pair)
        get_me(anonymous, following["accessToken"])

    def test_do_not_open_another_session_with_the_same_id(
        self, app: Flask, anonymous: ApiClient, make: Factory, ada: User, pair: Pair
    ) -> None:
        """As in a database that was restored, whose sequences begin again."""
        said = claims(pair["accessToken"])
        following = login(anonymous, "ada")
        with app.app_context():
            db.session.execute(sa.delete(Session).filter_by(id=said["sid"]))
            db.session.execute(sa.update(Session).filter_by(user_id=ada.id).values(id=said["sid"]))
            db.session.commit()

        assert_dead(anonymous, pair)

        with app.app_context():
            [session] = db.session.scalars(sa.select(Session).filter_by(user_id=ada.id))
            assert session.key == claims(following["accessToken"])["key"]
            assert session.revoked_at is None  # a token of another is no token used again

    def test_carry_a_key_that_is_long_and_random(self, anonymous: ApiClient, ada: User) -> None:
        pairs = [login(anonymous, "ada") for _ in range(5)]

        keys = {claims(pair["accessToken"])["key"] for pair in pairs}
        assert len(keys) == 5
        assert {len(bytes.fromhex(key)) for key in keys} == {16}
        for pair in pairs:
            assert claims(pair["refreshToken"])["key"] == claims(pair["accessToken"])["key"]


class TestIds:
    @pytest.mark.database("sqlite")
    def test_are_given_once_by_every_table(self, app: Flask) -> None:
        """PostgreSQL's sequences never go back."""
        with app.app_context():
            rows = db.session.execute(sa.text("SELECT name, sql FROM sqlite_master"))
            defined = {row.name: row.sql for row in rows}

        names = [str(model.__tablename__) for model in IDENTIFIED]
        assert "users" in names
        assert [name for name in names if "AUTOINCREMENT" not in defined[name]] == []

    def test_are_given_once_by_the_tables_that_come(self) -> None:
        """A migration is generated from this definition."""
        for model in IDENTIFIED:
            table: Any = sa.inspect(model).local_table
            created = str(sa.schema.CreateTable(table).compile(dialect=sqlite.dialect()))
            assert "AUTOINCREMENT" in created, table.name

    def test_of_deleted_users_are_not_given_again(
        self, anonymous: ApiClient, admin: ApiClient
    ) -> None:
        old = register(anonymous, "old@example.com")["user"]["id"]
        admin.delete(f"/api/users/{old}")

        assert register(anonymous, "new@example.com")["user"]["id"] > old


class TestWhatNamesAUser:
    @pytest.fixture
    def old(self, make: Factory) -> ApiClient:
        return make.client(email="old@example.com")

    def test_a_download_link_ends_with_the_account(
        self, old: ApiClient, admin: ApiClient, anonymous: ApiClient
    ) -> None:
        file = upload(old)
        url = old.get(f"/api/files/{file['id']}/download-url")["url"]
        admin.delete(f"/api/users/{old.user_id}")
        register(anonymous, "new@example.com")

        anonymous.download(url, status=404)

    def test_failed_sign_ins_count_for_nobody_who_comes_later(
        self, old: ApiClient, admin: ApiClient, anonymous: ApiClient
    ) -> None:
        for _ in range(10):
            login(anonymous, "old@example.com", "wrong", status=401)
        admin.delete(f"/api/users/{old.user_id}")

        register(anonymous, "new@example.com")

        login(anonymous, "new@example.com")

    def test_the_audit_trail_of_a_new_account_is_its_own(
        self, old: ApiClient, admin: ApiClient, anonymous: ApiClient
    ) -> None:
        old.put("/api/users/me", json={"name": "Old"})
        admin.delete(f"/api/users/{old.user_id}")

        new = register(anonymous, "new@example.com")["user"]["id"]

        entries = admin.get(f"/api/audit?actorId={new}")["items"]
        assert {entry["action"] for entry in entries} == {"auth.register"}


def test_wrong_passwords_of_a_revoked_link_count_for_no_other(
    user: ApiClient, anonymous: ApiClient
) -> None:
    file = upload(user)["id"]
    body = {"public": True, "password": "secret"}
    path = f"/api/files/{file}/share"
    [first] = user.post(path, json=body, status=200)
    for _ in range(10):
        anonymous.get(first["url"], status=403, headers={"X-Share-Password": "wrong"})
    user.post(f"/api/files/{file}/revoke-share", json={"shareId": first["id"]}, status=200)

    [second] = user.post(path, json=body, status=200)

    anonymous.get(second["url"], headers={"X-Share-Password": "secret"})
