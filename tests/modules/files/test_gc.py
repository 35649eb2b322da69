import os
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from halolight.core.storage import disk
from halolight.core.storage.disk import Incoming
from halolight.extensions import db
from halolight.modules.files.content import garbage
from halolight.modules.files.models import Blob
from tests.api_client import ApiClient

from .rows import store
from .steps import delete_files, picture, stored, upload

ORPHAN = "ab" * 32


def gc(app: Flask, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["files", "gc", *options])


def age(*paths: Path) -> None:
    """Have them be older than what may still be written."""
    then = time.time() - garbage.GRACE.total_seconds() - 60
    for path in paths:
        os.utime(path, (then, then))


def begun(app: Flask) -> Incoming:
    with app.app_context():
        incoming = disk.current().receive()
        incoming.write(b"half")
        incoming.complete()
        return incoming


class TestGc:
    def test_finds_nothing_where_all_is_well(self, user: ApiClient) -> None:
        upload(user, picture())
        age(*stored(user.app))

        result = gc(user.app)

        assert result.exit_code == 0
        assert result.output == "Removed 0 unused blobs, 0 orphans and 0 stale uploads\n"
        assert len(stored(user.app)) == 2

    def test_only_looks_in_a_dry_run(self, user: ApiClient) -> None:
        delete_files(user.app, upload(user, b"gone", "a")["id"])
        with user.app.app_context():
            store(ORPHAN)
        incoming = begun(user.app)
        files = stored(user.app)
        age(*files)

        result = gc(user.app, "--dry-run")

        counted = "1 unused blobs, 1 orphans and 1 stale uploads\n"
        assert (result.exit_code, result.output) == (0, f"Would remove {counted}")
        assert stored(user.app) == files
        assert gc(user.app).output == f"Removed {counted}"
        incoming.discard()

    def test_removes_blobs_without_files(self, user: ApiClient) -> None:
        kept, gone = upload(user, b"kept", "a"), upload(user, picture(), "b")
        delete_files(user.app, gone["id"])

        assert gc(user.app).output.startswith("Removed 1 unused blobs, 0 orphans")

        assert [path.name for path in stored(user.app)] == [kept["checksum"]]

    def test_removes_bytes_without_a_row(self, app: Flask) -> None:
        with app.app_context():
            store(ORPHAN)
            store(f"{ORPHAN}.webp")
        age(*stored(app))

        assert "1 orphans" in gc(app).output

        assert stored(app) == []
        with app.app_context():
            assert db.session.query(Blob).count() == 0

    def test_removes_what_is_left_of_uploads(self, app: Flask) -> None:
        incoming = begun(app)
        age(*stored(app))

        assert "1 stale uploads" in gc(app).output

        assert stored(app) == []
        incoming.discard()

    def test_leaves_what_is_being_written(self, app: Flask) -> None:
        incoming = begun(app)
        with app.app_context():
            store(ORPHAN)

        assert "0 orphans and 0 stale uploads" in gc(app).output

        assert len(stored(app)) == 2
        incoming.discard()

    def test_tells_of_files_that_lack_their_bytes(self, user: ApiClient) -> None:
        cut, gone = (
            upload(user, b"cut off", "a")["checksum"],
            upload(user, b"gone", "b")["checksum"],
        )
        for path in stored(user.app):
            if path.name == cut:
                path.write_bytes(b"cut")
            else:
                path.unlink()

        result = gc(user.app)

        assert result.exit_code == 1
        assert [f"Missing: {checksum}" in result.output for checksum in (cut, gone)] == [True, True]

    def test_does_not_take_a_row_that_came_meanwhile(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The bytes had no row when it looked, and have one when it would remove them."""
        with app.app_context():
            store(ORPHAN)
        age(*stored(app))
        known = garbage._batches

        def meanwhile(checksums: list[str]) -> list[list[str]]:
            monkeypatch.setattr(garbage, "_batches", known)
            row = {"checksum": ORPHAN, "size": 20, "mime_type": "x"}
            with db.engine.begin() as other:
                other.execute(sa.insert(Blob).values(**row))
            return []

        monkeypatch.setattr(garbage, "_batches", meanwhile)

        assert "0 orphans" in gc(app).output
        assert len(stored(app)) == 1
