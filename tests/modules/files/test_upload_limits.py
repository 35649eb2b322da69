"""How large a file may be, and how much all files of one owner."""

import pytest
from flask import Flask

from halolight.core.storage import uploads
from halolight.modules.files.content import uploading
from tests.api_client import ApiClient
from tests.each import each

from .steps import add_folder, assert_nothing_is_left, stored, upload

FULL = "There is not enough storage space left. Delete some files first."


class TestSize:
    @pytest.fixture(autouse=True)
    def _limit(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "MAX_UPLOAD_SIZE", 200_000)

    def test_the_largest_file_is_taken(self, user: ApiClient) -> None:
        assert upload(user, b"x" * 200_000)["size"] == 200_000

    @each("more", [1, 1000, uploads.FRAME + 1, 10_000_000])
    def test_a_larger_one_is_not(self, user: ApiClient, more: int) -> None:
        error = upload(user, b"x" * (200_000 + more), status=413)

        assert error["message"] == "A file can have at most 195.3 KB."
        assert_nothing_is_left(user.app)

    @pytest.mark.parametrize(
        ("limit", "said"),
        [(999, "999 bytes"), (1024, "1 KB"), (100 * 1024**2, "100 MB"), (1536 * 1024**2, "1.5 GB")],
    )
    def test_is_told_in_a_unit_that_fits(self, limit: int, said: str) -> None:
        assert uploading.too_large(limit) == f"A file can have at most {said}."


class TestQuota:
    @pytest.fixture(autouse=True)
    def _quota(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "STORAGE_QUOTA", 1000)

    def test_can_be_filled_to_the_last_byte(self, user: ApiClient) -> None:
        upload(user, b"x" * 600, "a")
        upload(user, b"x" * 400, "b")

        error = upload(user, b"x", "c", status=413)

        assert error["message"] == FULL
        upload(user, b"", "d")

    @pytest.mark.parametrize("size", [401, 100_000])
    def test_cannot_be_exceeded(self, user: ApiClient, size: int) -> None:
        upload(user, b"x" * 600, "a")

        assert upload(user, b"y" * size, "b", status=413)["message"] == FULL
        assert len(stored(user.app)) == 1

    def test_counts_equal_bytes_for_each_file(self, user: ApiClient) -> None:
        upload(user, b"x" * 600, "a")

        upload(user, b"x" * 600, "b", status=413)

    def test_is_that_of_the_folders_owner(self, user: ApiClient, admin: ApiClient) -> None:
        folder_id = add_folder(user, "/Projects")
        upload(admin, b"x" * 1000, "full")

        upload(admin, b"x" * 1000, "a", folderId=str(folder_id))
        upload(admin, b"x", "b", folderId=str(folder_id), status=413)
        upload(user, b"x", "c", status=413)
