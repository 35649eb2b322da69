"""Rows without entities, and statements that are sent together."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from psycopg2.errorcodes import LOCK_NOT_AVAILABLE

from halolight.core.db import reads, retry, writing
from halolight.extensions import db
from halolight.modules.documents.models import Document, DocumentVersion
from halolight.modules.users.models import User
from tests.contract.statements import recorded, round_trips

TITLES = sa.select(Document.title).order_by(Document.id)
OF_TITLE = sa.select(Document.id).where(Document.title == sa.bindparam("title", type_=sa.String))
NOW_AND_THEN = ("id", "created_at", "updated_at")


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def whole(id_: int) -> dict[str, object]:
    """The row of a document, without what differs between two equal ones."""
    table = Document.__table__
    row = db.session.execute(sa.select(table).where(table.c.id == id_)).one()._mapping
    return {name: value for name, value in row.items() if name not in NOW_AND_THEN}


class TestRows:
    VALUES = {"title": "Über uns", "content": "Größe", "type": "report", "folder": "Ärger"}

    def test_have_the_defaults_and_folded_columns_of_an_entity(self) -> None:
        entity = Document(**self.VALUES)
        db.session.add(entity)
        db.session.flush()

        assert whole(db.add_row(Document, **self.VALUES)) == whole(entity.id)

    def test_have_not_been_changed_since_they_were_made(self) -> None:
        made = db.session.get_one(Document, db.add_row(Document, **self.VALUES))

        assert made.created_at == made.updated_at

    def test_are_inserted_in_few_statements_and_returned_in_order(self, app: Flask) -> None:
        rows = [{"title": str(n), "type": "report"} for n in range(2 * writing.AT_ONCE + 1)]

        with recorded(app) as statements:
            added = db.add_rows(Document, rows, Document.title)

        assert [row.title for row in added] == [row["title"] for row in rows]
        assert len({each for each in statements if "INTO documents" in each}) == 3

    def test_of_no_known_column_are_refused(self) -> None:
        with pytest.raises(TypeError, match="heading"):
            db.add_row(Document, heading="Plan", type="report")

    def test_come_after_what_the_session_has_yet_to_write(self) -> None:
        document = Document(**self.VALUES)
        db.session.add(document)
        db.session.flush()
        document.title = "Plan"

        assert [row.title for row in db.execute(TITLES)] == ["Plan"]


def test_an_update_has_to_name_what_sqlalchemy_would_add() -> None:
    renamed = sa.update(Document).values(title=sa.bindparam("new"))

    with pytest.raises(TypeError, match="updated_at"):
        db.later(renamed, new="Plan")


class TestEntities:
    def test_are_those_of_the_session_and_note_their_changes(self) -> None:
        id_ = db.add_row(Document, **TestRows.VALUES)
        [row] = db.execute(sa.select(*writing.loaded(Document)).where(Document.id == id_))

        [entity] = db.entities(Document, [row])
        entity.title = "Plan"
        db.session.commit()

        assert db.session.get_one(Document, id_) is entity
        assert entity.version == 2
        assert db.session.scalars(TITLES).all() == ["Plan"]

    def test_that_the_session_has_changed_stay_changed(self) -> None:
        id_ = db.add_row(Document, **TestRows.VALUES)
        known = db.session.get_one(Document, id_)
        [row] = db.execute(sa.select(*writing.loaded(Document)).where(Document.id == id_))
        known.title = "Plan"

        assert db.entities(Document, [row]) == [known]
        assert known.title == "Plan"


@pytest.mark.database("postgresql")
class TestMessages:
    VERSION = {"number": 1, "content": "", "size": 0}

    def test_begin_goes_with_the_first_statement(self) -> None:
        with round_trips() as trips:
            db.session.execute(TITLES)
            db.session.execute(TITLES)
            db.session.commit()

        assert len(trips) == 3

    def test_what_returns_nothing_goes_with_the_commit(self, app: Flask) -> None:
        id_ = db.add_row(Document, **TestRows.VALUES)
        db.session.commit()

        with round_trips() as trips:
            for number in (1, 2, 3):
                db.add_rows(
                    DocumentVersion, [{"document_id": id_, **self.VERSION, "number": number}]
                )
            db.session.commit()

        assert len(trips) == 1
        numbers = sa.select(DocumentVersion.number).order_by(DocumentVersion.number)
        assert [row.number for row in db.rows(numbers)] == [1, 2, 3]

    def test_a_transaction_that_executes_nothing_sends_nothing(self) -> None:
        db.session.connection()  # open already
        db.session.rollback()

        with round_trips() as trips:
            db.session.connection()
            db.session.commit()
            db.session.connection()
            db.session.rollback()

        assert trips == []

    def test_what_is_rolled_back_is_not_sent_later(self) -> None:
        db.add_rows(Document, [{"title": "Plan", "type": "report"}])
        db.session.rollback()

        assert db.rows(TITLES) == []  # on the same connection

    def test_what_fails_later_fails_the_commit(self) -> None:
        db.add_row(Document, **TestRows.VALUES)
        db.add_rows(DocumentVersion, [{"document_id": 0, **self.VERSION}])

        with pytest.raises(sa.exc.IntegrityError):
            db.session.commit()
        db.session.rollback()

        assert db.rows(TITLES) == []
        assert db.session.scalars(TITLES).all() == []

    @pytest.mark.parametrize("uses", range(1, 2 * reads.PREPARE_AFTER))
    def test_a_failure_leaves_no_statement_in_doubt(self, app: Flask, uses: int) -> None:
        """Also if it comes in the message that would have prepared a statement."""
        db.engine.dispose()
        rows = [{"title": "Plan", "type": "report"}]
        for _ in range(uses - 1):
            db.add_rows(Document, rows)
            db.session.commit()

        db.add_rows(DocumentVersion, [{"document_id": 0, **self.VERSION}])
        db.add_rows(Document, rows)
        with pytest.raises(sa.exc.IntegrityError):
            db.session.commit()
        db.session.rollback()
        for _ in range(2 * reads.PREPARE_AFTER):
            db.add_rows(Document, rows)
            db.session.commit()

        assert len(db.rows(TITLES)) == uses - 1 + 2 * reads.PREPARE_AFTER

    def test_statements_that_are_prepared_no_more_are_prepared_again(self) -> None:
        for _ in range(reads.PREPARE_AFTER):
            db.execute(TITLES)
        db.session.execute(sa.text("DEALLOCATE ALL"))
        with pytest.raises(sa.exc.OperationalError) as caught:
            db.execute(TITLES)
        db.session.rollback()

        assert getattr(caught.value.orig, "pgcode", None) in retry.ENDED
        for _ in range(reads.PREPARE_AFTER + 1):
            assert db.execute(TITLES) == []

    def test_a_lock_that_is_sent_later_is_held(self, app: Flask) -> None:
        id_ = db.add_row(User, **USER)
        db.session.commit()
        lock = sa.select(User.id).where(User.id == sa.bindparam("id")).with_for_update()
        db.later(lock, id=id_)
        db.session.execute(TITLES)
        failed: list[str | None] = []

        def take() -> None:
            with app.app_context(), pytest.raises(sa.exc.OperationalError) as caught:
                db.session.execute(lock.with_for_update(nowait=True), {"id": id_})
            failed.append(getattr(caught.value.orig, "pgcode", None))

        other = threading.Thread(target=take)
        other.start()
        other.join(10)
        db.session.rollback()

        assert failed == [LOCK_NOT_AVAILABLE]

    @pytest.mark.parametrize("value", ["x", "\0"])
    def test_what_was_never_sent_prepares_nothing(self, value: str) -> None:
        """A rollback drops it, or the driver refuses a value."""
        db.engine.dispose()
        for _ in range(reads.PREPARE_AFTER - 1):
            db.later(OF_TITLE, title="x")
            db.session.commit()
        with suppress(ValueError):
            db.later(OF_TITLE, title=value)
        db.session.rollback()

        for _ in range(reads.PREPARE_AFTER + 1):
            assert db.execute(OF_TITLE, title="x") == []

    def test_a_failed_commit_leaves_a_connection_that_can_be_used(self, app: Flask) -> None:
        db.engine.dispose()
        with app.app_context():
            db.add_rows(DocumentVersion, [{"document_id": 0, **self.VERSION}])
            with pytest.raises(sa.exc.IntegrityError):
                db.session.commit()

        assert db.rows(TITLES) == []

    def test_a_failed_transaction_is_not_committed(self) -> None:
        """PostgreSQL would roll it back and say nothing."""
        db.add_row(Document, **TestRows.VALUES)
        version = {"document_id": 0, **self.VERSION}
        with pytest.raises(sa.exc.IntegrityError):
            db.add_rows(DocumentVersion, [version], DocumentVersion.number)

        with pytest.raises(sa.exc.InternalError, match="failed before"):
            db.session.commit()


@pytest.mark.database("postgresql")
class TestLostConnection:
    def test_fails_its_transaction_alone(self, app: Flask) -> None:
        """The connection goes, and neither the end of the request nor the next one fails."""
        with app.app_context():
            [[backend]] = db.execute(sa.select(sa.func.pg_backend_pid()))
            db.rows(sa.select(sa.func.pg_terminate_backend(backend, 5_000)))
            for _ in range(2):
                with pytest.raises((sa.exc.OperationalError, sa.exc.PendingRollbackError)):
                    db.execute(TITLES)

        assert db.execute(TITLES) == []

    def test_fails_its_savepoint_with_the_same_error(self, app: Flask) -> None:
        with app.app_context():
            [[backend]] = db.execute(sa.select(sa.func.pg_backend_pid()))
            with pytest.raises(sa.exc.OperationalError):
                self.lose_within_savepoint(backend)

        assert db.execute(TITLES) == []

    def lose_within_savepoint(self, backend: int) -> None:
        with db.session.begin_nested():
            db.execute(TITLES)
            db.rows(sa.select(sa.func.pg_terminate_backend(backend, 5_000)))
            db.execute(TITLES)

    def test_may_be_that_of_a_greenlet_that_ends(self, app: Flask) -> None:
        with app.app_context():
            driver: Any = db.session.connection().connection.dbapi_connection

            def end() -> None:
                with db._transaction():
                    driver.close()  # as the driver does
                    raise KeyboardInterrupt

            with pytest.raises(KeyboardInterrupt):
                end()

        assert db.execute(TITLES) == []


class TestSavepoint:
    VERSION = {"document_id": 0, "number": 1, "content": "", "size": 0}

    def test_takes_back_rows(self) -> None:
        db.add_row(Document, **TestRows.VALUES)
        savepoint = db.session.begin_nested()
        db.add_row(Document, **TestRows.VALUES)
        savepoint.rollback()
        db.session.commit()

        assert len(db.rows(TITLES)) == 1

    def test_takes_back_what_fails_at_its_end(self) -> None:
        db.add_row(Document, **TestRows.VALUES)
        with pytest.raises(sa.exc.IntegrityError):
            self.add_version()
        db.session.commit()

        assert len(db.rows(TITLES)) == 1

    def add_version(self) -> None:
        with db.session.begin_nested():
            db.add_rows(DocumentVersion, [self.VERSION])

    @pytest.mark.database("postgresql")
    def test_takes_back_what_would_fail_later(self) -> None:
        db.add_row(Document, **TestRows.VALUES)
        savepoint = db.session.begin_nested()
        db.add_rows(DocumentVersion, [self.VERSION])
        savepoint.rollback()
        db.session.commit()

        assert len(db.rows(TITLES)) == 1


USER = {
    "email": "ada@example.com",
    "username": "ada",
    "name": "Ada",
    "hashed_password": "x",
    "role": "user",
}
