import datetime as dt

import pytest
from click.testing import Result
from flask import Flask

from halolight.core.storage import stores
from halolight.core.storage.protocol import Incoming
from halolight.extensions import db
from halolight.modules.files.content import garbage
from halolight.modules.files.models import Blob
from tests.api_client import ApiClient

from .rows import store
from .steps import delete_files, key_of, picture, put, stored, upload

ORPHAN = "ab" * 32


def gc(app: Flask, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["files", "gc", *options])


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all that lies there be older than what may still be uploaded."""
    monkeypatch.setattr(garbage, "GRACE", dt.timedelta(minutes=-1))


def begun(app: Flask) -> Incoming:
    """An upload of which all but the end has come: on S3 two parts of three."""
    with app.app_context():
        incoming = stores.current().receive()
        for _ in range(5):
            incoming.write(bytes(4 * 1024**2))
        return incoming


class TestGc:
    def test_finds_nothing_where_all_is_well(self, user: ApiClient, long_ago: None) -> None:
        upload(user, picture())

        result = gc(user.app)

        assert result.exit_code == 0
        assert result.output == "Removed 0 unused blobs, 0 orphans and 0 stale uploads\n"
        assert len(stored(user.app)) == 2

    def test_only_looks_in_a_dry_run(self, user: ApiClient, long_ago: None) -> None:
        delete_files(user.app, upload(user, b"gone", "a")["id"])
        with user.app.app_context():
            store(ORPHAN)
        incoming = begun(user.app)
        files = stored(user.app)

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

        assert stored(user.app) == [key_of(user.app, kept)]

    def test_removes_bytes_without_a_row(self, app: Flask, long_ago: None) -> None:
        with app.app_context():
            store(ORPHAN)
            store(f"{ORPHAN}.webp")

        assert "1 orphans" in gc(app).output

        assert stored(app) == []
        with app.app_context():
            assert db.session.query(Blob).count() == 0

    def test_removes_what_is_left_of_uploads(self, app: Flask, long_ago: None) -> None:
        incoming = begun(app)
        assert len(stored(app)) == 1

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
        assert stored(app) == [ORPHAN]

    def test_tells_of_files_that_lack_their_bytes(self, user: ApiClient) -> None:
        cut, gone = upload(user, b"cut off", "a"), upload(user, b"gone", "b")
        put(user.app, key_of(user.app, cut), b"cut")
        with user.app.app_context():
            stores.current().delete(key_of(user.app, gone))

        result = gc(user.app)

        assert result.exit_code == 1
        for file in (cut, gone):
            assert f"Missing: {file['checksum']}" in result.output

    def test_does_not_miss_what_comes_while_it_looks(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        find = garbage._orphans

        def meanwhile(old: set[str]) -> list[str]:
            upload(user)
            return find(old)

        monkeypatch.setattr(garbage, "_orphans", meanwhile)

        assert gc(user.app).exit_code == 0
