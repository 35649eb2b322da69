"""Sharing documents with users and teams, and taking them back."""

import datetime as dt
from typing import Any

import pytest

from halolight.core.clock import isoformat, utcnow
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.documents.steps import MISSING, share, team_of, titles, write


@pytest.fixture
def document(user: ApiClient) -> dict[str, Any]:
    return write(user)


@pytest.fixture
def path(document: dict[str, Any]) -> str:
    return f"/api/documents/{document['id']}"


def recipients(shares: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """("user", 5) and ("team", 7), in the order they were added."""
    return [(kind, s[kind]["id"]) for s in shares for kind in ("user", "team") if s[kind]]


class TestShareDocument:
    def test_shares_with_users_and_teams(
        self, user: ApiClient, admin: ApiClient, make: Factory, path: str
    ) -> None:
        reader, team = make.user(name="Ada"), team_of(admin, user)

        shares = user.post(
            f"{path}/share", json={"userIds": [reader.id], "teamIds": [team]}, status=200
        )

        assert shares == user.get(f"{path}/shares")
        with_user, with_team = shares
        assert with_user["user"] == {"id": reader.id, "name": "Ada", "avatar": None}
        assert with_team["team"] == {"id": team, "name": "Team"}
        assert with_user["team"] is None
        assert with_team["user"] is None
        assert with_user["permission"] == with_team["permission"] == "VIEW"
        assert with_user["expiresAt"] is None
        assert with_user["createdAt"].endswith("Z")

    def test_marks_the_document_as_shared(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any], path: str
    ) -> None:
        assert document["shared"] is False

        share(user, document["id"], userIds=[admin.user_id])

        shared = user.get(path)
        assert shared["shared"] is True
        assert shared["updatedAt"] > document["updatedAt"]
        assert titles(user, "shared=true") == ["Plan"]

    def test_with_a_team_of_the_owner_lists_and_counts_it_once(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any]
    ) -> None:
        team = team_of(admin, user)
        before = user.get("/api/dashboard/stats")

        share(user, document["id"], teamIds=[team])

        assert titles(user, "") == ["Plan"]
        assert user.get("/api/documents")["total"] == 1
        assert user.get("/api/dashboard/stats") == before

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [("VIEW", "VIEW"), ("view", "VIEW"), ("EDIT", "EDIT"), ("edit", "EDIT"), ("Edit", "EDIT")],
    )
    def test_accepts_the_permission_in_any_case(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any], sent: str, kept: str
    ) -> None:
        [made] = share(user, document["id"], userIds=[admin.user_id], permission=sent)

        assert made["permission"] == kept

    def test_keeps_until_when_in_utc(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any]
    ) -> None:
        until = "2999-12-31T23:30:00+02:00"

        [made] = share(user, document["id"], userIds=[admin.user_id], expiresAt=until)

        assert made["expiresAt"] == "2999-12-31T21:30:00Z"

    def test_changes_a_share_that_exists(
        self, user: ApiClient, admin: ApiClient, make: Factory, document: dict[str, Any]
    ) -> None:
        other, team = make.user(), team_of(admin, user)
        until = isoformat(utcnow() + dt.timedelta(days=1))
        ids = {"userIds": [admin.user_id], "teamIds": [team]}
        [old, _] = share(user, document["id"], expiresAt=until, **ids)

        ids["userIds"].append(other.id)
        shares = share(user, document["id"], permission="EDIT", **ids)

        [new, with_team, _] = shares
        assert new == old | {"permission": "EDIT", "expiresAt": None}
        assert (with_team["permission"], with_team["expiresAt"]) == ("EDIT", None)
        assert recipients(shares) == [
            ("user", admin.user_id),
            ("team", team),
            ("user", other.id),
        ]

    def test_shares_once_with_who_is_named_twice(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any]
    ) -> None:
        assert len(share(user, document["id"], userIds=[admin.user_id, admin.user_id])) == 1

    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"),
        [
            ({}, "userIds"),
            ({"userIds": [], "teamIds": []}, "userIds"),
            ({"permission": "EDIT"}, "userIds"),
            ({"userIds": 5}, "userIds"),
            ({"userIds": ["x"]}, "userIds.0"),
            ({"userIds": [0]}, "userIds.0"),
            ({"userIds": [2**31]}, "userIds.0"),
            ({"userIds": list(range(1, 102))}, "userIds"),
            ({"teamIds": ["x"]}, "teamIds.0"),
            ({"userIds": [1], "permission": "OWN"}, "permission"),
            ({"userIds": [1], "permission": None}, "permission"),
            ({"userIds": [1], "expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
            ({"userIds": [1], "expiresAt": "tomorrow"}, "expiresAt"),
            ({"userIds": [1], "expiresAt": 5}, "expiresAt"),
            ({"userIds": [MISSING]}, "userIds"),
            ({"teamIds": [MISSING]}, "teamIds"),
        ],
    )
    def test_refuses_bad_input(
        self, user: ApiClient, path: str, body: dict[str, Any], field: str
    ) -> None:
        error = user.post(f"{path}/share", json=body, status=400)

        assert error["code"] == "VALIDATION_ERROR"
        assert {detail["field"] for detail in error["details"]} == {field}
        assert user.get(f"{path}/shares") == []

    def test_shares_with_nobody_when_one_is_unknown(
        self, user: ApiClient, admin: ApiClient, path: str
    ) -> None:
        body = {"userIds": [admin.user_id, MISSING]}

        error = user.post(f"{path}/share", json=body, status=400)

        assert str(MISSING) in error["message"]
        assert user.get(f"{path}/shares") == []

    @pytest.mark.parametrize("status", ["INACTIVE", "SUSPENDED"])
    def test_knows_no_user_who_is_not_active(
        self, user: ApiClient, make: Factory, path: str, status: str
    ) -> None:
        body = {"userIds": [make.user(status=status).id]}

        error = user.post(f"{path}/share", json=body, status=400)

        assert error["details"][0]["field"] == "userIds"

    def test_knows_no_team_that_one_does_not_see(
        self, user: ApiClient, admin: ApiClient, path: str
    ) -> None:
        foreign = team_of(admin)

        error = user.post(f"{path}/share", json={"teamIds": [foreign]}, status=400)

        assert error["details"][0]["field"] == "teamIds"

    def test_lets_who_manages_teams_share_with_any(self, admin: ApiClient, make: Factory) -> None:
        team = team_of(make.client("admin"))

        shares = share(admin, write(admin)["id"], teamIds=[team])

        assert recipients(shares) == [("team", team)]


class TestListShares:
    def test_is_empty_for_what_is_not_shared(self, user: ApiClient, path: str) -> None:
        assert user.get(f"{path}/shares") == []


class TestUnshareDocument:
    @pytest.fixture
    def ids(
        self, user: ApiClient, admin: ApiClient, make: Factory, document: dict[str, Any]
    ) -> tuple[int, int, int]:
        """A user, another and a team, with whom the document is shared."""
        first, second, team = make.user().id, make.user().id, team_of(admin, user)
        share(user, document["id"], userIds=[first, second], teamIds=[team])
        return first, second, team

    def test_takes_back_from_whom_is_named(
        self, user: ApiClient, path: str, ids: tuple[int, int, int]
    ) -> None:
        first, second, team = ids

        shares = user.post(
            f"{path}/unshare", json={"userIds": [first], "teamIds": [team]}, status=200
        )

        assert recipients(shares) == [("user", second)]
        assert user.get(f"{path}/shares") == shares

    def test_takes_back_from_a_team_alone(
        self, user: ApiClient, path: str, ids: tuple[int, int, int]
    ) -> None:
        first, second, team = ids

        shares = user.post(f"{path}/unshare", json={"teamIds": [team]}, status=200)

        assert recipients(shares) == [("user", first), ("user", second)]

    @pytest.mark.parametrize("body", [None, {}, {"userIds": [], "teamIds": []}])
    def test_takes_back_from_everybody_when_nobody_is_named(
        self, user: ApiClient, path: str, ids: tuple[int, int, int], body: dict[str, Any] | None
    ) -> None:
        shares = user.post(f"{path}/unshare", json=body, status=200)

        assert shares == user.get(f"{path}/shares") == []
        assert user.get(path)["shared"] is False

    def test_hides_the_document_again(
        self, user: ApiClient, make: Factory, document: dict[str, Any], path: str
    ) -> None:
        reader = make.client()
        share(user, document["id"], userIds=[reader.user_id])
        assert titles(reader) == ["Plan"]

        user.post(f"{path}/unshare", json={"userIds": [reader.user_id]}, status=200)

        assert titles(reader) == []
        reader.get(path, status=404)

    def test_does_not_mind_who_has_no_share(
        self, user: ApiClient, path: str, ids: tuple[int, int, int]
    ) -> None:
        shares = user.post(f"{path}/unshare", json={"userIds": [MISSING]}, status=200)

        assert len(shares) == 3

    @pytest.mark.parametrize(
        ("body", "field"), [({"userIds": ["x"]}, "userIds.0"), ({"teamIds": 5}, "teamIds")]
    )
    def test_refuses_bad_input(
        self, user: ApiClient, path: str, body: dict[str, Any], field: str
    ) -> None:
        error = user.post(f"{path}/unshare", json=body, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]
