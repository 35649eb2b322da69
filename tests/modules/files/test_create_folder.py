"""Making folders among the files."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.modules.files.tree_steps import BAD_NAMES, MISSING, file, folder, paths

GOOD_NAMES = ["...", ".profile", "100% _sure_.txt", "Ünï 🦊", "x" * 255, "it's"]


class TestCreateFolder:
    def test_makes_one_at_the_root(self, user: ApiClient) -> None:
        made = user.post("/api/files/folder", json={"name": " Projects "})

        assert (made["name"], made["path"], made["folderId"]) == ("Projects", "/Projects", None)
        assert made["owner"]["id"] == user.user_id
        assert user.get(f"/api/files/{made['id']}") == made

    @pytest.mark.parametrize("body", [{"path": "Projects"}, {"parentPath": "/Projects/"}])
    def test_takes_a_path(self, user: ApiClient, body: dict[str, str]) -> None:
        around = folder(user, "Projects")

        made = user.post("/api/files/folder", json={"name": "2026"} | body)

        assert (made["path"], made["folderId"]) == ("/Projects/2026", around["id"])

    @pytest.mark.parametrize("name", ["folderId", "parentId"])
    def test_takes_an_id(self, user: ApiClient, name: str) -> None:
        around = folder(user, "Projects")

        made = user.post("/api/files/folder", json={"name": "2026", name: around["id"]})

        assert made["path"] == "/Projects/2026"

    @pytest.mark.parametrize("body", [{"path": "/"}, {"path": ""}, {"folderId": None}])
    def test_takes_the_root(self, user: ApiClient, body: dict[str, Any]) -> None:
        made = user.post("/api/files/folder", json={"name": "2026"} | body)

        assert made["path"] == "/2026"

    @pytest.mark.parametrize("name", GOOD_NAMES)
    def test_takes_any_line_as_a_name(self, user: ApiClient, name: str) -> None:
        assert folder(user, name)["name"] == name

    def test_knows_two_spellings_of_one_letter_as_the_same(self, user: ApiClient) -> None:
        made = folder(user, "Cafe\u0301")

        assert made["name"] == "Caf\u00e9"
        user.post("/api/files/folder", json={"name": "Caf\u00e9"}, status=409)
        assert user.get("/api/files?path=/Cafe\u0301")["total"] == 0
        assert user.post("/api/files/folder", json={"name": "a", "path": "Cafe\u0301"})["path"]

    @pytest.mark.database("sqlite")
    @each("name", BAD_NAMES)
    def test_refuses_what_is_no_name(self, user: ApiClient, name: object) -> None:
        error = user.post("/api/files/folder", json={"name": name}, status=400)

        assert [detail["field"] for detail in error["details"]] == ["name"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [({"path": "/Nowhere"}, "path"), ({"folderId": MISSING}, "folderId")],
    )
    def test_refuses_a_folder_that_is_not_there(
        self, user: ApiClient, body: dict[str, Any], field: str
    ) -> None:
        error = user.post("/api/files/folder", json={"name": "a"} | body, status=400)

        message = "There is no such folder."
        assert error["details"] == [{"field": field, "message": message, "code": "not_found"}]

    def test_refuses_a_file_as_the_folder_around(self, user: ApiClient) -> None:
        body = {"name": "a", "folderId": file(user)["id"]}

        user.post("/api/files/folder", json=body, status=400)

    def test_refuses_a_name_that_is_taken(self, user: ApiClient, admin: ApiClient) -> None:
        around = folder(user, "Projects")["id"]

        error = user.post("/api/files/folder", json={"name": "Projects"}, status=409)

        assert [detail["field"] for detail in error["details"]] == ["name"]
        assert folder(user, "Projects", around)["path"] == "/Projects/Projects"
        assert folder(admin, "Projects")["path"] == "/Projects"

    def test_refuses_a_path_that_is_too_long(self, user: ApiClient) -> None:
        outer = folder(user, "x" * 255)["id"]
        inner = folder(user, "y" * 255, outer)["id"]
        assert len(folder(user, "z" * 87, inner)["path"]) == 600

        error = user.post(
            "/api/files/folder", json={"name": "z" * 88, "folderId": inner}, status=400
        )

        assert "600" in error["message"]

    def test_refuses_what_lies_too_deep(self, user: ApiClient) -> None:
        inner = None
        for _ in range(50):
            inner = folder(user, "a", inner)["id"]

        error = user.post("/api/files/folder", json={"name": "a", "folderId": inner}, status=400)

        assert "50" in error["message"]

    def test_in_anothers_folder_makes_it_theirs(self, user: ApiClient, admin: ApiClient) -> None:
        around = folder(user, "Projects")

        made = folder(admin, "2026", around["id"])

        assert made["owner"]["id"] == user.user_id
        assert paths(user) == ["/Projects", "/Projects/2026"]
