"""One database for all servers that the tests start, emptied before each test."""

import secrets
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.database import Model
from halolight.extensions import db
from halolight.modules.roles.seed import seed_roles
from tests.server.neighbour import application_beside
from tests.server.running_server import (
    RunningServer,
    Settings,
    flask,
    production,
    running_server,
)


@pytest.fixture(scope="session")
def database(postgresql_url: str) -> Iterator[str]:
    """The address of a database that goes at the end."""
    name = f"halolight_servers_{secrets.token_hex(4)}"
    engine = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(postgresql_url).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(scope="session")
def settings(database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of a production server with two workers, on a database that is ready for it."""
    given = production(database, tmp_path_factory.mktemp("uploads"))
    flask(given, "db", "upgrade")
    flask(given, "seed")
    return given


@pytest.fixture(scope="session")
def four_workers(settings: Settings) -> Iterator[RunningServer]:
    with running_server({**settings, "WEB_CONCURRENCY": "4"}) as server:
        yield server


@pytest.fixture(scope="session")
def application(settings: Settings) -> Flask:
    return application_beside(settings)


@pytest.fixture
def app(application: Flask) -> Flask:
    """The database with the system roles and nothing else; `make` and its users build on it."""
    with application.app_context():
        for table in reversed(Model.metadata.sorted_tables):
            db.session.execute(table.delete())
        seed_roles()
        db.session.commit()
    return application
