"""Creating, reading, changing and deleting one document."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.modules.documents.steps import MISSING, share, write

TOO_MANY_TAGS = [f"tag {number}" for number in range(51)]

WRONG_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "title"),
    ({"title": "   "}, "title"),
    ({"title": "x" * 201}, "title"),
    ({"title": None}, "title"),
    ({"title": 5}, "title"),
    ({"title": "a\0b"}, "title"),
    ({"content": None}, "content"),
    ({"content": ["text"]}, "content"),
    ({"content": "a\0b"}, "content"),
    ({"type": ""}, "type"),
    ({"type": "x" * 51}, "type"),
    ({"folder": "x" * 201}, "folder"),
    ({"folder": "a\0b"}, "folder"),
    ({"tags": None}, "tags"),
    ({"tags": "draft"}, "tags"),
    ({"tags": ["fine", " "]}, "tags.1"),
    ({"tags": ["x" * 51]}, "tags.0"),
    ({"tags": ["two\nlines"]}, "tags.0"),
    ({"tags": ["a\0b"]}, "tags.0"),
    ({"tags": TOO_MANY_TAGS}, "tags"),
]


def fields_of(error: dict[str, Any]) -> list[str]:
    assert error["code"] == "VALIDATION_ERROR"
    return [detail["field"] for detail in error["details"]]


class TestCreateDocument:
    def test_keeps_what_is_sent(self, user: ApiClient) -> None:
        sent = {
            "title": "Plan",
            "content": "text",
            "type": "report",
            "folder": "Projects",
            "tags": ["draft"],
        }

        document = user.post("/api/documents", json=sent)

        assert {key: document[key] for key in sent} == sent
        assert document["author"]["id"] == user.user_id
        assert user.get(f"/api/documents/{document['id']}") == document

    def test_needs_only_a_title(self, user: ApiClient) -> None:
        document = user.post("/api/documents", json={"title": "Plan"})

        assert (document["content"], document["size"], document["tags"]) == ("", 0, [])
        assert (document["folder"], document["shared"], document["views"]) == (None, False, 0)
        assert document["type"]
        assert document["createdAt"].endswith("Z")

    def test_accepts_name_for_title(self, user: ApiClient) -> None:
        assert user.post("/api/documents", json={"name": "Plan"})["title"] == "Plan"

    def test_ignores_what_a_client_cannot_set(self, user: ApiClient, admin: ApiClient) -> None:
        document = write(
            user, id=MISSING, views=9, authorId=admin.user_id, shared=True, size=7, extra=1
        )

        assert document["id"] != MISSING
        assert document["size"] == 0
        assert (document["views"], document["shared"]) == (0, False)
        assert document["author"]["id"] == user.user_id

    def test_counts_its_size_in_bytes(self, user: ApiClient) -> None:
        assert write(user, content="Ä€😀")["size"] == 2 + 3 + 4

    def test_keeps_each_tag_once_and_sorted(self, user: ApiClient) -> None:
        document = write(user, tags=["plan", "draft", " plan ", "2026"])

        assert document["tags"] == ["2026", "draft", "plan"]

    def test_takes_tags_that_differ_in_case_for_one_and_keeps_the_first(
        self, user: ApiClient
    ) -> None:
        assert write(user, tags=["Draft", "plan", "DRAFT"])["tags"] == ["Draft", "plan"]

    def test_accepts_names_that_are_longer_in_lower_case(self, user: ApiClient) -> None:
        document = write(user, folder="\u0130" * 200, tags=["\u0130" * 50])

        assert (len(document["folder"]), len(document["tags"][0])) == (200, 50)

    def test_drops_the_space_around_names_but_not_in_the_text(self, user: ApiClient) -> None:
        document = write(user, title="  Plan ", folder=" Projects ", content="  text \n")

        assert (document["title"], document["folder"]) == ("Plan", "Projects")
        assert document["content"] == "  text \n"

    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"), [({}, "title"), *[({"title": "Plan"} | b, f) for b, f in WRONG_FIELDS]]
    )
    def test_refuses_bad_input(self, user: ApiClient, body: dict[str, Any], field: str) -> None:
        error = user.post("/api/documents", json=body, status=400)

        assert fields_of(error) == [field]
        assert user.get("/api/documents")["total"] == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
class TestUpdateDocument:
    def test_changes_only_what_is_sent(self, user: ApiClient, method: str) -> None:
        old = write(user, content="text", type="report", folder="Projects", tags=["draft"])

        new = user.call(method, f"/api/documents/{old['id']}", 200, json={"title": "Plan B"})

        assert new == old | {"title": "Plan B", "updatedAt": new["updatedAt"]}
        assert new["updatedAt"] > old["updatedAt"]
        assert user.get(f"/api/documents/{old['id']}") == new

    @pytest.mark.parametrize(
        "changes",
        [
            {"content": "Ä", "size": 2},
            {"type": "report"},
            {"folder": "Archive"},
            {"folder": None},
            {"tags": ["b", "c"]},
            {"tags": []},
        ],
    )
    def test_changes_each_field(
        self, user: ApiClient, method: str, changes: dict[str, Any]
    ) -> None:
        old = write(user, content="text", folder="Projects", tags=["a", "b"])

        new = user.call(method, f"/api/documents/{old['id']}", 200, json=changes)

        assert new == old | changes | {"updatedAt": new["updatedAt"]}
        assert new["updatedAt"] > old["updatedAt"]

    def test_changes_nothing_when_nothing_is_sent(self, user: ApiClient, method: str) -> None:
        old = write(user, content="text", tags=["draft"])

        assert user.call(method, f"/api/documents/{old['id']}", 200, json={}) == old

    def test_refuses_bad_input(self, user: ApiClient, method: str) -> None:
        old = write(user, content="text")
        path = f"/api/documents/{old['id']}"

        for body, field in WRONG_FIELDS:
            error = user.call(method, path, 400, json={"title": "Changed"} | body)

            assert fields_of(error) == [field]
        assert user.get(path) == old


class TestRenameDocument:
    @pytest.mark.parametrize("key", ["title", "name"])
    def test_changes_the_title_alone(self, user: ApiClient, key: str) -> None:
        old = write(user, content="text")

        new = user.patch(f"/api/documents/{old['id']}/rename", json={key: "Plan B", "content": ""})

        assert new == old | {"title": "Plan B", "updatedAt": new["updatedAt"]}

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize("body", [{}, {"title": ""}, {"title": "x" * 201}, {"title": None}])
    def test_refuses_what_is_no_title(self, user: ApiClient, body: dict[str, Any]) -> None:
        path = f"/api/documents/{write(user)['id']}/rename"

        assert fields_of(user.patch(path, json=body, status=400)) == ["title"]


class TestMoveDocument:
    @pytest.mark.parametrize("folder", ["Archive", None])
    def test_changes_the_folder_alone(self, user: ApiClient, folder: str | None) -> None:
        old = write(user, folder="Projects")

        new = user.post(f"/api/documents/{old['id']}/move", json={"folder": folder}, status=200)

        assert new == old | {"folder": folder, "updatedAt": new["updatedAt"]}

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize("body", [{}, {"folder": 5}, {"folder": "x" * 201}])
    def test_refuses_what_is_no_folder(self, user: ApiClient, body: dict[str, Any]) -> None:
        path = f"/api/documents/{write(user)['id']}/move"

        assert fields_of(user.post(path, json=body, status=400)) == ["folder"]


class TestSetDocumentTags:
    def test_replaces_the_tags(self, user: ApiClient) -> None:
        old = write(user, tags=["draft", "plan"])

        new = user.post(
            f"/api/documents/{old['id']}/tags", json={"tags": ["plan", "b", "plan"]}, status=200
        )

        assert new == old | {"tags": ["b", "plan"], "updatedAt": new["updatedAt"]}
        assert new["updatedAt"] > old["updatedAt"]

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(
        ("body", "field"),
        [({}, "tags"), ({"tags": [""]}, "tags.0"), ({"tags": TOO_MANY_TAGS}, "tags")],
    )
    def test_refuses_bad_tags(self, user: ApiClient, body: dict[str, Any], field: str) -> None:
        path = f"/api/documents/{write(user)['id']}/tags"

        assert fields_of(user.post(path, json=body, status=400)) == [field]


class TestDeleteDocument:
    def test_deletes_the_document_with_all_that_hangs_on_it(
        self, user: ApiClient, admin: ApiClient
    ) -> None:
        document = write(user, content="text", tags=["draft"])
        share(user, document["id"], userIds=[admin.user_id])

        assert user.delete(f"/api/documents/{document['id']}") is None

        user.get(f"/api/documents/{document['id']}", status=404)
        user.get(f"/api/documents/{document['id']}/versions", status=404)
        assert admin.get("/api/documents")["total"] == 0


class TestBatchDeleteDocuments:
    def test_deletes_all_that_are_named(self, user: ApiClient) -> None:
        first, second, third = (write(user)["id"] for _ in range(3))

        answer = user.post(
            "/api/documents/batch-delete", json={"ids": [first, third, first]}, status=200
        )

        assert answer == {"deleted": 2}
        assert [item["id"] for item in user.get("/api/documents")["items"]] == [second]

    def test_deletes_none_when_one_is_missing(self, user: ApiClient) -> None:
        own = write(user)["id"]

        user.post("/api/documents/batch-delete", json={"ids": [own, MISSING]}, status=404)

        assert user.get("/api/documents")["total"] == 1

    def test_deletes_none_when_one_is_not_ones_own(self, user: ApiClient, admin: ApiClient) -> None:
        own, shared = write(user)["id"], write(admin)["id"]
        share(admin, shared, userIds=[user.user_id], permission="EDIT")

        user.post("/api/documents/batch-delete", json={"ids": [own, shared]}, status=403)

        assert user.get("/api/documents")["total"] == 2

    @pytest.mark.database("sqlite")
    @each(
        ("body", "field"),
        [
            ({}, "ids"),
            ({"ids": []}, "ids"),
            ({"ids": 5}, "ids"),
            ({"ids": list(range(1, 102))}, "ids"),
            ({"ids": ["one"]}, "ids.0"),
            ({"ids": [1, 0]}, "ids.1"),
            ({"ids": [2**31]}, "ids.0"),
        ],
    )
    def test_refuses_bad_ids(self, user: ApiClient, body: dict[str, Any], field: str) -> None:
        error = user.post("/api/documents/batch-delete", json=body, status=400)

        assert set(fields_of(error)) == {field}
