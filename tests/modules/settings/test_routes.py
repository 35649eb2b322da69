"""Settings: everybody's own, with defaults until they are changed."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.settings.models import Settings
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.auth.steps import all_at_once

SETTINGS = "/api/settings"
DEFAULTS = {"theme": "system", "navigation": "side", "showFooter": True, "enableTabBar": True}


def stored(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Settings)) or 0


class TestGetSettings:
    @pytest.mark.parametrize("role", ["guest", "super_admin"])
    def test_shows_the_defaults_and_stores_nothing(
        self, app: Flask, make: Factory, role: str
    ) -> None:
        found = make.client(role).get(SETTINGS)

        assert list(found.items()) == list(DEFAULTS.items())
        assert stored(app) == 0

    def test_shows_nobody_elses(self, make: Factory) -> None:
        make.client().put(SETTINGS, json={"theme": "dark"})

        assert make.client().get(SETTINGS) == DEFAULTS


class TestUpdateSettings:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_changes_only_what_is_sent(self, user: ApiClient, method: str) -> None:
        changed = {"theme": "dark", "navigation": "top", "showFooter": False, "enableTabBar": False}
        assert user.put(SETTINGS, json=changed) == changed

        user.open(method, SETTINGS, json={"theme": "light", "unknown": 1})

        assert user.get(SETTINGS) == changed | {"theme": "light"}

    def test_takes_words_in_any_case(self, user: ApiClient) -> None:
        user.put(SETTINGS, json={"theme": "DARK", "navigation": "Top"})

        assert user.get(SETTINGS) == DEFAULTS | {"theme": "dark", "navigation": "top"}

    def test_with_nothing_stores_nothing(self, app: Flask, user: ApiClient) -> None:
        assert user.put(SETTINGS, json={}) == DEFAULTS
        assert stored(app) == 0

    def test_is_told_in_the_audit_trail(self, make: Factory) -> None:
        user, admin = make.client(), make.client("admin")
        user.put(SETTINGS, json={"theme": "dark"})
        user.put(SETTINGS, json={"theme": "dark"})
        user.put(SETTINGS, json={"theme": "light"})

        last, first = admin.get("/api/audit?action=settings.update")["items"]

        assert first["changes"]["theme"] == {"from": None, "to": "dark"}
        assert last["changes"] == {"theme": {"from": "dark", "to": "light"}}
        assert last["targetId"] == user.user_id

    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"),
        [
            ({"theme": "blue"}, "theme"),
            ({"theme": None}, "theme"),
            ({"navigation": "bottom"}, "navigation"),
            ({"showFooter": "perhaps"}, "showFooter"),
            ({"enableTabBar": None}, "enableTabBar"),
        ],
    )
    def test_refuses_bad_input(
        self, app: Flask, user: ApiClient, body: dict[str, Any], field: str
    ) -> None:
        error = user.put(SETTINGS, json=body, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]
        assert stored(app) == 0


def test_settings_are_deleted_with_their_user(app: Flask, make: Factory) -> None:
    user, admin = make.client(), make.client("admin")
    user.put(SETTINGS, json={"theme": "dark"})

    admin.delete(f"/api/users/{user.user_id}")

    assert stored(app) == 0


def test_several_first_changes_at_once_all_count(make: Factory, user: ApiClient) -> None:
    sent = {"theme": "dark", "navigation": "top", "showFooter": False, "enableTabBar": False}
    clients = {name: make.sign_in(user.user_id) for name in sent}

    def change(name: str) -> int:
        return clients[name].open("PUT", SETTINGS, json={name: sent[name]}).status_code

    assert all_at_once(change, sent) == [200] * 4
    assert user.get(SETTINGS) == sent
