"""Sharing files and folders with users and teams, and taking them back."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.notifications.models import Notification
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.files.tree_steps import MISSING, file, folder, link, share, team_of


@pytest.fixture
def made(user: ApiClient) -> dict[str, Any]:
    return file(user)


@pytest.fixture
def path(made: dict[str, Any]) -> str:
    return f"/api/files/{made['id']}"


def recipients(shares: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """("user", 5) and ("team", 7), in the order they were added."""
    return [(kind, s[kind]["id"]) for s in shares for kind in ("user", "team") if s[kind]]


def told(app: Flask) -> list[tuple[Any, ...]]:
    """Who was told what of which file."""
    columns = (Notification.user_id, Notification.title, Notification.link)
    of_files = sa.select(*columns).where(Notification.link.startswith("/files/"))
    with app.app_context():
        return [tuple(row) for row in db.session.execute(of_files.order_by(Notification.user_id))]


def trail(app: Flask, action: str) -> list[dict[str, Any]]:
    """What the audit log says changed, for each of these actions."""
    with app.app_context():
        return list(db.session.scalars(sa.select(AuditEntry.changes).filter_by(action=action)))


class TestShareFile:
    def test_shares_with_users_and_teams(
        self, user: ApiClient, admin: ApiClient, make: Factory, made: dict[str, Any], path: str
    ) -> None:
        reader, team = make.user(name="Ada"), team_of(admin, user)

        shares = share(user, made["id"], userIds=[reader.id], teamIds=[team])

        with_user, with_team = shares
        assert with_user == {
            "id": with_user["id"],
            "user": {"id": reader.id, "name": "Ada", "avatar": None},
            "team": None,
            "public": False,
            "hasPassword": False,
            "expiresAt": None,
            "createdAt": with_user["createdAt"],
            "token": None,
            "url": None,
        }
        assert with_team["team"] == {"id": team, "name": "Team"}
        once = {"token", "url"}
        assert user.get(f"{path}/shares") == [
            {name: value for name, value in each.items() if name not in once} for each in shares
        ]

    def test_tells_those_who_see_it_now(
        self, app: Flask, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        reader, colleague = make.user(), make.client()
        team = team_of(admin, user, colleague)
        made = folder(user, "Projects")["id"]

        share(user, made, userIds=[reader.id], teamIds=[team])

        title, where = "A folder was shared with you", f"/files/{made}"
        people = sorted([admin.user_id, reader.id, colleague.user_id])
        assert told(app) == [(person, title, where) for person in people]

    def test_leaves_a_trail_of_it(
        self, app: Flask, user: ApiClient, admin: ApiClient, made: dict[str, Any], path: str
    ) -> None:
        [one] = share(user, made["id"], userIds=[admin.user_id])
        user.post(f"{path}/revoke-share", json={"shareId": one["id"]}, status=200)

        [shared], [unshared] = trail(app, "files.share"), trail(app, "files.unshare")
        assert shared["sharedWithUsers"]["to"] == [admin.user_id]
        assert unshared["sharedWithUsers"]["from"] == [admin.user_id]

    def test_changes_a_share_that_exists(
        self, user: ApiClient, admin: ApiClient, made: dict[str, Any]
    ) -> None:
        [old] = share(user, made["id"], userIds=[admin.user_id], expiresIn=60)

        [new] = share(user, made["id"], userIds=[admin.user_id, admin.user_id])

        assert old["expiresAt"] is not None
        assert new == old | {"expiresAt": None}

    def test_does_not_share_with_the_owner(self, user: ApiClient, made: dict[str, Any]) -> None:
        assert share(user, made["id"], userIds=[user.user_id]) == []

    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"),
        [
            ({}, "userIds"),
            ({"public": False}, "userIds"),
            ({"userIds": ["x"]}, "userIds.0"),
            ({"userIds": list(range(1, 102))}, "userIds"),
            ({"userIds": [MISSING]}, "userIds"),
            ({"teamIds": [MISSING]}, "teamIds"),
            ({"userIds": [1], "password": "secret"}, "password"),
            ({"public": True, "password": "abc"}, "password"),
            ({"public": True, "password": "with space"}, "password"),
            ({"public": True, "password": "ümläut"}, "password"),
            ({"public": "x"}, "public"),
            ({"public": True, "expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
            ({"public": True, "expiresIn": 0}, "expiresIn"),
            ({"public": True, "expiresIn": 10**9}, "expiresIn"),
            ({"public": True, "expiresIn": "60"}, "expiresIn"),
        ],
    )
    def test_refuses_bad_input(
        self, user: ApiClient, path: str, body: dict[str, Any], field: str
    ) -> None:
        error = user.post(f"{path}/share", json=body, status=400)

        assert {detail["field"] for detail in error["details"]} == {field}
        assert user.get(f"{path}/shares") == []

    def test_knows_no_team_that_one_does_not_see(
        self, user: ApiClient, admin: ApiClient, path: str
    ) -> None:
        error = user.post(f"{path}/share", json={"teamIds": [team_of(admin)]}, status=400)

        assert error["details"][0]["field"] == "teamIds"


class TestRevokeShare:
    def test_ends_the_one_that_is_named(
        self, user: ApiClient, make: Factory, made: dict[str, Any], path: str
    ) -> None:
        first, second = make.client(), make.client()
        [one, _] = share(user, made["id"], userIds=[first.user_id, second.user_id])

        remaining = user.post(f"{path}/revoke-share", json={"shareId": one["id"]}, status=200)

        assert recipients(remaining) == [("user", second.user_id)]
        assert remaining == user.get(f"{path}/shares")
        first.get(path, status=404)
        second.get(path)

    def test_ends_a_link(self, user: ApiClient, anonymous: ApiClient, path: str) -> None:
        url = link(user, int(path.rpartition("/")[2]))
        [one] = user.get(f"{path}/shares")
        anonymous.get(url)

        user.post(f"{path}/revoke-share", json={"shareId": one["id"]}, status=200)

        anonymous.get(url, status=404)

    def test_knows_no_share_of_another_file(
        self, user: ApiClient, admin: ApiClient, path: str
    ) -> None:
        other = file(user, "other.txt")["id"]
        [foreign] = share(user, other, userIds=[admin.user_id])

        for share_id in (foreign["id"], MISSING):
            user.post(f"{path}/revoke-share", json={"shareId": share_id}, status=404)
        assert len(user.get(f"/api/files/{other}/shares")) == 1

    @pytest.mark.database("sqlite")
    @each("body", [{}, {"shareId": "x"}, {"shareId": None}])
    def test_refuses_bad_input(self, user: ApiClient, path: str, body: dict[str, Any]) -> None:
        error = user.post(f"{path}/revoke-share", json=body, status=400)

        assert [detail["field"] for detail in error["details"]] == ["shareId"]
