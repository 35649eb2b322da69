"""Deleting files, and folders with all in them."""

from flask import Flask

from halolight.extensions import db
from halolight.modules.files.models import Blob
from tests.api_client import ApiClient
from tests.modules.files.tree_steps import MISSING, file, folder, paths


def stored(app: Flask) -> set[int]:
    """The sizes of the bytes that are kept."""
    with app.app_context():
        return set(db.session.scalars(db.select(Blob.size)))


class TestDelete:
    def test_takes_the_file_away(self, user: ApiClient) -> None:
        made = file(user)["id"]

        assert user.delete(f"/api/files/{made}") is None

        user.get(f"/api/files/{made}", status=404)
        user.delete(f"/api/files/{made}", status=404)

    def test_takes_an_empty_folder_away(self, user: ApiClient) -> None:
        user.delete(f"/api/files/{folder(user, 'Projects')['id']}")

        assert paths(user) == []

    def test_takes_a_folder_with_things_in_it_only_when_asked_to(self, user: ApiClient) -> None:
        outer = folder(user, "Projects")["id"]
        inner = folder(user, "2026", outer)["id"]
        file(user, "plan.txt", inner)
        file(user, "Projects.txt")

        error = user.delete(f"/api/files/{outer}", status=409)
        assert "recursive" in error["message"]
        user.delete(f"/api/files/{outer}?recursive=false", status=409)
        assert len(paths(user)) == 4

        user.delete(f"/api/files/{outer}?recursive=true")
        assert paths(user) == ["/Projects.txt"]

    def test_frees_the_name(self, user: ApiClient) -> None:
        user.delete(f"/api/files/{folder(user, 'Projects')['id']}")

        folder(user, "Projects")

    def test_lets_go_of_bytes_that_nobody_has_any_more(self, app: Flask, user: ApiClient) -> None:
        outer = folder(user, "Projects")["id"]
        file(user, "one.txt", outer, text="1")
        file(user, "two.txt", outer, text="22")
        twin = file(user, "twin.txt", text="22")["id"]

        user.delete(f"/api/files/{outer}?recursive=true")
        assert stored(app) == {2}

        user.delete(f"/api/files/{twin}")
        assert stored(app) == set()


class TestBatchDelete:
    def test_takes_all_away(self, user: ApiClient) -> None:
        ids = [file(user, f"{n}.txt")["id"] for n in range(3)]

        answer = user.post("/api/files/batch-delete", json={"ids": ids[:2]}, status=200)

        assert answer == {"deleted": 2}
        assert paths(user) == ["/2.txt"]

    def test_takes_a_folder_and_what_is_in_it(self, user: ApiClient) -> None:
        outer = folder(user, "Projects")["id"]
        ids = [outer, file(user, "plan.txt", outer)["id"], file(user, "notes.txt")["id"]]

        user.post("/api/files/batch-delete", json={"ids": ids}, status=409)
        assert len(paths(user)) == 3

        body = {"ids": ids, "recursive": True}
        assert user.post("/api/files/batch-delete", json=body, status=200) == {"deleted": 3}
        assert paths(user) == []

    def test_takes_all_or_none(self, user: ApiClient, admin: ApiClient) -> None:
        mine, theirs = file(user)["id"], file(admin)["id"]

        for other in (theirs, MISSING):
            error = user.post("/api/files/batch-delete", json={"ids": [mine, other]}, status=404)
            assert str(other) in error["message"]
        assert paths(user) == ["/plan.txt"]

    def test_refuses_no_ids_and_too_many(self, user: ApiClient) -> None:
        for ids in ([], list(range(1, 102)), None, ["x"]):
            user.post("/api/files/batch-delete", json={"ids": ids}, status=400)
