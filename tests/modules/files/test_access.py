"""Who sees which files, and who may do what with those they see."""

from typing import Any

import pytest
import time_machine

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.files.tree_steps import (
    COPYING,
    MISSING,
    OWNING,
    READING,
    file,
    folder,
    names,
    paths,
    share,
    team_of,
)

Body = dict[str, Any] | None

on_each = pytest.mark.parametrize(("method", "suffix", "body"), [*READING, COPYING, *OWNING])


@pytest.fixture
def owner(make: Factory) -> ApiClient:
    return make.client("user")


@pytest.fixture
def tree(owner: ApiClient) -> dict[str, Any]:
    """Projects/2026/plan.txt, Projects/other.txt and Secret/."""
    projects = folder(owner, "Projects")
    year = folder(owner, "2026", projects["id"])
    plan = file(owner, "plan.txt", year["id"])
    other = file(owner, "other.txt", projects["id"])
    folder(owner, "Secret")
    return {"projects": projects, "year": year, "plan": plan, "other": other}


class TestVisibility:
    def test_covers_ones_own_and_nothing_else(
        self, owner: ApiClient, user: ApiClient, tree: dict[str, Any]
    ) -> None:
        assert len(paths(owner)) == 5
        assert paths(user) == []
        assert names(user, f"folderId={tree['projects']['id']}") == []

    @pytest.mark.parametrize("through_a_team", [False, True])
    def test_covers_a_shared_folder_with_all_in_it(
        self,
        admin: ApiClient,
        owner: ApiClient,
        user: ApiClient,
        tree: dict[str, Any],
        through_a_team: bool,
    ) -> None:
        teams = {"teamIds": [team_of(admin, owner, user)]}
        share(
            owner,
            tree["projects"]["id"],
            **(teams if through_a_team else {"userIds": [user.user_id]}),
        )

        assert sorted(names(user)) == ["2026", "Projects", "other.txt", "plan.txt"]
        assert user.get(f"/api/files/{tree['plan']['id']}")["name"] == "plan.txt"

    def test_covers_what_is_put_into_a_shared_folder_and_ends_when_it_leaves(
        self, owner: ApiClient, user: ApiClient, tree: dict[str, Any]
    ) -> None:
        share(owner, tree["year"]["id"], userIds=[user.user_id])
        path = f"/api/files/{tree['other']['id']}"
        user.get(path, status=404)

        owner.post(f"{path}/move", json={"path": "/Projects/2026"}, status=200)
        user.get(path)
        owner.post(f"{path}/move", json={"path": "/Secret"}, status=200)

        user.get(path, status=404)

    def test_shows_a_file_once_however_often_it_is_shared(
        self, admin: ApiClient, owner: ApiClient, user: ApiClient, tree: dict[str, Any]
    ) -> None:
        team = team_of(admin, owner, user)
        for name in ("projects", "year", "plan"):
            share(owner, tree[name]["id"], userIds=[user.user_id], teamIds=[team])

        page = user.get("/api/files?search=plan")

        assert (len(page["items"]), page["total"]) == (1, 1)

    def test_tells_nobody_how_the_owners_folders_are_called(
        self, owner: ApiClient, user: ApiClient, tree: dict[str, Any]
    ) -> None:
        share(owner, tree["year"]["id"], userIds=[user.user_id])

        shown = {item["name"]: item for item in user.get("/api/files")["items"]}

        assert {name: item["path"] for name, item in shown.items()} == {
            "2026": "/2026",
            "plan.txt": "/plan.txt",
        }
        assert shown["2026"]["folderId"] is None  # which they do not see
        assert shown["plan.txt"]["folderId"] == tree["year"]["id"]
        assert user.get(f"/api/files/{tree['plan']['id']}") == shown["plan.txt"]

    @pytest.mark.parametrize("through_a_team", [False, True])
    def test_ends_with_the_share(
        self,
        admin: ApiClient,
        owner: ApiClient,
        user: ApiClient,
        tree: dict[str, Any],
        clock: time_machine.Traveller,
        through_a_team: bool,
    ) -> None:
        teams = {"teamIds": [team_of(admin, owner, user)]}
        whom = teams if through_a_team else {"userIds": [user.user_id]}
        share(owner, tree["projects"]["id"], expiresIn=60, **whom)
        assert len(names(user)) == 4

        clock.shift(61)

        assert names(user) == []
        user.get(f"/api/files/{tree['plan']['id']}", status=404)
        assert owner.get(f"/api/files/{tree['projects']['id']}")["shared"] is False
        assert owner.get(f"/api/files/{tree['projects']['id']}/shares") == []

    def test_covers_everything_for_who_manages_files(
        self, admin: ApiClient, owner: ApiClient, tree: dict[str, Any]
    ) -> None:
        assert paths(admin) == paths(owner)
        assert admin.get(f"/api/files/{tree['plan']['id']}") == tree["plan"]


class TestInvisibleFile:
    @on_each
    def test_is_answered_like_a_missing_one(
        self,
        owner: ApiClient,
        user: ApiClient,
        tree: dict[str, Any],
        method: str,
        suffix: str,
        body: Body,
    ) -> None:
        before = owner.get("/api/files")

        user.call(method, f"/api/files/{MISSING}{suffix}", 404, json=body)
        missing = user.last.data
        user.call(method, f"/api/files/{tree['plan']['id']}{suffix}", 404, json=body)

        assert user.last.data == missing
        assert owner.get("/api/files") == before

    @pytest.mark.parametrize("by", ["folderId", "path"])
    def test_is_no_folder_to_put_something_into(
        self, user: ApiClient, tree: dict[str, Any], by: str
    ) -> None:
        where = {by: tree["projects"]["id"] if by == "folderId" else "/Projects"}
        mine = file(user)["id"]

        user.post("/api/files/folder", json={"name": "a", **where}, status=400)
        user.post(f"/api/files/{mine}/move", json=where, status=400)
        user.post(f"/api/files/{mine}/copy", json=where, status=400)


class TestSharedFile:
    @pytest.fixture(autouse=True)
    def shared(self, owner: ApiClient, user: ApiClient, tree: dict[str, Any]) -> None:
        share(owner, tree["projects"]["id"], userIds=[user.user_id])

    @pytest.mark.parametrize(("method", "suffix", "body"), READING)
    def test_can_be_read_and_marked(
        self, user: ApiClient, tree: dict[str, Any], method: str, suffix: str, body: Body
    ) -> None:
        user.call(method, f"/api/files/{tree['plan']['id']}{suffix}", 200, json=body)

    def test_can_be_marked_with_an_update(self, user: ApiClient, tree: dict[str, Any]) -> None:
        marked = user.put(f"/api/files/{tree['plan']['id']}", json={"isFavorite": True})

        assert marked["isFavorite"] is True

    @each(("method", "suffix", "body"), OWNING)
    @each("name", ["projects", "plan"])
    def test_cannot_be_changed(
        self,
        owner: ApiClient,
        user: ApiClient,
        tree: dict[str, Any],
        name: str,
        method: str,
        suffix: str,
        body: Body,
    ) -> None:
        before = owner.get("/api/files")

        error = user.call(method, f"/api/files/{tree[name]['id']}{suffix}", 403, json=body)

        assert error["code"] == "FORBIDDEN"
        assert owner.get("/api/files") == before

    def test_is_no_folder_to_put_something_into(
        self, user: ApiClient, tree: dict[str, Any]
    ) -> None:
        where = {"folderId": tree["projects"]["id"]}
        mine = file(user)["id"]

        user.post("/api/files/folder", json={"name": "a", **where}, status=403)
        user.post(f"/api/files/{mine}/move", json=where, status=403)
        user.post(f"/api/files/{mine}/copy", json=where, status=403)
        body = {"ids": [mine, tree["plan"]["id"]]}
        user.post("/api/files/batch-delete", json=body, status=403)
        assert names(user, "path=/") == ["plan.txt"]


class TestManagement:
    @pytest.mark.parametrize(
        ("method", "suffix", "body"), [r for r in OWNING if r[1] != "/revoke-share"]
    )
    def test_lets_one_do_everything(
        self, admin: ApiClient, tree: dict[str, Any], method: str, suffix: str, body: Body
    ) -> None:
        admin.call(method, f"/api/files/{tree['plan']['id']}{suffix}", 200, json=body)

    def test_of_what_belongs_to_nobody_any_more(
        self, admin: ApiClient, owner: ApiClient, tree: dict[str, Any]
    ) -> None:
        admin.delete(f"/api/users/{owner.user_id}")
        path, inside = f"/api/files/{tree['plan']['id']}", {"folderId": tree["year"]["id"]}

        assert admin.get(path)["owner"] is None
        error = admin.patch(f"{path}/rename", json={"name": "a"}, status=409)
        assert "copy" in error["message"]
        admin.post(f"{path}/move", json={"folderId": None}, status=409)
        admin.post("/api/files/folder", json={"name": "a", **inside}, status=409)
        assert admin.post(f"{path}/copy")["owner"]["id"] == admin.user_id
        admin.delete(f"/api/files/{tree['projects']['id']}?recursive=true")
        assert paths(admin) == ["/Secret", "/plan.txt"]
