"""`ETag` and `If-Match`: no update is lost when two people edit one document."""

from typing import Any

import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.each import each
from tests.modules.documents.steps import CHANGING, MISSING, count_views, share, state, write

CHANGING_OR_DELETING = [*CHANGING, ("DELETE", "", None)]

on_each_change = pytest.mark.parametrize(("method", "suffix", "body"), CHANGING_OR_DELETING)


@pytest.fixture
def document(user: ApiClient) -> dict[str, Any]:
    return write(user, content="text")


@pytest.fixture
def path(document: dict[str, Any]) -> str:
    return f"/api/documents/{document['id']}"


def etag(client: ApiClient, path: str) -> str:
    """The ETag that a read of the document shows now."""
    client.get(path)
    return client.last.headers["ETag"]


class TestETag:
    def test_comes_with_every_answer_that_shows_the_document(self, user: ApiClient) -> None:
        document = write(user)
        shown = [user.last.headers["ETag"]]
        for method, suffix, body in CHANGING:
            user.call(method, f"/api/documents/{document['id']}{suffix}", 200, json=body)
            shown.append(user.last.headers["ETag"])

        assert shown[-1] == etag(user, f"/api/documents/{document['id']}")
        assert all(tag.startswith('"') and tag.endswith('"') for tag in shown)

    @pytest.mark.parametrize(
        ("method", "suffix", "body"),
        [
            ("PUT", "", {"title": "Other"}),
            ("PUT", "", {"content": "other"}),
            ("PUT", "", {"tags": ["other"]}),
            ("PATCH", "/rename", {"title": "Other"}),
            ("POST", "/move", {"folder": "Other"}),
            ("POST", "/tags", {"tags": ["other"]}),
            ("POST", "/versions/1/restore", None),
        ],
    )
    def test_changes_with_the_document(
        self, user: ApiClient, path: str, method: str, suffix: str, body: dict[str, Any] | None
    ) -> None:
        user.put(path, json={"content": "another"})
        before = etag(user, path)

        user.call(method, path + suffix, 200, json=body)

        assert etag(user, path) != before

    def test_changes_when_the_document_is_shared(
        self, user: ApiClient, admin: ApiClient, document: dict[str, Any], path: str
    ) -> None:
        before = etag(user, path)

        share(user, document["id"], userIds=[admin.user_id])

        assert etag(user, path) != before

    def test_stays_while_nothing_changes(self, user: ApiClient, path: str) -> None:
        before = etag(user, path)

        user.put(path, json={"title": "Plan", "content": "text"})

        assert etag(user, path) == before


class TestIfMatch:
    @on_each_change
    def test_lets_a_change_of_what_was_read_through(
        self, user: ApiClient, path: str, method: str, suffix: str, body: dict[str, Any] | None
    ) -> None:
        headers = {"If-Match": etag(user, path)}

        user.call(method, path + suffix, 200, json=body, headers=headers)

    @on_each_change
    def test_refuses_a_change_of_something_newer(
        self,
        user: ApiClient,
        document: dict[str, Any],
        path: str,
        method: str,
        suffix: str,
        body: dict[str, Any] | None,
    ) -> None:
        stale = etag(user, path)
        user.put(path, json={"content": "in between"})
        before = state(user, document["id"])

        error = user.call(method, path + suffix, 412, json=body, headers={"If-Match": stale})

        assert error["code"] == "PRECONDITION_FAILED"
        assert state(user, document["id"]) == before

    def test_lets_only_the_first_of_two_updates_through(self, user: ApiClient, path: str) -> None:
        headers = {"If-Match": etag(user, path)}

        user.put(path, json={"content": "first"}, headers=headers)
        user.put(path, json={"content": "second"}, headers=headers, status=412)

        assert user.get(path)["content"] == "first"

    def test_works_on_from_the_etag_of_the_update(self, user: ApiClient, path: str) -> None:
        user.put(path, json={"content": "first"}, headers={"If-Match": etag(user, path)})
        headers = {"If-Match": user.last.headers["ETag"]}

        user.put(path, json={"content": "second"}, headers=headers)

        assert user.get(path)["content"] == "second"

    @on_each_change
    def test_matches_anything_with_a_star(
        self, user: ApiClient, path: str, method: str, suffix: str, body: dict[str, Any] | None
    ) -> None:
        user.call(method, path + suffix, 200, json=body, headers={"If-Match": "*"})

    def test_matches_one_of_several(self, user: ApiClient, path: str) -> None:
        headers = {"If-Match": f'"0", {etag(user, path)}'}

        user.put(path, json={"title": "Other"}, headers=headers)

    @each("sent", ['"0"', '"no version"', "0", ""])
    def test_refuses_what_was_never_an_etag(self, user: ApiClient, path: str, sent: str) -> None:
        user.put(path, json={"title": "Other"}, headers={"If-Match": sent}, status=412)

        assert user.get(path)["title"] == "Plan"

    def test_is_never_demanded(self, user: ApiClient, path: str) -> None:
        for content in ("first", "second", "third"):
            user.put(path, json={"content": content})

        assert user.get(path)["content"] == "third"

    def test_does_not_tell_whether_a_document_exists(
        self, user: ApiClient, admin: ApiClient
    ) -> None:
        hidden = write(admin)["id"]

        for document_id in (hidden, MISSING):
            headers = {"If-Match": '"0"'}
            user.delete(f"/api/documents/{document_id}", headers=headers, status=404)


class TestViews:
    def test_are_counted_by_looking_at_the_document(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:
        count_views(app)  # what other tests have left
        path = f"/api/documents/{write(user)['id']}"

        for client in (user, user, admin):
            client.get(path)
        count_views(app)

        assert user.get(path)["views"] == 3

    def test_are_not_counted_by_anything_else(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:
        count_views(app)
        document = write(user)
        path = f"/api/documents/{document['id']}"

        user.get("/api/documents")
        user.get(f"{path}/versions")
        user.get(f"{path}/shares")
        user.put(path, json={"title": "Other"})
        user.get(f"/api/documents/{MISSING}", status=404)
        count_views(app)

        assert user.get(path)["views"] == 0

    def test_change_neither_the_time_nor_the_etag(
        self, app: Flask, user: ApiClient, document: dict[str, Any], path: str
    ) -> None:
        count_views(app)
        before, tag = user.get(path), etag(user, path)

        count_views(app)

        after = user.get(path)
        assert after == before | {"views": before["views"] + 2}
        assert user.last.headers["ETag"] == tag


class TestStrongComparison:
    """RFC 9110, 13.1.1: a weak tag never matches."""

    def test_refuses_a_weak_tag(self, user: ApiClient, path: str) -> None:
        weak = {"If-Match": f"W/{etag(user, path)}"}

        user.put(path, json={"title": "Changed"}, headers=weak, status=412)

    def test_refuses_an_outdated_tag_when_shares_are_taken_back(
        self, user: ApiClient, path: str
    ) -> None:
        outdated = {"If-Match": etag(user, path)}
        user.put(path, json={"title": "Changed"})

        user.post(f"{path}/unshare", json={}, headers=outdated, status=412)
