"""The migrations: there and back on an empty database, and by three deployments at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import flask_migrate
import pytest
import sqlalchemy as sa

from halolight.core.database import Model
from halolight.extensions import db

from .contract.operations import SECRET, application

RUNS = 3


@contextmanager
def new_postgresql_database(url: str) -> Iterator[str]:
    name = f"migrations_{uuid4().hex}"
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield sa.make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
    else:
        with new_postgresql_database(request.getfixturevalue("postgresql_url")) as url:
            yield url


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names())


def test_lead_to_the_models_and_back_and_there_again(empty_database: str) -> None:
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.upgrade()
        assert tables() == {*Model.metadata.tables, "alembic_version"}
        flask_migrate.check()  # ends the process where the models differ

        flask_migrate.downgrade(revision="base")
        assert tables() == {"alembic_version"}

        flask_migrate.upgrade()
        flask_migrate.check()


def test_run_once_by_however_many_deployments(empty_database: str, project: Path) -> None:
    settings = {"DATABASE_URL": empty_database, "JWT_SECRET": SECRET, "NODE_ENV": "test"}
    command = [sys.executable, "-m", "flask", "db", "upgrade"]

    started = [
        subprocess.Popen(
            command,
            cwd=project,
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(RUNS)
    ]
    outputs = [process.communicate(timeout=60)[0] for process in started]

    assert [process.returncode for process in started] == [0] * RUNS, outputs
    assert sum("Running upgrade  -> " in output for output in outputs) == 1
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.check()
