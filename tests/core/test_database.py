import datetime as dt
from collections.abc import Iterator

import gevent
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import ManagesConnection

from halolight.core.clock import utcnow
from halolight.core.db.base import Identified, Lines, UTCDateTime
from halolight.core.db.reads import Plan
from halolight.extensions import db

MOMENT = dt.datetime(2026, 5, 1, 12, 30, 15, 250_001, dt.UTC)
TOKYO = dt.timezone(dt.timedelta(hours=9))


class Base(DeclarativeBase):
    """Tables of these tests alone, which the application does not know."""

    type_annotation_map = {dt.datetime: UTCDateTime}


class Note(Identified, Base):
    __tablename__ = "test_notes"

    text: Mapped[str] = mapped_column(sa.Text, default="")
    moment: Mapped[dt.datetime | None]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("test_notes.id"))


MOMENT_OF = sa.select(Note.moment).where(Note.id == sa.bindparam("id"))
BACKEND = sa.select(sa.func.pg_backend_pid())
TEXTS = sa.select(Note.text, Note.id).order_by(Note.id)


@pytest.fixture
def table(app: Flask) -> Iterator[None]:
    """An app context with the table of notes, empty."""
    with app.app_context():
        Base.metadata.create_all(db.engine)
        yield
        db.session.remove()
        Base.metadata.drop_all(db.engine)


def add(**values: object) -> int:
    note = Note(**values)
    db.session.add(note)
    db.session.commit()
    return note.id


@pytest.mark.usefixtures("table")
class TestUTCDateTime:
    @pytest.mark.parametrize("moment", [MOMENT, MOMENT.astimezone(TOKYO)])
    def test_comes_back_as_the_same_time_in_utc(self, moment: dt.datetime) -> None:
        note_id = add(moment=moment)

        read = db.value(MOMENT_OF, id=note_id)

        assert read == MOMENT
        assert read.tzinfo is dt.UTC or read.utcoffset() == dt.timedelta(0)

    def test_comes_back_through_the_session_as_well(self) -> None:
        note_id = add(moment=MOMENT.astimezone(TOKYO))
        db.session.expunge_all()

        read = db.session.get_one(Note, note_id).moment

        assert read == MOMENT
        assert read is not None
        assert read.utcoffset() == dt.timedelta(0)

    def test_comes_back_as_none(self) -> None:
        note_id = add(moment=None)

        assert db.value(MOMENT_OF, id=note_id) is None

    def test_is_compared_in_time_whatever_its_zone(self) -> None:
        note_id = add(moment=MOMENT)
        since = sa.select(Note.id).where(Note.moment >= sa.bindparam("since", type_=UTCDateTime))

        before, after = MOMENT - dt.timedelta(seconds=1), MOMENT + dt.timedelta(seconds=1)

        assert db.value(since, since=before.astimezone(TOKYO)) == note_id
        assert db.value(since, since=after.astimezone(TOKYO)) is None

    def test_is_never_naive(self) -> None:
        naive = MOMENT.replace(tzinfo=None)

        with pytest.raises(sa.exc.StatementError, match="naive datetimes are not stored"):
            add(moment=naive)

        db.session.rollback()
        assert db.rows(TEXTS) == []


@pytest.mark.usefixtures("table")
class TestLines:
    @pytest.mark.parametrize(
        ("joined", "lines"), [("b\na\nc", ["a", "b", "c"]), ("a", ["a"]), ("", []), (None, [])]
    )
    def test_are_read_as_a_sorted_list(self, joined: str | None, lines: list[str]) -> None:
        statement = sa.select(sa.type_coerce(sa.literal(joined, sa.Text), Lines).label("lines"))

        assert db.value(statement) == lines


@pytest.mark.usefixtures("table")
class TestReads:
    def test_see_what_has_been_committed_and_nothing_else(self, app: Flask) -> None:
        add(text="committed")
        db.session.add(Note(text="under way"))
        db.session.flush()

        assert [row.text for row in db.rows(TEXTS)] == ["committed"]

        db.session.commit()
        assert [row.text for row in db.rows(TEXTS)] == ["committed", "under way"]

    def test_name_their_columns(self) -> None:
        note_id = add(text="one")

        row = db.row(TEXTS)

        assert row is not None
        assert (row.text, row.id) == ("one", note_id)

    def test_of_one_answer_with_the_first_or_none(self) -> None:
        assert db.row(TEXTS) is None
        assert db.value(TEXTS) is None

        add(text="one")
        add(text="two")

        assert db.value(TEXTS) == "one"

    def test_leave_no_transaction_open(self) -> None:
        db.rows(TEXTS)

        add(text="written at once")  # SQLite would have to wait for a reader's lock
        assert db.value(TEXTS) == "written at once"

    def test_pass_on_what_is_wrong_with_a_statement(self) -> None:
        wrong = sa.select(sa.literal_column("missing", sa.Text)).select_from(Note)

        with pytest.raises(sa.exc.DBAPIError):
            db.rows(wrong)

        assert db.rows(TEXTS) == []

    def test_pass_on_a_value_that_the_database_cannot_hold(self) -> None:
        by_id = sa.select(Note.id).where(Note.id == sa.bindparam("id"))
        if db.engine.dialect.name == "sqlite":
            with pytest.raises(OverflowError):
                db.rows(by_id, id=2**70)
        else:
            assert db.rows(by_id, id=2**70) == []

    @pytest.mark.database("postgresql")
    def test_run_once_more_when_their_connection_is_dead(self, app: Flask) -> None:
        add(text="kept")
        first = db.value(BACKEND)

        terminate(app, first)

        assert db.value(TEXTS) == "kept"
        assert db.value(BACKEND) != first

    @pytest.mark.database("postgresql")
    def test_outlive_the_death_of_every_connection(self, app: Flask) -> None:
        with db.engine.connect() as one, db.engine.connect() as other:
            pids = [c.scalar(BACKEND) for c in (one, other)]

        terminate(app, *pids)

        assert [db.rows(TEXTS) for _ in range(3)] == [[], [], []]

    def test_that_are_cut_off_leave_no_connection_behind(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A time limit of gevent may hit between the question and the answer."""
        used = []

        def cut_off(_: Plan, connection: ManagesConnection, *__: object) -> None:
            used.append(connection.dbapi_connection)
            raise gevent.Timeout

        with monkeypatch.context() as patch:
            patch.setattr(Plan, "run", cut_off)
            with pytest.raises(gevent.Timeout):
                db.rows(TEXTS)

        with db.engine.connect() as connection:
            assert connection.connection.dbapi_connection is not used[0]


def terminate(app: Flask, *pids: int | None) -> None:
    """End these connections from the server's side, and wait until they have gone."""
    engine = sa.create_engine(app.config["DATABASE_URL"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        for pid in pids:
            connection.execute(sa.select(sa.func.pg_terminate_backend(pid, 5000)))


@pytest.mark.usefixtures("table")
class TestConstraints:
    def test_hold_foreign_keys(self) -> None:
        with pytest.raises(sa.exc.IntegrityError):
            add(parent_id=2**31 - 1)

    def test_keep_what_others_refer_to(self) -> None:
        parent = add(text="parent")
        add(parent_id=parent)

        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.delete(Note).filter_by(id=parent))

        db.session.rollback()
        assert len(db.rows(TEXTS)) == 2


@pytest.mark.usefixtures("table")
class TestSettingsOfAConnection:
    @pytest.mark.database("postgresql")
    def test_limit_the_time_of_a_statement(self, app: Flask) -> None:
        with app.app_context(), db.engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "30s"
            assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"


class TestClock:
    def test_is_aware_and_in_utc(self) -> None:
        assert utcnow().tzinfo is dt.UTC
