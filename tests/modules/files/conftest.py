"""Fixtures for the tests of files."""

import shutil

import pytest
from flask import Flask

from halolight.core.storage import disk


@pytest.fixture(autouse=True)
def _empty_storage(app: Flask) -> None:
    """Each test begins with a storage in which nothing lies."""
    with app.app_context():
        shutil.rmtree(disk.folder(), ignore_errors=True)
