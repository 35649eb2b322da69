"""Uploading: what comes in, what is refused, and that nothing half done stays."""

import hashlib
from typing import Any

import pytest

from halolight.core.media import thumbnails
from halolight.core.storage import uploads
from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.files.content import blobs, garbage
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory

from .steps import (
    END,
    FORM,
    UPLOAD,
    add_folder,
    assert_nothing_is_left,
    form,
    part,
    picture,
    stored,
    upload,
)


class TestUpload:
    def test_keeps_the_bytes_and_tells_of_the_file(self, user: ApiClient) -> None:
        file = upload(user, b"some text", "Notes.txt")

        assert {key: file[key] for key in ("name", "type", "size", "mimeType", "path")} == {
            "name": "Notes.txt",
            "type": "document",
            "size": 9,
            "mimeType": "text/plain",
            "path": "/Notes.txt",
        }
        assert file["checksum"] == hashlib.sha256(b"some text").hexdigest()
        assert file["owner"]["id"] == user.user_id
        assert file["folderId"] is None
        assert file["thumbnail"] is None
        assert user.download(file["url"]) == b"some text"

    def test_takes_an_empty_file(self, user: ApiClient) -> None:
        file = upload(user, b"")

        assert (file["size"], file["mimeType"]) == (0, "text/plain")
        assert user.download(file["url"]) == b""

    @pytest.mark.parametrize("size", [1, 65_535, 65_536, 500_001, 3_000_001])
    def test_keeps_each_byte_of_every_size(self, user: ApiClient, size: int) -> None:
        data = (b"\r\n--xy\r\r\n\0--" * (size // 10 + 1))[:size]

        assert user.download(upload(user, data)["url"]) == data

    def test_is_in_the_trail_once(self, user: ApiClient) -> None:
        file = upload(user)

        with user.app.app_context():
            [entry] = db.session.query(AuditEntry).filter_by(action="files.create")
            assert entry.target_id == str(file["id"])
            assert entry.target_name == "hello.txt"
            assert entry.actor_id == user.user_id

    def test_goes_into_the_folder_that_an_id_names(self, user: ApiClient) -> None:
        folder_id = add_folder(user, "/Projects")

        file = upload(user, folderId=str(folder_id))

        assert (file["folderId"], file["path"]) == (folder_id, "/Projects/hello.txt")

    @pytest.mark.parametrize("alias", ["folder_id", "parentId"])
    def test_takes_other_names_of_the_folder(self, user: ApiClient, alias: str) -> None:
        folder_id = add_folder(user, "/Projects")
        named: dict[str, Any] = {alias: str(folder_id)}

        assert upload(user, **named)["folderId"] == folder_id

    @pytest.mark.parametrize("path", ["/Projects", "Projects", "/Projects/", " /Projects "])
    def test_goes_into_the_folder_that_a_path_names(self, user: ApiClient, path: str) -> None:
        folder_id = add_folder(user, "/Projects")

        assert upload(user, path=path)["folderId"] == folder_id

    @pytest.mark.parametrize(
        "where", [{"path": "/"}, {"path": ""}, {"path": " "}, {"folderId": ""}, {"parentId": ""}]
    )
    def test_goes_to_the_top(self, user: ApiClient, where: dict[str, Any]) -> None:
        assert upload(user, **where)["path"] == "/hello.txt"

    def test_the_name_may_be_taken_in_another_folder_and_by_others(
        self, user: ApiClient, make: Factory
    ) -> None:
        folder_id = add_folder(user, "/Projects")

        upload(user)
        upload(user, folderId=str(folder_id))
        upload(make.client())

    def test_who_manages_files_may_put_them_anywhere(
        self, user: ApiClient, admin: ApiClient
    ) -> None:
        folder_id = add_folder(user, "/Projects")

        file = upload(admin, folderId=str(folder_id))

        assert file["owner"]["id"] == user.user_id
        assert user.download(file["url"]) == b"hello"


class TestRefusals:
    def test_a_name_that_is_taken_in_that_folder(self, user: ApiClient) -> None:
        upload(user, b"one")

        error = upload(user, b"two", status=409)

        assert [detail["field"] for detail in error["details"]] == ["file"]
        assert len(stored(user.app)) == 1

    @each(
        "where",
        [{"folderId": "999999"}, {"path": "/nowhere"}, {"path": "/../x"}, {"path": "/a\\b"}],
    )
    def test_a_folder_that_is_not_there(self, user: ApiClient, where: dict[str, Any]) -> None:
        error = upload(user, **where, status=400)

        assert error["message"] == "There is no such folder."
        assert [detail["field"] for detail in error["details"]] == list(where)
        assert_nothing_is_left(user.app)

    def test_a_folder_of_somebody_else(self, user: ApiClient, make: Factory) -> None:
        other = make.client()
        folder_id = add_folder(other, "/Projects")

        for error in (
            upload(user, folderId=str(folder_id), status=400),
            upload(user, path="/Projects", status=400),
        ):
            assert error["message"] == "There is no such folder."

    def test_a_file_in_place_of_a_folder(self, user: ApiClient) -> None:
        file = upload(user)

        upload(user, name="b", folderId=str(file["id"]), status=400)
        upload(user, name="b", path=file["path"], status=400)

    @each("sent", [b"", part('name="other"; filename="x"', b"x"), part('name="file"', b"text")])
    def test_a_form_without_the_file(self, user: ApiClient, sent: bytes) -> None:
        body = part('name="path"', b"/") + sent + END

        error = user.post(UPLOAD, data=body, headers=FORM, status=400)

        assert [detail["field"] for detail in error["details"]] == ["file"]
        assert_nothing_is_left(user.app)

    def test_two_files(self, user: ApiClient) -> None:
        file = part('name="file"; filename="x"', b"x")

        error = user.post(UPLOAD, data=file + file + END, headers=FORM, status=400)

        assert error["message"] == "Send one file at a time."
        assert_nothing_is_left(user.app)

    def test_json(self, user: ApiClient) -> None:
        user.post(UPLOAD, json={"name": "a.txt"}, status=415)

    def test_no_body(self, user: ApiClient) -> None:
        user.post(UPLOAD, status=415)

    @each(
        "body",
        [
            b"",
            b"nonsense",
            form(b"cut off")[:-20],
            form(b"no end").removesuffix(END),
            b"--xyz\r\n\r\nno headers\r\n--xyz--\r\n",
            form(b"x", "name").replace(b"name", b"\xff"),
        ],
    )
    def test_what_is_no_form(self, user: ApiClient, body: bytes) -> None:
        user.post(UPLOAD, data=body, headers=FORM, status=400)

        assert_nothing_is_left(user.app)

    def test_a_form_without_a_boundary(self, user: ApiClient) -> None:
        headers = {"Content-Type": "multipart/form-data"}

        user.post(UPLOAD, data=form(b"x"), headers=headers, status=400)

    def test_many_parts(self, user: ApiClient) -> None:
        fields: dict[str, Any] = {f"field{number}": "x" for number in range(uploads.MOST_PARTS)}

        upload(user, **fields, status=413)

        assert_nothing_is_left(user.app)

    def test_a_long_field(self, user: ApiClient) -> None:
        upload(user, path="x" * 1000, status=400)
        upload(user, path="x" * (uploads.FRAME + 1000), status=400)

    def test_a_file_where_none_is_expected(self, user: ApiClient) -> None:
        response = user.open("POST", "/api/documents", data=form(b"x"), headers=FORM)

        assert response.status_code == 415
        assert stored(user.app) == []

    def test_nobody_and_who_may_not_before_a_byte_is_read(
        self, anonymous: ApiClient, make: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def read(*_: object) -> None:
            pytest.fail("the body was read")

        monkeypatch.setattr(uploads.Request, "_load_form_data", read)

        upload(anonymous, status=401)
        upload(make.client("guest"), status=403)


class TestFailures:
    """Whatever fails leaves no row, no bytes and nothing half done."""

    @pytest.mark.database("sqlite")  # where the storage is a disk
    def test_a_disk_that_is_full(self, user: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("os.fsync", full)

        upload(user, status=503)

        assert_nothing_is_left(user.app)

    @pytest.mark.database("sqlite")
    def test_a_disk_that_is_full_for_the_thumbnail(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        examine = thumbnails.examine

        def then_full(*file: Any) -> Any:
            monkeypatch.setattr("os.fsync", full)
            return examine(*file)

        monkeypatch.setattr(thumbnails, "examine", then_full)

        upload(user, picture(), status=503)

        assert_nothing_is_left(user.app)

    @pytest.mark.parametrize("step", ["incomplete_key", "hold"])
    def test_a_crash(self, user: ApiClient, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
        def crash(*_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(blobs, step, crash)

        upload(user, picture(), status=500)

        assert_nothing_is_left(user.app)

    def test_an_upload_that_gc_could_take_for_abandoned(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its bytes may be removed at any moment, so no file may get them."""
        assert garbage.GRACE.total_seconds() / 2 + 1 > uploads.LONGEST
        monkeypatch.setattr(uploads, "LONGEST", -1.0)

        upload(user, status=400)

        assert_nothing_is_left(user.app)


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")
