"""Renaming, moving and marking files and folders."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.modules.files.tree_steps import BAD_NAMES, MISSING, file, folder, names, paths


class TestRename:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    @pytest.mark.parametrize("suffix", ["", "/rename"])
    def test_changes_the_name(self, user: ApiClient, method: str, suffix: str) -> None:
        made = file(user, "plan.txt", folder(user, "Projects")["id"])

        changed = user.call(
            method, f"/api/files/{made['id']}{suffix}", 200, json={"name": "Plan.md"}
        )

        assert changed["updatedAt"] > made["updatedAt"]
        new = {"name": "Plan.md", "path": "/Projects/Plan.md", "updatedAt": changed["updatedAt"]}
        assert changed == made | new

    def test_of_a_folder_changes_the_paths_of_all_in_it(self, user: ApiClient) -> None:
        outer = folder(user, "Ä_%")["id"]
        inner = folder(user, "Ä_%", outer)["id"]
        deep = file(user, "plan.txt", inner)
        folder(user, "Äx%")

        user.patch(f"/api/files/{outer}/rename", json={"name": "Projects"})

        assert paths(user) == ["/Projects", "/Projects/Ä_%", "/Projects/Ä_%/plan.txt", "/Äx%"]
        assert user.get(f"/api/files/{deep['id']}")["updatedAt"] == deep["updatedAt"]

    def test_to_the_same_name_changes_nothing(self, user: ApiClient) -> None:
        made = folder(user, "Projects")

        assert user.patch(f"/api/files/{made['id']}/rename", json={"name": "Projects"}) == made

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize("name", BAD_NAMES)
    def test_refuses_what_is_no_name(self, user: ApiClient, name: object) -> None:
        path = f"/api/files/{file(user)['id']}"

        for suffix in ("", "/rename"):
            error = user.patch(path + suffix, json={"name": name}, status=400)
            assert [detail["field"] for detail in error["details"]] == ["name"]

    def test_refuses_a_name_that_is_taken(self, user: ApiClient) -> None:
        file(user, "a.txt")
        path = f"/api/files/{file(user, 'b.txt')['id']}"

        error = user.patch(f"{path}/rename", json={"name": "a.txt"}, status=409)

        assert [detail["field"] for detail in error["details"]] == ["name"]
        assert user.get(path)["name"] == "b.txt"

    def test_refuses_paths_below_that_would_be_too_long(self, user: ApiClient) -> None:
        outer = folder(user, "a")["id"]
        inner = folder(user, "y" * 255, outer)["id"]
        folder(user, "z" * 255, inner)

        user.patch(f"/api/files/{outer}/rename", json={"name": "x" * 88}, status=400)
        assert len(user.patch(f"/api/files/{outer}/rename", json={"name": "x" * 87})["path"]) == 88
        assert max(len(path) for path in paths(user)) == 600


class TestMove:
    @pytest.fixture
    def made(self, user: ApiClient) -> dict[str, Any]:
        return file(user, "plan.txt", folder(user, "Inbox")["id"])

    @pytest.mark.parametrize("method", ["POST", "PUT"])
    @pytest.mark.parametrize("by", ["folderId", "path", "targetPath"])
    def test_puts_it_into_a_folder(
        self, user: ApiClient, made: dict[str, Any], method: str, by: str
    ) -> None:
        target = folder(user, "Projects")
        body = {by: target["id"] if by == "folderId" else "/Projects"}

        moved = user.call(method, f"/api/files/{made['id']}/move", 200, json=body)

        assert (moved["path"], moved["folderId"]) == ("/Projects/plan.txt", target["id"])
        assert names(user, f"folderId={made['folderId']}") == []

    @pytest.mark.parametrize("body", [{"folderId": None}, {"path": "/"}, {"targetPath": ""}])
    def test_puts_it_at_the_root(
        self, user: ApiClient, made: dict[str, Any], body: dict[str, Any]
    ) -> None:
        moved = user.post(f"/api/files/{made['id']}/move", json=body, status=200)

        assert (moved["path"], moved["folderId"]) == ("/plan.txt", None)

    def test_is_part_of_an_update(self, user: ApiClient, made: dict[str, Any]) -> None:
        target = folder(user, "Projects")["id"]
        body = {"name": "new.txt", "folderId": target, "isFavorite": True}

        changed = user.put(f"/api/files/{made['id']}", json=body)

        assert (changed["path"], changed["isFavorite"]) == ("/Projects/new.txt", True)

    def test_takes_all_in_a_folder_along(self, user: ApiClient, made: dict[str, Any]) -> None:
        folder(user, "Archive")

        user.post(f"/api/files/{made['folderId']}/move", json={"path": "/Archive"}, status=200)

        assert paths(user) == ["/Archive", "/Archive/Inbox", "/Archive/Inbox/plan.txt"]

    def test_refuses_a_circle(self, user: ApiClient) -> None:
        outer = folder(user, "a")["id"]
        inner = folder(user, "b", outer)["id"]
        innermost = folder(user, "c", inner)["id"]

        for target in (outer, inner, innermost):
            error = user.post(f"/api/files/{outer}/move", json={"folderId": target}, status=409)
            assert error["code"] == "CONFLICT"
        assert paths(user) == ["/a", "/a/b", "/a/b/c"]

    def test_takes_a_name_that_only_begins_alike_for_no_circle(self, user: ApiClient) -> None:
        moved, target = folder(user, "a")["id"], folder(user, "ab")["id"]

        user.post(f"/api/files/{moved}/move", json={"folderId": target}, status=200)

        assert paths(user) == ["/ab", "/ab/a"]

    def test_refuses_a_name_that_is_taken_there(
        self, user: ApiClient, made: dict[str, Any]
    ) -> None:
        file(user, "plan.txt")

        error = user.post(f"/api/files/{made['id']}/move", json={"path": "/"}, status=409)

        assert [detail["field"] for detail in error["details"]] == ["name"]

    def test_refuses_folders_below_that_would_lie_too_deep(self, user: ApiClient) -> None:
        deep = None
        for _ in range(49):
            deep = folder(user, "a", deep)["id"]
        outer = folder(user, "b")["id"]
        folder(user, "c", outer)

        error = user.post(f"/api/files/{outer}/move", json={"folderId": deep}, status=400)

        assert "50" in error["message"]

    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"),
        [
            ({}, "folderId"),
            ({"folderId": MISSING}, "folderId"),
            ({"folderId": "x"}, "folderId"),
            ({"folderId": 0}, "folderId"),
            ({"path": "/Nowhere"}, "path"),
            ({"path": None}, "path"),
            ({"path": "/" + "x" * 600}, "path"),
        ],
    )
    def test_refuses_bad_input(
        self, user: ApiClient, made: dict[str, Any], body: dict[str, Any], field: str
    ) -> None:
        error = user.post(f"/api/files/{made['id']}/move", json=body, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]

    def test_never_changes_the_owner(self, user: ApiClient, admin: ApiClient) -> None:
        theirs, mine = file(user), folder(admin, "Mine")["id"]

        admin.post(f"/api/files/{theirs['id']}/move", json={"folderId": mine}, status=409)

        assert user.get(f"/api/files/{theirs['id']}") == theirs

    def test_by_a_manager_reads_a_path_in_the_owners_tree(
        self, user: ApiClient, admin: ApiClient
    ) -> None:
        theirs, target = file(user), folder(user, "Projects")["id"]
        folder(admin, "Projects")

        moved = admin.post(
            f"/api/files/{theirs['id']}/move", json={"path": "/Projects"}, status=200
        )

        assert moved["folderId"] == target


class TestFavorite:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_changes_without_a_body(self, user: ApiClient, method: str) -> None:
        path = f"/api/files/{file(user)['id']}/favorite"

        marks = [user.call(method, path, 200)["isFavorite"] for _ in range(3)]

        assert marks == [True, False, True]

    @pytest.mark.parametrize("name", ["favorite", "isFavorite"])
    def test_is_set_to_what_is_sent(self, user: ApiClient, name: str) -> None:
        path = f"/api/files/{file(user)['id']}/favorite"

        sent = [True, True, False, False]

        assert [user.patch(path, json={name: m})["isFavorite"] for m in sent] == sent

    def test_is_everyones_own_and_no_change_of_the_file(
        self, user: ApiClient, admin: ApiClient
    ) -> None:
        made = file(user)

        marked = admin.patch(f"/api/files/{made['id']}/favorite")

        assert marked["isFavorite"] is True
        assert user.get(f"/api/files/{made['id']}") == made
        assert names(admin, "favorite=true") == ["plan.txt"]
        assert names(user, "favorite=true") == []

    def test_is_part_of_an_update(self, user: ApiClient) -> None:
        made = file(user)

        marked = user.put(f"/api/files/{made['id']}", json={"isFavorite": True})

        assert marked == made | {"isFavorite": True}

    def test_refuses_what_is_no_mark(self, user: ApiClient) -> None:
        user.patch(f"/api/files/{file(user)['id']}/favorite", json={"favorite": "x"}, status=400)
