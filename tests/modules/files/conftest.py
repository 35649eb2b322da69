"""Fixtures for the tests of files."""

import shutil

import pytest
from flask import Flask

from halolight.core.storage import stores


@pytest.fixture(autouse=True)
def _empty_storage(
    app: Flask, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each test begins with an empty storage: with SQLite a folder, with PostgreSQL a bucket.

    The storage and the database know nothing of each other: two combinations are enough.
    """
    if app.config["DATABASE_URL"].startswith("sqlite"):
        with app.app_context():
            shutil.rmtree(stores.local_folder(), ignore_errors=True)
        return
    from tests.s3_server import with_new_prefix

    url = with_new_prefix(request.getfixturevalue("s3_url"))
    monkeypatch.setitem(app.config, "STORAGE_URL", url)
