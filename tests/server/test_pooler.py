"""The API behind PgBouncer, before a database whose own settings are not what the API needs."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.db.reads import TIME_LIMIT
from halolight.extensions import db
from tests.conftest import prepare
from tests.databases import new_database
from tests.factories import Factory
from tests.server.listener import Listener
from tests.server.load import at_once
from tests.server.neighbour import application_beside
from tests.server.pgbouncer import connect, pgbouncer
from tests.server.running_server import (
    Answer,
    RunningServer,
    Settings,
    eventually,
    flask,
    production,
    running_server,
)

CALLERS, TIMES = 40, 7
KEY = {"Idempotency-Key": "plan"}  # of the second document, which is the first again
AT_MOST = 10.0  # seconds until a request is answered, with much fewer connections than callers
TIME = re.compile(r'"\d{4}-\d\d-\d\dT\d\d:\d\d[^"]*"')
OWN = {"TimeZone": "Asia/Shanghai", "statement_timeout": "77s", "DateStyle": "SQL, DMY"}
SLEEP = sa.select(sa.func.pg_sleep(sa.bindparam("seconds", type_=sa.Float)).label("slept"))
MODES = ("session", "transaction")


@pytest.fixture(scope="module")
def database(postgresql_server: str) -> Iterator[str]:
    with new_database(postgresql_server) as url:
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for name, value in OWN.items():
                command = f"ALTER DATABASE {engine.url.database} SET {name} = '{value}'"
                connection.exec_driver_sql(command)
        yield url


@pytest.fixture(scope="module")
def settings(database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of a server; the database is migrated and seeded through PgBouncer, too."""
    given = production(database, tmp_path_factory.mktemp("uploads"))
    with pgbouncer(database, pool_mode="transaction") as url:
        flask({**given, "DATABASE_URL": url}, "db", "upgrade")
        flask({**given, "DATABASE_URL": url}, "seed")
    return given


@pytest.fixture(scope="module")
def application(settings: Settings) -> Flask:
    return application_beside(settings)


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    mode: str = request.param
    return mode


@pytest.fixture
def pooler(mode: str, database: str) -> Iterator[str]:
    """The address of a PgBouncer with its own defaults, such as 20 connections to PostgreSQL."""
    with pgbouncer(database, pool_mode=mode) as url:
        yield url


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application beside the servers, connected to PostgreSQL itself."""
    prepare(application)
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def behind(settings: Settings, pooler: str) -> Iterator[Flask]:
    """The application behind PgBouncer, in the process of the tests."""
    app = application_beside({**settings, "DATABASE_URL": pooler})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def visits(server: RunningServer, make: Factory) -> list[list[Answer]]:
    """The answers to many callers, who begin together and ask for several things each."""
    tokens = [make.client("admin").token for _ in range(CALLERS)]

    def visit(token: str | None) -> list[Answer]:
        document = {"title": "Plan", "content": "Monday"}
        return [
            server.get("/api/users/me", token=token),
            server.post("/api/documents", json=document, token=token, headers=KEY),
            server.post("/api/documents", json=document, token=token, headers=KEY),
            server.get("/api/documents?search=plan", token=token),
            server.get("/api/dashboard/stats", token=token),
            server.post("/api/calendar/events", json=EVENT, token=token),
            server.get("/api/audit", token=token),
        ]

    return at_once([partial(visit, token) for token in tokens])


EVENT = {"title": "Plan", "start": "2026-05-01T09:00:00Z", "end": "2026-05-01T10:00:00Z"}


def test_many_callers_are_served(settings: Settings, mode: str, pooler: str, make: Factory) -> None:
    """In session mode with the settings of docs/operations.md, else with the defaults."""
    own = {"DB_POOL_SIZE": "9", "DB_MAX_OVERFLOW": "0"} if mode == "session" else {}
    with running_server({**settings, **own, "DATABASE_URL": pooler}) as server:
        answers = [answer for visit in visits(server, make) for answer in visit]

    statuses = Counter(answer.status for answer in answers)
    assert statuses.total() == CALLERS * TIMES
    assert set(statuses) == {200, 201}, statuses
    times = [time for answer in answers for time in TIME.findall(answer.body.decode())]
    assert len(times) > CALLERS * TIMES
    assert {time[-2:] for time in times} == {'Z"'}
    assert all(answers[n].body == answers[n + 1].body for n in range(1, len(answers), TIMES))


@pytest.mark.parametrize("mode", ["session"], indirect=True)
def test_nobody_hangs_when_the_pooler_has_fewer_sessions_than_the_workers_want(
    settings: Settings, pooler: str, make: Factory
) -> None:
    token = make.client().token
    with running_server({**settings, "WEB_CONCURRENCY": "4", "DATABASE_URL": pooler}) as server:

        def read() -> tuple[Answer, float]:
            began = time.monotonic()
            answer = server.get("/api/documents", token=token)
            return answer, time.monotonic() - began

        answers = at_once([read] * CALLERS)

    assert {answer.status for answer, _ in answers} <= {200, 429, 503}
    assert all(answer.headers["Retry-After"] for answer, _ in answers if answer.status == 503)
    assert max(took for _, took in answers) < AT_MOST


@pytest.mark.parametrize("mode", MODES)
def test_a_login_that_is_accepted_and_not_served_is_503(
    settings: Settings, database: str, mode: str
) -> None:
    one_worker = {**settings, "WEB_CONCURRENCY": "1"}
    login = {"email": "nobody@example.com", "password": "not the password"}
    with pgbouncer(database, pool_mode=mode, default_pool_size=1) as url:
        holder = connect(url)
        holder.cursor().execute("SELECT 1")  # begins a transaction
        with running_server({**one_worker, "DATABASE_URL": url}) as server:
            began = time.monotonic()

            ready = server.get("/health/ready")
            answer = server.post("/api/auth/login", json=login)

            assert time.monotonic() - began < AT_MOST
            assert (ready.status, answer.status) == (503, 503)
            assert int(answer.headers["Retry-After"]) > 0
            holder.close()
            assert eventually(lambda: server.get("/health/ready").status == 200)


@pytest.mark.parametrize("mode", ["transaction"])
def test_a_statement_that_the_pooler_does_not_pass_on_is_503(
    settings: Settings, database: str, make: Factory, mode: str
) -> None:
    """It takes the time limit of an answer, more than half a minute."""
    token = make.client().token
    with (
        pgbouncer(database, pool_mode=mode, default_pool_size=1) as url,
        running_server({**settings, "DATABASE_URL": url, "WEB_CONCURRENCY": "1"}) as server,
    ):
        known = server.get("/api/users/me", token=token)
        holder = connect(url)
        holder.cursor().execute("SELECT 1")  # begins a transaction
        answer = server.get("/api/users/me", token=token)
        holder.close()
        after = server.get("/api/users/me", token=token)

    assert [known.status, answer.status, after.status] == [200, 503, 200]
    assert int(answer.headers["Retry-After"]) > 0


def test_time_limits_hold_and_are_not_left_to_others(behind: Flask, pooler: str) -> None:
    limited = SLEEP.execution_options(**{TIME_LIMIT: 1})
    for seconds in (0, 0, 0, 0, 0, 10):
        if seconds:
            with pytest.raises(sa.exc.OperationalError, match="statement timeout"):
                db.value(limited, seconds=seconds)
        else:
            db.value(limited, seconds=seconds)
    db.value(SLEEP, seconds=1.1)
    db.session.execute(sa.text("SET LOCAL statement_timeout = '1s'"))
    with pytest.raises(sa.exc.OperationalError, match="statement timeout"):
        db.session.execute(SLEEP, {"seconds": 10})
    db.session.rollback()
    assert db.session.scalar(sa.text("SHOW statement_timeout")) == "30s"
    db.session.rollback()
    db.engine.dispose()

    other = connect(pooler)
    with other.cursor() as cursor:
        for name in ("TimeZone", "statement_timeout"):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (OWN[name],)
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
    other.close()


def test_doctor_says_what_kind_of_pooler_there_is(
    behind: Flask, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doctor() -> str:
        return behind.test_cli_runner().invoke(args=["doctor"]).output

    assert f"ok  connection pooler ({mode} mode; PostgreSQL allows " in doctor()
    assert ("set DB_MAX_OVERFLOW=0" in doctor()) == (mode == "session")

    monkeypatch.setitem(behind.config, "DB_PREPARE", True)
    monkeypatch.setitem(behind.config, "DB_MAX_OVERFLOW", 0)
    assert ("remove DB_PREPARE=true" in doctor()) == (mode == "transaction")
    assert "set DB_MAX_OVERFLOW=0" not in doctor()


@pytest.mark.parametrize("mode", ["transaction"])
def test_live_events_need_no_session_to_listen_with(
    settings: Settings, pooler: str, make: Factory, mode: str
) -> None:
    admin, user = make.client("admin"), make.client()
    body = {"title": "Hi", "userIds": [user.user_id]}
    with (
        running_server({**settings, "DATABASE_URL": pooler}) as server,
        Listener(server, user.token) as listener,
    ):
        assert listener.wait_for("unread")
        server.post("/api/notifications", json=body, token=admin.token)
        assert listener.wait_for("notification", within=2.0)
