"""The texts that a document has had."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.modules.documents.steps import MISSING, share, write


@pytest.fixture
def document(user: ApiClient) -> dict[str, Any]:
    """A document whose text was "one", then "two" and is "three"."""
    document = write(user, content="one")
    for content in ("two", "three"):
        document = user.put(f"/api/documents/{document['id']}", json={"content": content})
    return document


@pytest.fixture
def path(document: dict[str, Any]) -> str:
    return f"/api/documents/{document['id']}"


def texts(client: ApiClient, path: str) -> list[tuple[int, str]]:
    """Number and text of each version, as listed."""
    versions = client.get(f"{path}/versions")["items"]
    return [(version["number"], version["content"]) for version in versions]


class TestListVersions:
    def test_begins_with_the_newest(self, user: ApiClient, path: str) -> None:
        assert texts(user, path) == [(3, "three"), (2, "two"), (1, "one")]

    def test_begins_with_the_text_of_the_creation(self, user: ApiClient) -> None:
        document = write(user)

        assert texts(user, f"/api/documents/{document['id']}") == [(1, "")]

    def test_says_from_whom_and_since_when_each_text_is(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any], path: str
    ) -> None:
        admin.put(path, json={"content": "Ä"})

        newest, *_, oldest = user.get(f"{path}/versions")["items"]

        assert (newest["author"]["id"], oldest["author"]["id"]) == (admin.user_id, user.user_id)
        assert (newest["size"], oldest["size"]) == (2, 3)
        assert oldest["createdAt"] < document["updatedAt"] < newest["createdAt"]
        assert oldest["createdAt"].endswith("Z")
        assert user.get(path)["author"]["id"] == user.user_id

    @each(
        ("query", "numbers"),
        [
            ("pageSize=2", [3, 2]),
            ("pageSize=2&page=2", [1]),
            ("pageSize=2&page=3", []),
            ("sortOrder=asc", [1, 2, 3]),
        ],
    )
    def test_is_paged(self, user: ApiClient, path: str, query: str, numbers: list[int]) -> None:
        page = user.get(f"{path}/versions?{query}")

        assert [item["number"] for item in page["items"]] == numbers
        assert page["total"] == 3

    @pytest.mark.database("sqlite")
    @each("query", ["pageSize=0", "page=0", "sortBy=content"])
    def test_refuses_bad_parameters(self, user: ApiClient, path: str, query: str) -> None:
        user.get(f"{path}/versions?{query}", status=400)

    @pytest.mark.parametrize("page", [1, 2])
    def test_is_404_for_a_missing_document(self, user: ApiClient, page: int) -> None:
        user.get(f"/api/documents/{MISSING}/versions?page={page}", status=404)


class TestChangesOfADocument:
    @pytest.mark.parametrize(
        "changes",
        [
            {"title": "Other"},
            {"folder": "Other", "type": "other", "tags": ["other"]},
            {"content": "three"},
            {"title": "Other", "content": "three"},
            {},
        ],
    )
    def test_make_no_version_when_the_text_stays(
        self, user: ApiClient, path: str, changes: dict[str, Any]
    ) -> None:
        user.patch(path, json=changes)

        assert len(texts(user, path)) == 3

    def test_make_a_version_when_the_text_becomes_empty(self, user: ApiClient, path: str) -> None:
        user.patch(path, json={"content": ""})

        assert texts(user, path)[0] == (4, "")


class TestRestoreVersion:
    def test_makes_a_former_text_the_current_one(
        self, user: ApiClient, document: dict[str, Any], path: str
    ) -> None:
        restored = user.post(f"{path}/versions/1/restore", status=200)

        expected = {"content": "one", "size": 3, "updatedAt": restored["updatedAt"]}
        assert restored == document | expected
        assert restored["updatedAt"] > document["updatedAt"]
        assert texts(user, path) == [(4, "one"), (3, "three"), (2, "two"), (1, "one")]

    def test_is_the_work_of_who_restores(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any], path: str
    ) -> None:
        share(user, document["id"], userIds=[admin.user_id], permission="EDIT")

        admin.post(f"{path}/versions/2/restore", status=200)

        assert user.get(f"{path}/versions")["items"][0]["author"]["id"] == admin.user_id

    @each("number", [0, 4, MISSING, 10**12])
    def test_is_404_for_a_version_that_never_was(
        self, user: ApiClient, document: dict[str, Any], path: str, number: int
    ) -> None:
        user.open("POST", f"{path}/versions/{number}/restore")

        assert user.last.status_code == 404
        assert user.last.get_json()["error"]["code"] == "NOT_FOUND"
        assert user.get(path) == document


class TestDeletedAuthor:
    def test_leaves_documents_and_versions_without_an_author(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any], path: str
    ) -> None:
        admin.delete(f"/api/users/{user.user_id}")

        assert admin.get(path) == document | {"author": None}
        assert admin.get("/api/documents")["items"][0]["author"] is None
        assert [v["author"] for v in admin.get(f"{path}/versions")["items"]] == [None] * 3
