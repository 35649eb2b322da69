"""Who sees which documents, and who may do what with those they see."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from halolight.core.clock import isoformat, utcnow
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.documents.steps import (
    CHANGING,
    MISSING,
    OWNING,
    READING,
    share,
    state,
    team_of,
    titles,
    write,
)

Body = dict[str, Any] | None

on_each = pytest.mark.parametrize(("method", "suffix", "body"), READING + CHANGING + OWNING)
on_each_change = pytest.mark.parametrize(("method", "suffix", "body"), CHANGING)
on_each_of_the_owner = pytest.mark.parametrize(("method", "suffix", "body"), OWNING)


@pytest.fixture
def author(make: Factory) -> ApiClient:
    return make.client("user")


@pytest.fixture
def document(author: ApiClient) -> dict[str, Any]:
    return write(author, content="text", tags=["draft"], folder="Projects")


class TestVisibility:
    def test_covers_ones_own(self, author: ApiClient, document: dict[str, Any]) -> None:
        assert titles(author) == ["Plan"]

    def test_does_not_cover_what_others_own(
        self, user: ApiClient, document: dict[str, Any]
    ) -> None:
        write(user, "Mine")

        assert titles(user) == ["Mine"]

    def test_covers_what_is_shared_with_one(
        self, author: ApiClient, user: ApiClient, document: dict[str, Any]
    ) -> None:
        share(author, document["id"], userIds=[user.user_id])

        assert titles(user) == ["Plan"]
        assert user.get(f"/api/documents/{document['id']}")["content"] == "text"

    def test_covers_what_is_shared_with_a_team_of_ones(
        self, admin: ApiClient, user: ApiClient, author: ApiClient, document: dict[str, Any]
    ) -> None:
        team = team_of(admin, author, user)
        share(author, document["id"], teamIds=[team])

        assert titles(user) == ["Plan"]
        assert user.get(f"/api/documents/{document['id']}")["content"] == "text"

    def test_ends_when_one_leaves_the_team(
        self, admin: ApiClient, user: ApiClient, author: ApiClient, document: dict[str, Any]
    ) -> None:
        team = team_of(admin, author, user)
        share(author, document["id"], teamIds=[team])

        admin.delete(f"/api/teams/{team}/members/{user.user_id}")

        assert titles(user) == []
        user.get(f"/api/documents/{document['id']}", status=404)

    def test_shows_a_document_once_however_often_it_is_shared(
        self, admin: ApiClient, user: ApiClient, author: ApiClient, document: dict[str, Any]
    ) -> None:
        teams = [team_of(admin, author, user) for _ in range(2)]
        share(author, document["id"], teamIds=teams, userIds=[user.user_id, author.user_id])

        page = user.get("/api/documents")

        assert (len(page["items"]), page["total"]) == (1, 1)

    @pytest.mark.parametrize("through_a_team", [False, True])
    def test_ends_with_the_share(
        self,
        admin: ApiClient,
        user: ApiClient,
        author: ApiClient,
        document: dict[str, Any],
        clock: time_machine.Traveller,
        through_a_team: bool,
    ) -> None:
        ids = {"teamIds": [team_of(admin, author, user)]} if through_a_team else {}
        until = isoformat(utcnow() + dt.timedelta(minutes=1))
        share(author, document["id"], expiresAt=until, **(ids or {"userIds": [user.user_id]}))
        assert titles(user) == ["Plan"]

        clock.shift(61)

        assert titles(user) == []
        user.get(f"/api/documents/{document['id']}", status=404)
        assert author.get(f"/api/documents/{document['id']}")["shared"] is False
        assert author.get(f"/api/documents/{document['id']}/shares") == []

    def test_covers_everything_for_who_manages_documents(
        self, admin: ApiClient, super_admin: ApiClient, document: dict[str, Any]
    ) -> None:
        assert titles(admin) == titles(super_admin) == ["Plan"]

    @on_each
    def test_lets_who_manages_documents_do_everything(
        self,
        admin: ApiClient,
        document: dict[str, Any],
        method: str,
        suffix: str,
        body: Body,
    ) -> None:
        sent = {"userIds": [admin.user_id]} if suffix == "/share" else body

        admin.call(method, f"/api/documents/{document['id']}{suffix}", 200, json=sent)


class TestInvisibleDocument:
    @on_each
    def test_is_answered_like_a_missing_one(
        self,
        author: ApiClient,
        user: ApiClient,
        document: dict[str, Any],
        method: str,
        suffix: str,
        body: Body,
    ) -> None:
        before = state(author, document["id"])

        user.call(method, f"/api/documents/{MISSING}{suffix}", 404, json=body)
        missing = user.last
        user.call(method, f"/api/documents/{document['id']}{suffix}", 404, json=body)

        assert user.last.data == missing.data
        assert _headers(user) == {name: missing.headers[name] for name in _headers(user)}
        assert state(author, document["id"]) == before

    def test_cannot_be_deleted_among_others(
        self, author: ApiClient, user: ApiClient, document: dict[str, Any]
    ) -> None:
        own = write(user)["id"]

        def refusal(document_id: int) -> str:
            body = {"ids": [own, document_id]}
            user.post("/api/documents/batch-delete", json=body, status=404)
            return user.last.text.replace(str(document_id), "?")

        assert refusal(document["id"]) == refusal(MISSING)
        assert titles(author) == titles(user) == ["Plan"]

    def test_cannot_be_found_by_its_text(self, user: ApiClient, document: dict[str, Any]) -> None:
        assert user.get("/api/documents?search=text")["total"] == 0
        assert user.get(f"/api/documents?authorId={document['author']['id']}")["total"] == 0


class TestDocumentSharedForReading:
    @pytest.fixture(autouse=True)
    def shared(self, author: ApiClient, user: ApiClient, document: dict[str, Any]) -> None:
        share(author, document["id"], userIds=[user.user_id])

    @pytest.mark.parametrize("suffix", ["", "/versions"])
    def test_can_be_read(self, user: ApiClient, document: dict[str, Any], suffix: str) -> None:
        user.get(f"/api/documents/{document['id']}{suffix}")

    @each(("method", "suffix", "body"), CHANGING + OWNING)
    def test_cannot_be_changed(
        self,
        author: ApiClient,
        user: ApiClient,
        document: dict[str, Any],
        method: str,
        suffix: str,
        body: Body,
    ) -> None:
        before = state(author, document["id"])

        error = user.call(method, f"/api/documents/{document['id']}{suffix}", 403, json=body)

        assert error["code"] == "FORBIDDEN"
        assert state(author, document["id"]) == before


@pytest.mark.parametrize("through_a_team", [False, True])
class TestDocumentSharedForEditing:
    @pytest.fixture(autouse=True)
    def shared(
        self,
        admin: ApiClient,
        author: ApiClient,
        user: ApiClient,
        document: dict[str, Any],
        through_a_team: bool,
    ) -> None:
        if through_a_team:
            share(author, document["id"], userIds=[user.user_id], permission="VIEW")
            ids = {"teamIds": [team_of(admin, author, user)]}
        else:
            ids = {"userIds": [user.user_id]}
        share(author, document["id"], permission="EDIT", **ids)

    @on_each_change
    def test_can_be_changed(
        self, user: ApiClient, document: dict[str, Any], method: str, suffix: str, body: Body
    ) -> None:
        changed = user.call(method, f"/api/documents/{document['id']}{suffix}", 200, json=body)

        assert changed | (body or {}) == changed
        assert changed["author"] == document["author"]

    @on_each_of_the_owner
    def test_is_not_ones_own(
        self,
        author: ApiClient,
        user: ApiClient,
        document: dict[str, Any],
        method: str,
        suffix: str,
        body: Body,
    ) -> None:
        before = state(author, document["id"])

        error = user.call(method, f"/api/documents/{document['id']}{suffix}", 403, json=body)

        assert error["code"] == "FORBIDDEN"
        assert state(author, document["id"]) == before


def _headers(client: ApiClient) -> dict[str, str]:
    """The headers of the last answer, but for the request's own id."""
    return {name: value for name, value in client.last.headers if name != "X-Request-ID"}
