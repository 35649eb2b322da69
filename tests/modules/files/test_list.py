"""The list of files: what narrows it, its order, and what it shows of each."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.modules.files.tree_steps import MISSING, file, folder, names, share


class TestFile:
    def test_shows_all_there_is_to_know(self, user: ApiClient) -> None:
        around = folder(user, "Projects")
        made = file(user, "plan.txt", around["id"], text="text")

        shown = user.get("/api/files?type=document")["items"][0]

        assert shown == made
        assert shown == {
            "id": made["id"],
            "name": "plan.txt",
            "type": "document",
            "size": 4,
            "itemCount": None,
            "mimeType": "text/plain",
            "path": "/Projects/plan.txt",
            "folderId": around["id"],
            "thumbnail": None,
            "isFavorite": False,
            "checksum": made["checksum"],
            "url": f"/api/files/{made['id']}/download",
            "shared": False,
            "owner": {"id": user.user_id, "name": made["owner"]["name"], "avatar": None},
            "createdAt": made["createdAt"],
            "updatedAt": made["createdAt"],
        }
        assert len(shown["checksum"]) == 64

    def test_of_a_folder_has_no_bytes(self, user: ApiClient) -> None:
        made = folder(user, "Projects")

        assert (made["type"], made["size"], made["path"]) == ("folder", 0, "/Projects")
        assert made["mimeType"] is made["checksum"] is made["url"] is made["thumbnail"] is None
        assert made["folderId"] is None

    def test_of_a_folder_counts_what_is_directly_in_it(self, user: ApiClient) -> None:
        outer = folder(user, "Projects")
        inner = folder(user, "2026", outer["id"])
        file(user, "plan.txt", inner["id"])
        file(user, "Budget.csv", inner["id"])
        file(user, "notes.txt")

        shown = {item["name"]: item["itemCount"] for item in user.get("/api/files")["items"]}

        counted = {"Projects": 1, "2026": 2}
        assert shown == counted | {"plan.txt": None, "Budget.csv": None, "notes.txt": None}
        assert outer["itemCount"] == 0
        assert user.get(f"/api/files/{inner['id']}")["itemCount"] == 2


class TestFilters:
    @pytest.fixture(autouse=True)
    def tree(self, user: ApiClient) -> dict[str, int]:
        """Projects/2026/{plan.txt,Budget.csv}, Archive/, notes.txt."""
        projects = folder(user, "Projects")["id"]
        year = folder(user, "2026", projects)["id"]
        file(user, "plan.txt", year)
        file(user, "Budget.csv", year)
        archive = folder(user, "Archive")["id"]
        notes = file(user, "notes.txt")["id"]
        user.patch(f"/api/files/{notes}/favorite")
        return {"projects": projects, "year": year, "archive": archive}

    @each(
        ("query", "found"),
        [
            ("", {"Projects", "2026", "plan.txt", "Budget.csv", "Archive", "notes.txt"}),
            ("path=/", {"Projects", "Archive", "notes.txt"}),
            ("path=/Projects", {"2026"}),
            ("path=Projects/2026/", {"plan.txt", "Budget.csv"}),
            ("path=/Archive", set()),
            ("path=/Nowhere", set()),
            ("path=/&type=folder", {"Projects", "Archive"}),
            ("path=/notes.txt", set()),
            ("type=FOLDER", {"Projects", "2026", "Archive"}),
            ("type=image", set()),
            ("type=all", {"Projects", "2026", "plan.txt", "Budget.csv", "Archive", "notes.txt"}),
            ("search=BUDGET", {"Budget.csv"}),
            ("keyword=.txt", {"plan.txt", "notes.txt"}),
            ("search=%25", set()),
            ("favorite=true", {"notes.txt"}),
            ("favorite=false&path=/", {"Projects", "Archive"}),
            (f"folderId={MISSING}", set()),
        ],
    )
    def test_narrow_the_list(self, user: ApiClient, query: str, found: set[str]) -> None:
        assert set(names(user, query)) == found
        assert user.get(f"/api/files?{query}")["total"] == len(found)

    def test_narrow_to_a_folder(self, user: ApiClient, tree: dict[str, int]) -> None:
        assert names(user, f"folderId={tree['projects']}") == ["2026"]
        assert set(names(user, f"folderId={tree['year']}")) == {"plan.txt", "Budget.csv"}

    @each("query", ["path=/", "path=/Projects", "favorite=true"])
    def test_are_everyones_own(self, admin: ApiClient, user: ApiClient, query: str) -> None:
        assert names(admin, query) == []

    def test_show_whoever_manages_files_the_folder_of_another(
        self, admin: ApiClient, tree: dict[str, int]
    ) -> None:
        page = admin.get(f"/api/files?folderId={tree['year']}&search=plan")

        assert [item["path"] for item in page["items"]] == ["/Projects/2026/plan.txt"]
        assert page["total"] == 1

    @pytest.mark.database("sqlite")
    @each(
        ("query", "field"),
        [
            ("type=plan", "type"),
            ("folderId=x", "folderId"),
            ("favorite=perhaps", "favorite"),
            ("sortBy=path", "sortBy"),
            (f"path={'x' * 601}", "path"),
        ],
    )
    def test_refuse_what_they_do_not_know(self, user: ApiClient, query: str, field: str) -> None:
        error = user.get(f"/api/files?{query}", status=400)

        assert [detail["field"] for detail in error["details"]] == [field]


class TestOrder:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", "ACB"),
            ("sortOrder=asc", "BCA"),
            ("sortBy=createdAt", "CAB"),
            ("sortBy=name", "CBA"),
            ("sortBy=name&sortOrder=asc", "ABC"),
            ("sortBy=size", "BCA"),
        ],
    )
    def test_is_the_one_asked_for(self, user: ApiClient, query: str, expected: str) -> None:
        file(user, "B", text="long text")
        renamed = file(user, "D", text="t")["id"]
        file(user, "C", text="text")
        user.patch(f"/api/files/{renamed}/rename", json={"name": "A"})

        assert names(user, query) == list(expected)

    def test_of_pages_never_overlaps(self, user: ApiClient) -> None:
        ids = [file(user, f"{n}.txt")["id"] for n in range(5)]

        pages = [user.get(f"/api/files?sortBy=size&pageSize=2&page={n}") for n in (1, 2, 3)]

        assert [item["id"] for page in pages for item in page["items"]] == ids[::-1]
        assert {page["total"] for page in pages} == {5}


def test_the_total_stays_right_when_folders_are_deleted(admin: ApiClient, user: ApiClient) -> None:
    """Triggers count the rows, also those that go with their folder."""
    outer = folder(user, "Outer")["id"]
    inner = folder(user, "Inner", outer)["id"]
    file(user, "plan.txt", inner)
    file(user, "stays.txt")
    assert admin.get("/api/files")["total"] == 4

    user.delete(f"/api/files/{outer}?recursive=true")

    page: dict[str, Any] = admin.get("/api/files")
    assert (page["total"], len(page["items"])) == (1, 1)


def test_a_share_marks_the_file(user: ApiClient, admin: ApiClient) -> None:
    made = file(user)

    share(user, made["id"], userIds=[admin.user_id])

    assert user.get(f"/api/files/{made['id']}")["shared"] is True
