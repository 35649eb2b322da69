"""Copying files, and folders with all in them."""

from typing import Any

import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.modules.files.tree_steps import MISSING, file, folder, paths, share


def copy(client: ApiClient, file_id: int, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = client.post(f"/api/files/{file_id}/copy", json=body or None)
    return made


class TestCopyFile:
    def test_into_a_folder_keeps_the_name(self, user: ApiClient) -> None:
        made, target = file(user), folder(user, "Projects")

        copied = copy(user, made["id"], folderId=target["id"])

        assert copied["path"] == "/Projects/plan.txt"
        assert copied["id"] != made["id"]
        same = ("size", "type", "mimeType", "checksum", "owner")
        assert {name: copied[name] for name in same} == {name: made[name] for name in same}
        assert user.get(f"/api/files/{made['id']}") == made

    @pytest.mark.parametrize("by", ["path", "targetPath"])
    def test_takes_a_path(self, user: ApiClient, by: str) -> None:
        folder(user, "Projects")

        assert copy(user, file(user)["id"], **{by: "/Projects"})["path"] == "/Projects/plan.txt"

    @pytest.mark.parametrize(
        ("name", "first", "second"),
        [
            ("plan.pdf", "plan (1).pdf", "plan (2).pdf"),
            ("plan", "plan (1)", "plan (2)"),
            (".profile", ".profile (1)", ".profile (2)"),
            ("a.tar.gz", "a.tar (1).gz", "a.tar (2).gz"),
            ("100%_x.txt", "100%_x (1).txt", "100%_x (2).txt"),
            ("x" * 251 + ".txt", "x" * 247 + " (1).txt", "x" * 247 + " (2).txt"),
            ("a." + "b" * 253, "a." + "b" * 249 + " (1)", "a." + "b" * 249 + " (2)"),
        ],
    )
    def test_beside_itself_gets_a_free_name(
        self, user: ApiClient, name: str, first: str, second: str
    ) -> None:
        made = file(user, name, folder(user, "Projects")["id"])

        copies = [copy(user, made["id"]) for _ in range(2)]

        assert [each["name"] for each in copies] == [first, second]
        assert {each["folderId"] for each in copies} == {made["folderId"]}

    def test_gets_the_name_that_is_sent_or_none(self, user: ApiClient) -> None:
        made = file(user)["id"]

        assert copy(user, made, name="new.txt")["path"] == "/new.txt"
        error = user.post(f"/api/files/{made}/copy", json={"name": "new.txt"}, status=409)
        assert [detail["field"] for detail in error["details"]] == ["name"]

    def test_of_anothers_is_ones_own(self, user: ApiClient, make: Any) -> None:
        reader = make.client()
        made = file(user, "plan.txt", folder(user, "Secret plans")["id"])
        share(user, made["id"], userIds=[reader.user_id])
        mine = folder(reader, "Mine")["id"]

        at_root, in_mine = copy(reader, made["id"]), copy(reader, made["id"], folderId=mine)

        assert (at_root["path"], in_mine["path"]) == ("/plan.txt", "/Mine/plan.txt")
        assert at_root["owner"]["id"] == in_mine["owner"]["id"] == reader.user_id
        user.get(f"/api/files/{at_root['id']}", status=404)

    def test_counts_against_the_quota(
        self, app: Flask, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = file(user, text="four")["id"]
        monkeypatch.setitem(app.config, "STORAGE_QUOTA", 8)

        copy(user, made)
        error = user.post(f"/api/files/{made}/copy", status=413)

        assert error["code"] == "PAYLOAD_TOO_LARGE"
        assert len(paths(user)) == 2

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"folderId": MISSING}, "folderId"),
            ({"path": "/Nowhere"}, "path"),
            ({"name": "a/b"}, "name"),
            ({"name": ""}, "name"),
        ],
    )
    def test_refuses_bad_input(self, user: ApiClient, body: dict[str, Any], field: str) -> None:
        error = user.post(f"/api/files/{file(user)['id']}/copy", json=body, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]


class TestCopyFolder:
    @pytest.fixture
    def outer(self, user: ApiClient) -> int:
        """a/{b/{c/, plan.txt}, top.txt}"""
        outer = int(folder(user, "a")["id"])
        inner = folder(user, "b", outer)["id"]
        folder(user, "c", inner)
        file(user, "plan.txt", inner)
        file(user, "top.txt", outer, text="longer")
        return outer

    def test_copies_all_in_it(self, user: ApiClient, outer: int) -> None:
        copied = copy(user, outer)

        assert copied["path"] == "/a (1)"
        copies = {path for path in paths(user) if path.startswith("/a (1)")}
        assert copies == {
            "/a (1)",
            "/a (1)/b",
            "/a (1)/b/c",
            "/a (1)/b/plan.txt",
            "/a (1)/top.txt",
        }

    def test_makes_a_tree_of_its_own(self, user: ApiClient, outer: int) -> None:
        copied = copy(user, outer)["id"]

        [top] = user.get(f"/api/files?folderId={copied}&type=document")["items"]
        [inner] = user.get(f"/api/files?folderId={copied}&type=folder")["items"]
        below = user.get(f"/api/files?folderId={inner['id']}")["items"]

        assert (top["name"], top["size"]) == ("top.txt", 6)
        assert {item["name"] for item in below} == {"c", "plan.txt"}
        user.delete(f"/api/files/{outer}?recursive=true")
        assert len(paths(user)) == 5

    def test_of_anothers_is_ones_own(self, user: ApiClient, make: Any, outer: int) -> None:
        reader = make.client()
        share(user, outer, userIds=[reader.user_id])

        copied = copy(reader, outer)

        own = reader.get("/api/files?path=/")["items"]
        assert [item["id"] for item in own] == [copied["id"]]
        assert reader.get("/api/files")["total"] == 10
        assert user.get("/api/files")["total"] == 5

    def test_counts_all_in_it_against_the_quota(
        self, app: Flask, user: ApiClient, outer: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "STORAGE_QUOTA", 19)
        user.post(f"/api/files/{outer}/copy", status=413)

        monkeypatch.setitem(app.config, "STORAGE_QUOTA", 20)
        copy(user, outer)

    def test_has_a_limit(
        self, user: ApiClient, outer: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("halolight.modules.files.tree.copying.MAX_ITEMS", 3)

        error = user.post(f"/api/files/{outer}/copy", status=400)

        assert "too large" in error["message"]

    def test_refuses_to_put_it_into_itself(self, user: ApiClient, outer: int) -> None:
        inner = user.get("/api/files?path=/a&type=folder")["items"][0]["id"]

        for target in (outer, inner):
            user.post(f"/api/files/{outer}/copy", json={"folderId": target}, status=409)
        assert len(paths(user)) == 5
