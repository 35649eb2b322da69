"""The sessions of PostgreSQL have their settings, whether they are ours alone or a pooler's."""

from collections.abc import Iterator
from unittest.mock import Mock

import gevent
import pytest
import sqlalchemy as sa
from flask import Flask
from psycopg2.extensions import set_wait_callback

from halolight import create_app
from halolight.config import Config
from halolight.core.db import connecting, sessions
from halolight.core.db.reads import PREPARE_AFTER, TIME_LIMIT
from halolight.extensions import db
from tests.conftest import SECRET
from tests.contract import statements
from tests.databases import new_database

SETTINGS = sa.select(
    sa.func.current_setting("TimeZone").label("zone"),
    sa.func.current_setting("statement_timeout").label("limit"),
    sa.func.now().label("now"),
)
LIMITED = SETTINGS.execution_options(**{TIME_LIMIT: 5})
PREPARED = sa.text("SELECT count(*) FROM pg_prepared_statements")
SLEEP = sa.select(sa.func.pg_sleep(sa.bindparam("seconds", type_=sa.Float)).label("slept"))
OURS, OWN = ("UTC", "30s"), ("Asia/Shanghai", "77s")


@pytest.fixture(scope="module")
def database(postgresql_server: str) -> Iterator[str]:
    """A database whose settings are not ours."""
    with new_database(postgresql_server) as url:
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        name = engine.url.database
        with engine.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET TimeZone = '{OWN[0]}'")
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET statement_timeout = '{OWN[1]}'")
        yield url


def application(url: str, prepare: bool | None = None) -> Flask:
    return create_app(
        Config(
            NODE_ENV="test",
            DATABASE_URL=url,
            JWT_SECRET=SECRET,
            LOG_LEVEL="ERROR",
            DB_PREPARE=prepare,
        )
    )


@pytest.fixture
def direct(database: str) -> Iterator[Flask]:
    app = application(database)
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def pooled(direct: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application whose server says another process id than it has, as a pooler does."""
    opening = sessions._OPEN.replace("pg_backend_pid()", "-1")
    monkeypatch.setattr(sessions, "_OPEN", opening)
    return direct


def asked_often(statement: sa.Select[str, str, object]) -> set[tuple[str, str]]:
    """The settings that reads find, prepared or not."""
    rows = [db.row(statement) for _ in range(PREPARE_AFTER + 2)]
    assert {row.now.tzname() for row in rows} == {"UTC"}
    return {(row.zone, row.limit) for row in rows}


def in_a_transaction() -> tuple[str, str]:
    row = db.session.execute(SETTINGS).one()
    assert row.now.tzname() == "UTC"
    db.session.rollback()
    return row.zone, row.limit


def left_in_the_session() -> tuple[tuple[str, str], int]:
    """The settings that another client of the session would find, and what is prepared there."""
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT current_setting('TimeZone'), current_setting('statement_timeout')")
        zone, limit = cursor.fetchone() or ("", "")
        cursor.execute(PREPARED.text)
        [prepared] = cursor.fetchone() or [0]
    finally:
        connection.close()
    return (zone, limit), prepared


@pytest.mark.usefixtures("direct")
def test_a_session_of_our_own_keeps_the_settings_and_prepares() -> None:
    assert asked_often(SETTINGS) == {OURS}
    assert asked_often(LIMITED) == {("UTC", "5s")}
    assert in_a_transaction() == OURS
    assert left_in_the_session() == (OURS, 1)  # both are the same SQL
    assert sessions.pool_mode(db.engine) is None


@pytest.mark.usefixtures("pooled")
def test_a_session_of_a_pooler_has_the_settings_and_keeps_nothing() -> None:
    assert asked_often(SETTINGS) == {OURS}
    assert asked_often(LIMITED) == {("UTC", "5s")}
    assert in_a_transaction() == OURS
    assert left_in_the_session() == (OWN, 0)


@pytest.mark.usefixtures("pooled")
def test_a_read_behind_a_pooler_takes_one_round_trip_as_well() -> None:
    db.row(LIMITED)
    with statements.round_trips() as trips:
        db.row(LIMITED)

    assert len(trips) == 1


@pytest.mark.parametrize("prepare", [True, False])
def test_the_setting_decides_whether_statements_are_prepared(database: str, prepare: bool) -> None:
    app = application(database, prepare)
    with app.app_context():
        asked_often(SETTINGS)
        _, prepared = left_in_the_session()
        db.engine.dispose()

    assert prepared == int(prepare)


@pytest.fixture
def ended_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    """The driver waits as it does in a server, but not as long: the calls that ended a wait."""
    monkeypatch.setattr(connecting, "ANSWER_TIMEOUT", 1)
    monkeypatch.setattr(connecting, "BETWEEN_LOOKS", 0.1)
    end_wait = Mock(wraps=connecting._end_wait)
    monkeypatch.setattr(connecting, "_end_wait", end_wait)
    set_wait_callback(connecting.wait)
    watch = gevent.spawn(connecting.end_waits)
    yield end_wait
    watch.kill()
    set_wait_callback(None)


@pytest.mark.usefixtures("direct")
def test_a_wait_for_an_answer_ends(ended_waits: Mock) -> None:
    with pytest.raises(sa.exc.OperationalError, match="not answered in time"):
        db.value(SLEEP, seconds=10)
    assert ended_waits.call_count == 1  # the statement is not tried again
    with pytest.raises(sa.exc.OperationalError, match="not answered in time"):
        db.session.execute(SLEEP, {"seconds": 10})
    db.session.rollback()

    assert db.value(SLEEP, seconds=0) is not None
    assert ended_waits.call_count == 2
