"""Equal bytes are stored once, and go when nobody has them any more."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.storage import stores
from halolight.extensions import db
from halolight.modules.files.content import blobs
from halolight.modules.files.models import Blob, File
from tests.api_client import ApiClient
from tests.factories import Factory

from .steps import delete_files, key_of, picture, put, stored, upload


def release(app: Flask, *file_ids: int) -> int:
    """Delete the files, and then the bytes that nobody has any more."""
    checksums = delete_files(app, *file_ids)
    with app.app_context():
        return blobs.release(checksums)


def rows(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Blob.checksum)))


class TestEqualBytes:
    def test_are_stored_once(self, user: ApiClient, make: Factory) -> None:
        files = [upload(client, b"same") for client in (user, make.client(), make.client())]

        assert len({file["checksum"] for file in files}) == 1
        assert len(stored(user.app)) == 1
        assert len(rows(user.app)) == 1

    def test_are_stored_again_where_they_are_missing(self, user: ApiClient) -> None:
        """A removal that was interrupted may have left a row without its bytes."""
        upload(user, b"same", "a")
        [key] = stored(user.app)
        with user.app.app_context():
            stores.current().delete(key)

        file = upload(user, b"same", "b")

        assert user.download(file["url"]) == b"same"

    def test_are_stored_again_where_they_were_cut_short(self, user: ApiClient) -> None:
        upload(user, b"same", "a")
        [damaged] = stored(user.app)
        put(user.app, damaged, b"sa")

        file = upload(user, b"same", "b")

        assert user.download(file["url"]) == b"same"


class TestRelease:
    def test_removes_row_bytes_and_thumbnail(self, user: ApiClient) -> None:
        file = upload(user, picture())

        assert release(user.app, file["id"]) == 1

        assert stored(user.app) == []
        assert rows(user.app) == []

    def test_keeps_what_somebody_has(self, user: ApiClient, make: Factory) -> None:
        other = make.client()
        mine, theirs = upload(user, b"same"), upload(other, b"same")

        assert release(user.app, mine["id"]) == 0
        assert other.download(theirs["url"]) == b"same"

        assert release(user.app, theirs["id"]) == 1
        assert stored(user.app) == []

    def test_gives_way_between_transactions(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A folder can have thousands of files: with SQLite nothing else in it would wait."""
        ids = [upload(user, name.encode(), name)["id"] for name in ("a", "b", "c")]
        at_work: list[bool] = []
        monkeypatch.setattr(
            blobs, "cooperate", lambda: at_work.append(db.session().in_transaction())
        )

        release(user.app, *ids)

        assert at_work == [False] * 3

    def test_takes_what_is_not_there_and_what_a_folder_has(self, app: Flask) -> None:
        with app.app_context():
            assert blobs.release([None, "0" * 64, "0" * 64]) == 0

    def test_leaves_to_gc_what_fails(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, two = upload(user, b"one", "1"), upload(user, b"two", "2")
        failing = key_of(user.app, one)
        with user.app.app_context():
            storage = type(stores.current())
        delete = storage.delete

        def fail(store: Any, key: str) -> None:
            if key == failing:
                raise OSError("gone")
            delete(store, key)

        monkeypatch.setattr(storage, "delete", fail)

        assert release(user.app, one["id"], two["id"]) == 2
        assert rows(user.app) == []
        assert stored(user.app) == [failing]

    @pytest.mark.database("postgresql")
    def test_waits_for_an_upload_of_the_same_bytes(self, user: ApiClient) -> None:
        """It holds the row until the bytes are those of a file."""
        file = upload(user, b"same", "a")
        checksum, key = file["checksum"], key_of(user.app, file)
        again = blobs.NewBlob(checksum, "0" * 64, 4, "text/plain", has_thumbnail=False)
        with user.app.app_context():
            [old] = db.session.scalars(sa.select(File.id))
        delete_files(user.app, old)
        removed: list[int] = []

        def remove() -> None:
            with user.app.app_context():
                removed.append(blobs.release([checksum]))

        with user.app.app_context():
            assert not blobs.hold(again, None)
            assert stores.current().size(key) == 4
            removing = threading.Thread(target=remove)
            removing.start()
            removing.join(0.3)
            assert removing.is_alive()
            db.session.add(
                File(name="b", path="/b", type="other", size=4, owner_id=user.user_id,
                     checksum=checksum)
            )  # fmt: skip
            db.session.commit()
            removing.join(10)
            assert stores.current().size(key) == 4

        assert removed == [0]
