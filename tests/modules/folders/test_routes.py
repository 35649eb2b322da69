"""Folders: the list, the tree, and that the rules are those of files."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.modules.files.tree_steps import MISSING, file, names, paths, share


def make_folder(client: ApiClient, name: str, parent_id: int | None = None) -> dict[str, Any]:
    made: dict[str, Any] = client.post("/api/folders", json={"name": name, "parentId": parent_id})
    return made


def folders(client: ApiClient, query: str = "") -> list[str]:
    """The names that a list shows, in its order."""
    return [item["name"] for item in client.get(f"/api/folders?{query}")["items"]]


class TestCreateFolder:
    def test_makes_one_at_the_root(self, user: ApiClient) -> None:
        made = user.post("/api/folders", json={"name": "Projects"})

        assert made == {
            "id": made["id"],
            "name": "Projects",
            "parentId": None,
            "path": "/Projects",
            "itemCount": 0,
            "owner": {"id": user.user_id, "name": made["owner"]["name"], "avatar": None},
            "createdAt": made["createdAt"],
            "updatedAt": made["createdAt"],
        }
        assert user.get(f"/api/folders/{made['id']}") == made
        assert names(user) == ["Projects"]

    def test_makes_one_in_another(self, user: ApiClient) -> None:
        outer = make_folder(user, "Projects")["id"]

        made = make_folder(user, "2026", outer)

        assert (made["path"], made["parentId"]) == ("/Projects/2026", outer)

    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"),
        [
            ({}, "name"),
            ({"name": "a/b"}, "name"),
            ({"name": "a", "parentId": "x"}, "parentId"),
            ({"name": "a", "parentId": MISSING}, "parentId"),
        ],
    )
    def test_refuses_bad_input(self, user: ApiClient, body: dict[str, Any], field: str) -> None:
        error = user.post("/api/folders", json=body, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]

    def test_refuses_a_name_that_is_taken(self, user: ApiClient) -> None:
        file(user, "Projects")

        error = user.post("/api/folders", json={"name": "Projects"}, status=409)

        assert [detail["field"] for detail in error["details"]] == ["name"]


class TestListFolders:
    @pytest.fixture(autouse=True)
    def tree(self, user: ApiClient) -> int:
        outer = int(make_folder(user, "Projects")["id"])
        make_folder(user, "2026", outer)
        make_folder(user, "2025", outer)
        make_folder(user, "Archive")
        file(user, "plan.txt", outer)
        return outer

    def test_shows_folders_by_name(self, user: ApiClient) -> None:
        page = user.get("/api/folders")

        assert [item["name"] for item in page["items"]] == ["2025", "2026", "Archive", "Projects"]
        assert page["total"] == 4

    def test_shows_those_in_a_folder(self, user: ApiClient, tree: int) -> None:
        assert folders(user, f"parentId={tree}") == ["2025", "2026"]
        assert folders(user, f"parentId={MISSING}") == []

    def test_finds_by_name(self, user: ApiClient) -> None:
        assert folders(user, "search=PRO") == ["Projects"]
        assert folders(user, "search=plan") == []

    def test_counts_what_is_directly_in_each(
        self, user: ApiClient, admin: ApiClient, make: Any, tree: int
    ) -> None:
        reader = make.client()
        share(user, tree, userIds=[reader.user_id])
        counted = {"2025": 0, "2026": 0, "Archive": 0, "Projects": 3}

        def counts(client: ApiClient) -> dict[str, int]:
            page = client.get("/api/folders")
            return {item["name"]: item["itemCount"] for item in page["items"]}

        assert counts(user) == counts(admin) == counted
        assert counts(reader) == {"2025": 0, "2026": 0, "Projects": 3}
        assert reader.get(f"/api/folders/{tree}")["itemCount"] == 3

    def test_shows_everyones_to_who_manages_folders(self, admin: ApiClient) -> None:
        page = admin.get("/api/folders?sortBy=name&sortOrder=desc")

        assert page["items"][0]["name"] == "Projects"
        assert page["total"] == 4

    def test_shows_what_is_shared_and_not_what_is_around_it(
        self, user: ApiClient, make: Any
    ) -> None:
        reader = make.client()
        [shared] = user.get("/api/folders?search=2026")["items"]
        inner = make_folder(user, "Q1", shared["id"])
        share(user, shared["id"], userIds=[reader.user_id])

        shown = {item["name"]: item for item in reader.get("/api/folders")["items"]}

        assert {name: item["path"] for name, item in shown.items()} == {
            "2026": "/2026",
            "Q1": "/Q1",
        }
        assert (shown["2026"]["parentId"], shown["Q1"]["parentId"]) == (None, shared["id"])
        assert reader.get(f"/api/folders/{inner['id']}") == shown["Q1"]
        assert reader.get("/api/folders/tree") == []


class TestTree:
    def test_nests_the_folders_by_name(self, user: ApiClient, admin: ApiClient) -> None:
        b, a = make_folder(user, "b")["id"], make_folder(user, "a")["id"]
        d, c = make_folder(user, "d", b)["id"], make_folder(user, "c", b)["id"]
        file(user, "plan.txt", b)
        make_folder(admin, "foreign")

        def node(node_id: int, path: str, items: int, *children: dict[str, Any]) -> dict[str, Any]:
            known = {"id": node_id, "name": path.rpartition("/")[2], "path": path}
            return known | {"itemCount": items, "children": list(children)}

        assert user.get("/api/folders/tree") == [
            node(a, "/a", 0),
            node(b, "/b", 3, node(c, "/b/c", 0), node(d, "/b/d", 0)),
        ]

    def test_of_nothing_is_empty(self, user: ApiClient) -> None:
        assert user.get("/api/folders/tree") == []

    def test_shows_the_deepest_there_can_be(self, user: ApiClient) -> None:
        inner = None
        for _ in range(50):
            inner = make_folder(user, "a", inner)["id"]

        nodes, depth = user.get("/api/folders/tree"), 0
        while nodes:
            [nodes], depth = [node["children"] for node in nodes], depth + 1

        assert depth == 50

    def test_has_a_limit(self, user: ApiClient, app: Any) -> None:
        assert "10,000" in app.extensions["openapi"].decode()


class TestUpdateFolder:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_renames_and_moves(self, user: ApiClient, method: str) -> None:
        outer, moved = make_folder(user, "a")["id"], make_folder(user, "b")["id"]
        file(user, "plan.txt", moved)
        body = {"name": "c", "parentId": outer}

        changed = user.call(method, f"/api/folders/{moved}", 200, json=body)

        assert (changed["name"], changed["path"], changed["parentId"]) == ("c", "/a/c", outer)
        assert paths(user) == ["/a", "/a/c", "/a/c/plan.txt"]

    def test_refuses_a_circle(self, user: ApiClient) -> None:
        outer = make_folder(user, "a")["id"]
        inner = make_folder(user, "b", outer)["id"]

        user.put(f"/api/folders/{outer}", json={"parentId": inner}, status=409)


class TestDeleteFolder:
    def test_takes_all_in_it_only_when_asked_to(self, user: ApiClient) -> None:
        made = make_folder(user, "a")["id"]
        file(user, "plan.txt", made)

        user.delete(f"/api/folders/{made}", status=409)
        user.delete(f"/api/folders/{made}?recursive=true")

        assert paths(user) == []


class TestAccess:
    REQUESTS = [
        ("GET", None),
        ("PUT", {"name": "changed"}),
        ("PATCH", {"parentId": None}),
        ("DELETE", None),
    ]

    @pytest.mark.parametrize(("method", "body"), REQUESTS)
    def test_a_file_is_no_folder(self, user: ApiClient, method: str, body: Any) -> None:
        user.call(method, f"/api/folders/{file(user)['id']}", 404, json=body)

    @pytest.mark.parametrize(("method", "body"), REQUESTS)
    def test_what_one_does_not_see_is_not_there(
        self, user: ApiClient, admin: ApiClient, method: str, body: Any
    ) -> None:
        made = make_folder(admin, "a")["id"]

        user.call(method, f"/api/folders/{MISSING}", 404, json=body)
        missing = user.last.data
        user.call(method, f"/api/folders/{made}", 404, json=body)

        assert user.last.data == missing

    @pytest.mark.parametrize(("method", "body"), REQUESTS)
    def test_what_is_shared_can_be_seen_but_not_changed(
        self, user: ApiClient, admin: ApiClient, method: str, body: Any
    ) -> None:
        made = make_folder(admin, "a")["id"]
        share(admin, made, userIds=[user.user_id])

        user.call(method, f"/api/folders/{made}", 200 if method == "GET" else 403, json=body)

    @pytest.mark.parametrize(("method", "body"), REQUESTS)
    def test_who_manages_folders_may_do_everything(
        self, user: ApiClient, admin: ApiClient, method: str, body: Any
    ) -> None:
        admin.call(method, f"/api/folders/{make_folder(user, 'a')['id']}", 200, json=body)
