"""The example that walks the whole specification, against the real server on each database."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import pytest

from examples.walk import ENDPOINTS, mailed_token, walk
from tests.databases import new_database
from tests.server.running_server import RunningServer, Settings, flask, running_server

EMAIL, PASSWORD = "walk@example.com", "an administrator's password"


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    """A server in development, so that its mail is in its log, with one administrator."""
    with empty_database(request, tmp_path) as url:
        settings: Settings = {
            "NODE_ENV": "development",
            "DATABASE_URL": url,
            "STORAGE_URL": f"file:{tmp_path}/uploads",
            "JWT_SECRET": "for-tests-only-0123456789-abcdefghij",
            "WEB_CONCURRENCY": "2",
        }
        flask(settings, "db", "upgrade")
        flask(settings, "seed")
        flask(settings, "users", "create", EMAIL, "--role", "super_admin", "--password", PASSWORD)
        with running_server(settings) as server:
            yield server


def empty_database(request: pytest.FixtureRequest, folder: Path) -> AbstractContextManager[str]:
    """The address of a database without rows of other tests, such as their failed logins."""
    if request.param == "postgresql":
        return new_database(request.getfixturevalue("postgresql_server"))
    return nullcontext(f"sqlite:///{folder}/walk.db")


def test_every_endpoint_of_the_specification_works(server: RunningServer) -> None:
    find_token = partial(mailed_token, server.log)

    called = walk(f"http://127.0.0.1:{server.port}", EMAIL, PASSWORD, find_token)

    assert len(ENDPOINTS) == 42
    assert ENDPOINTS - called == set()
