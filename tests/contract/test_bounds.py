"""What one user may own: so many of each kind, so many bytes, so many versions."""

from typing import Any

import pytest
from flask import Flask

from halolight.core.db.resource import Resource
from halolight.modules.calendar.queries import EVENTS
from halolight.modules.documents import service
from halolight.modules.documents.queries import DOCUMENTS
from halolight.modules.files.content import usage
from halolight.modules.files.queries import FILES
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.documents.steps import share, write
from tests.modules.files.steps import add_folder, upload

DOCUMENT = {"title": "Plan"}
EVENT = {"title": "Review", "start": "2026-12-01T10:00:00Z"}
VERSIONS = 3


def limited(monkeypatch: pytest.MonkeyPatch, resource: Resource[Any], most: int) -> None:
    monkeypatch.setitem(resource.__dict__, "most_owned", most)
    owned: Any = Resource.owned
    monkeypatch.setitem(resource.__dict__, "owned", owned.func(resource))
    monkeypatch.setattr(usage, "_used_and_owned", usage._used_and_owned.__wrapped__)


@pytest.fixture
def quota(app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setitem(app.config, "STORAGE_QUOTA", 100)
    return 100


class TestRows:
    @pytest.mark.parametrize(
        ("resource", "path", "body"),
        [
            (DOCUMENTS, "/api/documents", DOCUMENT),
            (EVENTS, "/api/calendar/events", EVENT),
            (FILES, "/api/files/folder", {"name": "Projects"}),
            (FILES, "/api/folders", {"name": "Projects"}),
        ],
    )
    def test_are_limited(
        self,
        make: Factory,
        user: ApiClient,
        monkeypatch: pytest.MonkeyPatch,
        resource: Resource[Any],
        path: str,
        body: dict[str, str],
    ) -> None:
        limited(monkeypatch, resource, 1)
        user.post(path, json=body)

        error = user.post(path, json={**body, "name": "Others"}, status=409)

        assert "at most 1 " in error["message"]
        make.client().post(path, json=body)  # somebody else has room

    def test_are_limited_for_copies_of_folders(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = add_folder(user, "/Projects")
        add_folder(user, "/Projects/Empty", folder)
        limited(monkeypatch, FILES, 5)

        user.post(f"/api/files/{folder}/copy")  # now they are four
        error = user.post(f"/api/files/{folder}/copy", status=409)

        assert "at most 5 files" in error["message"]
        upload(user, b"the fifth", "fifth.txt")
        upload(user, b"the sixth", "sixth.txt", status=409)


class TestQuota:
    def test_counts_each_text_that_a_document_has_or_had(self, user: ApiClient, quota: int) -> None:
        path = f"/api/documents/{write(user, content='a' * 40)['id']}"
        user.put(path, json={"content": "ä" * 15})

        storage = user.get("/api/files/storage")

        assert storage["used"] == storage["breakdown"]["documents"] == 70
        user.put(path, json={"content": "b" * (quota - 70)})
        user.put(path, json={"content": "c"}, status=413)
        user.post(f"{path}/versions/1/restore", status=413)
        user.post("/api/documents", json={**DOCUMENT, "content": "c"}, status=413)
        upload(user, b"c", "c.txt", status=413)
        user.put(path, json={"title": "Another"})
        assert user.get(path)["content"] == "b" * 30

    def test_is_that_of_the_author(self, user: ApiClient, make: Factory, quota: int) -> None:
        editor = make.client()
        document = write(user, content="a" * 60)["id"]
        share(user, document, userIds=[editor.user_id], permission="EDIT")

        editor.put(f"/api/documents/{document}", json={"content": "b" * 60}, status=413)
        editor.put(f"/api/documents/{document}", json={"content": "b" * 40})

        assert editor.get("/api/files/storage")["used"] == 0
        assert user.get("/api/files/storage")["used"] == quota

    def test_has_room_again_when_the_document_is_deleted(self, user: ApiClient, quota: int) -> None:
        path = f"/api/documents/{write(user, content='a' * quota)['id']}"

        user.delete(path)

        assert user.get("/api/files/storage")["used"] == 0


class TestVersions:
    def test_are_the_newest(self, user: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service, "MAX_VERSIONS", VERSIONS)
        other = f"/api/documents/{write(user, content='other')['id']}"
        path = f"/api/documents/{write(user, content='1')['id']}"
        for text in "2345":
            user.put(path, json={"content": text})

        versions = user.get(f"{path}/versions")["items"]

        assert [each["content"] for each in versions] == ["5", "4", "3"]
        assert [each["number"] for each in versions] == [5, 4, 3]
        user.post(f"{path}/versions/2/restore", status=404)
        assert user.post(f"{path}/versions/3/restore", status=200)["content"] == "3"
        assert user.get(f"{other}/versions")["total"] == 1
