"""One database for all servers that the tests start, emptied before each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import prepare
from tests.databases import new_database
from tests.server.neighbour import application_beside
from tests.server.running_server import (
    RunningServer,
    Settings,
    flask,
    production,
    running_server,
)

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Servers take their time, so the tests of this folder are slow, but for the smoke test."""
    for item in items:
        if item.path.is_relative_to(HERE) and not item.get_closest_marker("smoke"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def database(postgresql_server: str) -> Iterator[str]:
    """The address of a database for the servers alone."""
    with new_database(postgresql_server) as url:
        yield url


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
    prepare(application)
    return application
