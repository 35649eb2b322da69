"""The migrations: there and back on an empty database, and by three deployments at once."""

import datetime as dt
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa

from halolight.core.db.base import Model, UTCDateTime
from halolight.core.db.counts import row_count
from halolight.core.search.index import is_index_of_sqlite
from halolight.core.search.matching import NAMED, NAMED_OR_WRITTEN, Matches, params
from halolight.core.text import fold
from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.calendar.models import Event, EventOccurrence
from halolight.modules.documents.models import Document
from halolight.modules.orders.seed import seed_demo as seed_orders
from halolight.modules.products.seed import seed_demo as seed_products
from halolight.modules.roles.seed import seed_roles

from .contract.operations import SECRET, application, furnish
from .core.recount import assert_exact, kept_sales
from .databases import new_database
from .factories import Factory

RUNS = 2  # of a command at the same time; each takes seconds to load


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
    else:
        with new_database(request.getfixturevalue("postgresql_server")) as url:
            yield url


def tables() -> set[str]:
    names = sa.inspect(db.engine).get_table_names()
    return {name for name in names if not is_index_of_sqlite(name)}


def test_lead_to_the_models_and_back_and_there_again(empty_database: str) -> None:
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.upgrade()
        assert tables() == {*Model.metadata.tables, "alembic_version"}
        flask_migrate.check()  # ends the process where the models differ

        flask_migrate.downgrade(revision="base")
        assert tables() == {"alembic_version"}

        flask_migrate.upgrade()
        flask_migrate.check()


def flask_at_once(database: str, project: Path, *command: str) -> list[str]:
    """The output of several runs of a `flask` command that start together; all of them succeed."""
    settings = {"DATABASE_URL": database, "JWT_SECRET": SECRET, "NODE_ENV": "test"}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "flask", *command],
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
    return outputs


@pytest.mark.slow
def test_run_once_by_however_many_deployments(empty_database: str, project: Path) -> None:
    outputs = flask_at_once(empty_database, project, "db", "upgrade")

    assert sum("Running upgrade  -> " in output for output in outputs) == 1
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.check()


BEFORE_AUTOINCREMENT, AUTOINCREMENT = "4c783753e071", "c1d4f0a93b57"
FORGOTTEN = {"sessions", "login_attempts", "alembic_version", "sqlite_sequence"}


def rows() -> dict[str, list[str]]:
    """Every row of every table, but of those whose rows the step forgets."""
    names = sorted(tables() - FORGOTTEN)
    with db.engine.connect() as connection:
        return {
            name: [str(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))]
            for name in names
        }


def objects() -> set[tuple[str, str]]:
    """The indexes and triggers of a SQLite database."""
    with db.engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')")
        )
        return {(row.tbl_name, row.sql) for row in found if row.sql}


def test_keep_every_row_of_the_tables_that_sqlite_makes_anew(tmp_path: Path) -> None:
    with application(DATABASE_URL=f"sqlite:///{tmp_path}/old.db") as app:
        with app.app_context():
            flask_migrate.upgrade()
            seed_roles()
            db.session.commit()
        furnish(Factory(app, "-"))
        with app.app_context():
            flask_migrate.downgrade(revision=BEFORE_AUTOINCREMENT)
            db.session.add(AuditEntry(actor_id=4711, action="users.delete", target_type="users"))
            db.session.commit()
            before, made = rows(), objects()

            flask_migrate.upgrade(revision=AUTOINCREMENT)

            assert rows() == before
            assert all(before[name] for name in ("documents", "files", "messages", "row_counts"))
            assert objects() == made
            flask_migrate.upgrade()
        later = Factory(app, "-").user(email="later@example.com", username="later")
        assert later.id > 4711


BEFORE_DATES, DATES = "d7e2a84c1f60", "d70f5a1c8e24"
# All-day events as they were stored, and the days that they meant.
MEANT = {
    ("2026-05-11 00:00", "2026-05-12 00:00"): ("2026-05-11", "2026-05-11"),
    ("2026-05-11 00:00", "2026-05-14 00:00"): ("2026-05-11", "2026-05-13"),
    ("2026-05-11 00:00", "2026-05-11 00:00"): ("2026-05-11", "2026-05-11"),
    ("2026-05-11 00:00", "2026-05-11 23:59:59.999"): ("2026-05-11", "2026-05-11"),
    ("2026-05-11 09:00", "2026-05-12 09:00"): ("2026-05-11", "2026-05-11"),  # the default end
    ("2026-05-11 09:00", "2026-05-13 08:00"): ("2026-05-11", "2026-05-13"),
    ("2026-12-31 22:00", "2027-01-01 00:00"): ("2026-12-31", "2026-12-31"),
}
MOMENTS = ("start_at", "end_at", "created_at", "updated_at")
EVENTS = sa.table(
    "events",
    *(sa.column(name) for name in ("id", "title", "title_key", "type", "all_day", "version")),
    *(sa.column(name, UTCDateTime) for name in MOMENTS),
)
REMINDERS = sa.table(
    "event_reminders",
    *(sa.column(name) for name in ("event_id", "minutes")),
    *(sa.column(name, UTCDateTime) for name in ("due_at", "sent_at")),
)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+00:00" if ":" in text else f"{text} 00:00+00:00")


def add_event(connection: sa.Connection, **values: Any) -> None:
    """An event with a reminder to come and one that was sent."""
    start = values["start_at"]
    named = {"title": "Old", "title_key": "old", "type": "meeting", "version": 1}
    event = named | dict.fromkeys(MOMENTS, start)
    added = sa.insert(EVENTS).values(event | values).returning(EVENTS.c.id)
    event_id = connection.scalar(added)
    for minutes, sent_at in ((30, None), (60, start)):
        due_at = start - dt.timedelta(minutes=minutes)
        reminder = {"event_id": event_id, "minutes": minutes, "due_at": due_at, "sent_at": sent_at}
        connection.execute(sa.insert(REMINDERS).values(reminder))


def times_of_events() -> list[tuple[dt.datetime, ...]]:
    """The start and end of each event, and when the reminder is due that is still to come."""
    to_come = (REMINDERS.c.event_id == EVENTS.c.id) & REMINDERS.c.sent_at.is_(None)
    columns = (EVENTS.c.start_at, EVENTS.c.end_at, REMINDERS.c.due_at)
    statement = sa.select(*columns).where(to_come).order_by(EVENTS.c.id)
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def test_give_all_day_events_the_days_that_they_meant(empty_database: str) -> None:
    half_an_hour, day = dt.timedelta(minutes=30), dt.timedelta(days=1)
    stored = [(utc(start), utc(end)) for start, end in MEANT]
    timed = [(start, end, start - half_an_hour) for start, end in stored]
    days = [(utc(first), utc(last)) for first, last in MEANT.values()]
    dated = [(first, last, first - half_an_hour) for first, last in days]
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.upgrade(revision=BEFORE_DATES)
        with db.engine.begin() as connection:
            for all_day in (True, False):
                for start, end in stored:
                    add_event(connection, start_at=start, end_at=end, all_day=all_day)

        flask_migrate.upgrade(revision=DATES)
        assert times_of_events() == dated + timed

        flask_migrate.downgrade(revision=BEFORE_DATES)
        assert times_of_events() == [(first, last + day, due) for first, last, due in dated] + timed
        flask_migrate.upgrade(revision=DATES)
        assert times_of_events() == dated + timed


BEFORE_FOLDING, FOLDED = "a3f5fb1a69bf", "d7e2a84c1f60"
DECOMPOSED = "e\u0301"

# Written by an earlier version, which folded letters as each database does.
WRITTEN_BEFORE = """
INSERT INTO roles (name, label, system, permissions, created_at, updated_at)
VALUES ('user', 'User', true, '[]', NOW, NOW);
INSERT INTO users (id, email, username, name, hashed_password, role, status, created_at, updated_at)
VALUES (1, 'ada@xn--mnchen-3ya.de', 'ada', 'Ärger', '!', 'user', 'ACTIVE', NOW, NOW),
       (2, 'ada@exam\u00adple.com', 'bob', 'Bob', '!', 'user', 'ACTIVE', NOW, NOW),
       (3, 'ada@münchen.de', 'eve', 'ΕΥΑΣ', '!', 'user', 'ACTIVE', NOW, NOW);
INSERT INTO documents (id, title, content, type, size, folder, folder_key, views, version,
                       author_id, created_at, updated_at)
VALUES (1, 'Plain', 'Plain TEXT', 'note', 1, 'Résumé', 'résumé', 0, 1, 1, NOW, NOW),
       (2, 'İzmir', 'ΟΔΟΣ, text', 'Mémo', 1, NULL, NULL, 0, 1, 1, NOW, NOW);
INSERT INTO document_tags (document_id, key, name)
VALUES (1, 'e\u0301', 'e\u0301'), (1, '\xe9', '\xe9'),
       (2, 'e', 'E'), (2, '\xe9', '\xe9'), (2, 'x', 'x');
INSERT INTO files (id, name, path, type, size, owner_id, folder_id, created_at, updated_at)
VALUES (1, 'Plans', '/Plans', 'folder', 0, 1, NULL, NOW, NOW),
       (2, 'plans', '/plans', 'folder', 0, 1, NULL, NOW, NOW),
       (3, 'A.txt', '/plans/A.txt', 'other', 0, 1, 2, NOW, NOW),
       (4, 'a.txt', '/plans/a.txt', 'other', 0, 1, 2, NOW, NOW),
       (5, 'A.txt', '/Plans/A.txt', 'other', 0, 1, 1, NOW, NOW),
       (6, 'plans (1)', '/plans (1)', 'folder', 0, 1, NULL, NOW, NOW),
       (7, 'Plans', '/Plans', 'folder', 0, 2, NULL, NOW, NOW),
       (8, 'Été', '/Été', 'folder', 0, NULL, NULL, NOW, NOW),
       (9, 'été', '/été', 'folder', 0, NULL, NULL, NOW, NOW);
""".replace("NOW", "'2026-01-01'")
NUMBERED = [
    "/Plans",
    "/plans (2)",
    "/plans (2)/A.txt",
    "/plans (2)/a (1).txt",
    "/Plans/A.txt",
    "/plans (1)",
    "/Plans",
    "/Été",
    "/été",
]


def read(sql: str) -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(sql))]


def test_fold_the_texts_that_were_there(empty_database: str) -> None:
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.upgrade(revision=BEFORE_FOLDING)
        with db.engine.begin() as connection:
            for statement in WRITTEN_BEFORE.split(";\n"):
                connection.exec_driver_sql(statement) if statement.strip() else None

        for _ in range(2):  # there, back, and there again
            flask_migrate.upgrade(revision=FOLDED)
            assert read("SELECT email, email_key, name_key FROM users ORDER BY id") == [
                ("ada@xn--mnchen-3ya.de", "ada@xn--mnchen-3ya.de", "arger"),  # somebody has it
                ("ada@example.com", "ada@example.com", "bob"),
                ("ada@münchen.de", "ada@munchen.de", "ευασ"),
            ]
            texts = "title_key, content_key, type_key, folder_key"
            assert read(f"SELECT {texts} FROM documents ORDER BY id") == [
                ("plain", None, "note", "resume"),
                ("izmir", "οδοσ, text", "memo", None),
            ]
            assert read("SELECT document_id, key, name FROM document_tags ORDER BY 1, 2") == [
                (1, "e", DECOMPOSED),
                (2, "e", "E"),
                (2, "x", "x"),
            ]
            paths = read("SELECT path, path_key, name, name_key FROM files ORDER BY id")
            assert [path for path, *_ in paths] == NUMBERED
            for path, path_key, name, name_key in paths:
                assert (path_key, name_key) == (fold(str(path)), fold(str(name)))
                assert str(path).endswith(f"/{name}")
            assert_counted()
            flask_migrate.downgrade(revision=BEFORE_FOLDING)
        assert [path for (path,) in read("SELECT path FROM files ORDER BY id")] == NUMBERED


def assert_counted() -> None:
    """The triggers are there, also where SQLite has made a table anew."""
    for table in ("users", "documents", "files"):
        counted = read(f"SELECT sum(n) FROM row_counts WHERE table_name = '{table}'")
        assert counted == read(f"SELECT count(*) FROM {table}")


def test_stop_when_a_row_refers_to_one_that_is_missing(tmp_path: Path) -> None:
    with application(DATABASE_URL=f"sqlite:///{tmp_path}/old.db") as app, app.app_context():
        flask_migrate.upgrade(revision=BEFORE_AUTOINCREMENT)
        broken = sqlite3.connect(f"{tmp_path}/old.db")
        broken.execute("INSERT INTO team_members VALUES (1, 1, 'owner', '2026-11-26')")
        broken.commit()
        broken.close()

        with pytest.raises(SystemExit):
            flask_migrate.upgrade()

        version = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
        assert version == BEFORE_AUTOINCREMENT


@pytest.mark.slow
def test_a_new_database_is_seeded_once_by_however_many(empty_database: str, project: Path) -> None:
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.upgrade()

    outputs = flask_at_once(empty_database, project, "seed")

    assert sum("Roles added: 0" in output for output in outputs) == RUNS - 1


BEFORE_STORAGE_KEYS, STORAGE_KEYS = "5f8e2a7c1d94", "d7e2b8c41f06"


def test_find_what_is_stored_under_its_checksum(empty_database: str) -> None:
    columns = "checksum, size, mime_type, has_thumbnail, created_at"
    blobs = sa.text(f"SELECT {columns} FROM blobs ORDER BY checksum")
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.upgrade(revision=BEFORE_STORAGE_KEYS)
        with db.engine.begin() as connection:
            for checksum in ("a" * 64, "b" * 64):
                row = f"'{checksum}', 5, 'text/plain', false, '2026-11-26'"
                connection.execute(sa.text(f"INSERT INTO blobs ({columns}) VALUES ({row})"))
            before = connection.execute(blobs).all()

        for _ in range(2):
            flask_migrate.upgrade(revision=STORAGE_KEYS)
            with db.engine.connect() as connection:
                keys = connection.execute(sa.text("SELECT checksum, storage_key FROM blobs")).all()
                assert {checksum == key for checksum, key in keys} == {True}
                assert connection.execute(blobs).all() == before
            flask_migrate.downgrade(revision=BEFORE_STORAGE_KEYS)


BEFORE_SERIES = "e4a91c6d0b37"


def test_leave_the_events_of_a_series(empty_database: str) -> None:
    """Down and up again: its first occurrence, and those that were changed."""
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.upgrade()
        start = dt.datetime(2030, 5, 6, 9, tzinfo=dt.UTC)
        times = {"start": start, "end": start + dt.timedelta(hours=1)}
        rule = {"rule": "FREQ=DAILY", "exdates": [], "rdates": []}
        series = Event(title="Daily", **times, recurrence=rule, rule="FREQ=DAILY", repeats=True)
        db.session.add(series)
        db.session.flush()
        db.session.add(EventOccurrence(event_id=series.id, **times, all_day=False))
        changed = {"title": "Changed", "series_id": series.id, "recurrence_id": start}
        db.session.add(Event(**changed, **times))
        db.session.commit()
        db.session.remove()

        flask_migrate.downgrade(revision=BEFORE_SERIES)
        with db.engine.connect() as connection:
            titles = connection.execute(sa.text("SELECT title FROM events ORDER BY id")).scalars()
            assert list(titles) == ["Daily", "Changed"]
        flask_migrate.upgrade()

        columns = (Event.title, Event.recurrence, Event.repeats, Event.series_id)
        kept = db.session.execute(sa.select(*columns).order_by(Event.id)).all()
        assert [tuple(row) for row in kept] == [
            ("Daily", None, False, None),
            ("Changed", None, False, None),
        ]
        assert db.session.scalar(row_count(Event)) == 2
        db.session.remove()
        flask_migrate.check()


BEFORE_GROUPS = "b81d6f20c9a4"


@pytest.mark.slow
def test_count_what_is_there(empty_database: str) -> None:
    """Values, pieces and sales of rows that older versions have made and changed."""
    with application(DATABASE_URL=empty_database) as app:
        with app.app_context():
            flask_migrate.upgrade()
            seed_roles()
            seed_products(Random("demo"))
            seed_orders(Random("demo"))
            db.session.commit()
        furnish(Factory(app, "-"))
        with app.app_context():
            sales = sales_per_day()
            flask_migrate.downgrade(revision=BEFORE_GROUPS)
            assert sales_per_day() == sales
            db.session.execute(sa.text("UPDATE orders SET status = 'paid' WHERE id % 2 = 0"))
            db.session.execute(sa.text("DELETE FROM orders WHERE id % 5 = 0"))
            db.session.commit()
            sales = sales_per_day()

            flask_migrate.upgrade()

            assert_exact()
            assert sales_per_day() == sales
            assert len(kept_sales()) > 3


def sales_per_day() -> list[Any]:
    sums = ", ".join(f"sum({name})" for name in ("orders", "sold", "revenue", "profit"))
    statement = f"SELECT date, {sums} FROM daily_sales GROUP BY date HAVING sum(orders) <> 0"
    return sorted(map(str, read(f"{statement} ORDER BY date")))


BEFORE_SEARCH, SEARCH = "b81d6f20c9a4", "f3c8a61d2e95"


def found_documents(text: str) -> list[int]:
    """The ids of the documents that the index has for a search."""
    match = sa.select(Document.id).where(Matches(Document, NAMED_OR_WRITTEN)).order_by(Document.id)
    named = sa.select(Document.id).where(Matches(Document, NAMED))
    with db.engine.connect() as connection:
        searched = params(text)
        ids = {*connection.scalars(match, searched), *connection.scalars(named, searched)}
    return sorted(ids)


def test_index_the_texts_that_were_there(empty_database: str) -> None:
    document = """INSERT INTO documents (id, title, title_key, content, type, type_key, size, views,
                                         version, created_at, updated_at)
                  VALUES (:id, :title, '', :content, 'a', 'a', 1, 0, 1,
                          '2026-01-01', '2026-01-01')"""
    texts = [(number, f"Plan {number}", f"The word{number}") for number in range(1, 251)]
    texts += [(251, "季度报告", "İzmir"), (252, "!", "")]
    rows = [dict(zip(("id", "title", "content"), each, strict=True)) for each in texts]
    with application(DATABASE_URL=empty_database) as app, app.app_context():
        flask_migrate.upgrade(revision=BEFORE_SEARCH)
        with db.engine.begin() as connection:
            connection.execute(sa.text(document), rows)

        for _ in range(2):  # there, back, and there again
            flask_migrate.upgrade(revision=SEARCH)
            assert len(found_documents("plan the")) == 250
            assert found_documents("word250") == [250]
            assert found_documents("度报 izmir") == [251]
            with db.engine.begin() as connection:
                connection.execute(sa.text("DELETE FROM documents WHERE id = 250"))
            assert found_documents("word250") == []
            with db.engine.begin() as connection:
                connection.execute(sa.text(document), [rows[249]])
            flask_migrate.downgrade(revision=BEFORE_SEARCH)
