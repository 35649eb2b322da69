"""The databases that tests run on: made once and restored, each worker with its own."""

import fcntl
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask_migrate import upgrade

from halolight import create_app
from halolight.config import Config
from halolight.core.database import Model
from halolight.extensions import db
from halolight.parsers import database_url
from tests.postgresql import stop_with, without_warning

SECRET = "for-tests-only-0123456789-abcdefghij"
KEPT_BY_TRIGGERS = "row_counts"
TEMPLATE = "halolight_template"
# What makes a PostgreSQL faster that need not survive a crash of the machine.
QUICK = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
"""

# For tests of what does not depend on the database, or exists on one of them only.
ON_SQLITE = pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)


def run_folder() -> Path:
    """A folder that all workers of this run share; it is removed with the test run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
    folder = Path(tempfile.gettempdir(), f"halolight-tests-{run}")
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


def run_process() -> int:
    """The process that lives as long as the test run: pytest itself, of which xdist's workers
    are children.
    """
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


@contextmanager
def one_worker_at_a_time(folder: Path) -> Iterator[None]:
    with Path(folder, "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrate(url: str) -> None:
    config = Config(NODE_ENV="test", DATABASE_URL=url, JWT_SECRET=SECRET, LOG_LEVEL="ERROR")
    app = create_app(config)
    with app.app_context():
        upgrade()
        db.engine.dispose()
