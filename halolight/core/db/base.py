"""The model base class, the column types of the whole schema, and the two ways to the database.

Reads run as single statements on an AUTOCOMMIT connection (`Database.rows`, `.row`, `.value`):
one round trip each, no BEGIN and no ROLLBACK. Changes run through `Database.session`.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import ManagesConnection

from halolight.core.clock import utcnow
from halolight.core.money import Money
from halolight.core.text import fold

from . import holding, writing
from .connecting import Unanswered, open_pool
from .driver import OUTDATED
from .engine import set_up
from .pool import ConnectionPool
from .reads import Row, Statement, plan

# What the audit trail shows of a change of a column
# (`mapped_column(info=...)`): everything, unless the column says otherwise.
AUDIT_REDACT = {"audit": "only that it changed"}
AUDIT_OMIT = {"audit": "nothing"}  # secrets, and what only follows from other columns


class UTCDateTime(sa.types.TypeDecorator[dt.datetime]):
    """An aware datetime, always UTC, on PostgreSQL and on SQLite alike."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: dt.datetime | None, dialect: sa.Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("naive datetimes are not stored; attach a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, dialect: sa.Dialect
    ) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        """PostgreSQL's sessions are in UTC (`sessions.py`): their times need nothing done."""
        if dialect.name == "postgresql":
            return None
        return super().result_processor(dialect, coltype)


class Lines(sa.types.TypeDecorator[list[str]]):
    """Several texts that a statement has joined by newlines, read as a sorted list."""

    impl = sa.Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> list[str]:
        return sorted(value.split("\n"), key=_sort_key) if value else []


@lru_cache(maxsize=4096)
def _sort_key(line: str) -> tuple[str, str]:
    return fold(line), line


class Model(DeclarativeBase):
    """The base of every table."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dt.datetime: UTCDateTime, Decimal: Money}

    def assign(self, changes: Mapping[str, object]) -> None:
        for name, value in changes.items():
            setattr(self, name, value)


class Identified:
    """A table with the integer id that everything on the wire has.

    No id is given twice: audit entries, signed URLs and counters may still name a deleted row.
    """

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # SQLite otherwise gives the highest id again once its row has been deleted.
        table: Any = sa.inspect(cls).local_table
        table.dialect_options["sqlite"]["autoincrement"] = True


def _created_at(context: Any) -> dt.datetime:
    """A row that has not been changed since says so: both times are the same."""
    moment: dt.datetime = context.get_current_parameters()["created_at"]
    return moment


class Timestamped:
    """When a row came to be, and when it last changed."""

    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow, sort_order=90)
    updated_at: Mapped[dt.datetime] = mapped_column(
        default=_created_at, onupdate=utcnow, sort_order=91
    )


def choices(name: str, *values: str) -> sa.CheckConstraint:
    """A constraint that keeps a text column to a few words."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{name} IN ({allowed})", name=name)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy with a read path beside its session."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        writing.remember_connection(self.session)

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        with app.app_context():
            engine = self.engine
        set_up(engine, prepare=app.config["DB_PREPARE"])

    def open_pool(self, app: Flask) -> None:
        """Open the connections that the pool keeps; with SQLite they cost nothing."""
        with app.app_context():
            engine = self.engine
        if engine.dialect.name == "postgresql":
            open_pool(engine, app.config["DB_POOL_SIZE"])

    def rows(self, statement: sa.Select[*tuple[Any, ...]], /, **params: Any) -> Sequence[Any]:
        """All rows of a read, in one round trip. `statement` should be a constant."""
        if (held := holding.held()) and held.session is self.session():
            return self.execute(statement, **params)
        engine = self.engine
        pool = engine.pool
        try:
            return self._run(engine, statement, params)
        except sa.exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # The connection was dead, so the others probably are: begin anew. A restart of PostgreSQL
        # so costs no reader an error, and no request a ping before each use.
        if engine.pool is pool:  # else another greenlet was first
            engine.dispose()
        return self._run(engine, statement, params)

    def _run(
        self,
        engine: sa.Engine,
        statement: sa.Select[*tuple[Any, ...]],
        params: Mapping[str, Any],
    ) -> Sequence[Row]:
        dialect = engine.dialect
        pool: ConnectionPool = engine.pool  # type: ignore[assignment] # of engine_options()
        driver_error = dialect.loaded_dbapi.Error
        try:
            connection = pool.take()
        except driver_error as error:
            raise _translated(error, dialect) from error
        try:
            return plan(statement, dialect).run(connection, params)
        except driver_error as error:
            raise _translated(error, dialect, connection) from error
        except BaseException:
            connection.invalidate()
            raise
        finally:
            pool.give_back(connection)

    def execute(self, statement: Statement, /, **params: Any) -> Sequence[Any]:
        """What a statement returns in the transaction of the session. It should be a constant."""
        with self._transaction() as (connection, dialect):
            return plan(statement, dialect).run(connection, params)

    def later(self, statement: Statement, /, **params: Any) -> None:
        """Execute a statement that returns nothing, with the next one or with the commit.

        So it takes no round trip. If it fails, the next one or the commit raises its error.
        """
        with self._transaction() as (connection, dialect):
            plan(statement, dialect).run_later(connection, params)

    def add_row(self, entity: type[Model], /, **values: Any) -> int:
        """Insert a row; return its id. What is not given has the default of its column."""
        [row] = self.add_rows(entity, [values], entity.id)  # type: ignore[attr-defined]
        id_: int = row.id
        return id_

    def add_rows(
        self, entity: type[Model], rows: Sequence[Mapping[str, Any]], *returning: Any
    ) -> list[Row]:
        """Insert rows, in few statements, without entities; return these columns of each.

        Without columns, they are inserted with the next statement, as with `later`.
        """
        found: list[Row] = []
        for statement, params in writing.inserts(entity, rows, *returning):
            if returning:
                found += self.execute(statement, **params)
            else:
                self.later(statement, **params)
        return found

    def entities(self, entity: Any, rows: Sequence[Row]) -> list[Any]:
        """Entities of the session, of rows that have the columns `writing.loaded`."""
        return writing.entities(self.session(), entity, rows)

    @contextmanager
    def _transaction(self) -> Iterator[tuple[ManagesConnection, sa.Dialect]]:
        """The connection of the transaction of the session, whose changes are flushed to it."""
        session = self.session()
        if session.autoflush:
            session.flush()
        dialect = self.engine.dialect
        connection = writing.connection_of(session)
        driver = connection.dbapi_connection
        try:
            yield connection, dialect
        except dialect.loaded_dbapi.Error as error:
            if dialect.is_disconnect(error, driver, None):
                writing.invalidate(session)
            raise _translated(error, dialect) from error
        except BaseException:  # a time limit, or the end of the greenlet, while it waits
            if getattr(driver, "closed", False):
                writing.invalidate(session)
            raise

    def after_commit(self, function: Callable[[], object]) -> None:
        """Call it as soon as what was committed is there for others."""
        holding.after_commit(self.session(), function)

    def row(self, statement: sa.Select[*tuple[Any, ...]], /, **params: Any) -> Any:
        """The first row of a read, or None."""
        rows = self.rows(statement, **params)
        return rows[0] if rows else None

    def value(self, statement: sa.Select[*tuple[Any, ...]], /, **params: Any) -> Any:
        """The first column of the first row of a read, or None."""
        row = self.row(statement, **params)
        return None if row is None else row[0]

    def insert(self, entity: Any) -> postgresql.Insert | sqlite.Insert:
        """An INSERT that knows `ON CONFLICT`, for the session."""
        on_postgresql = self.engine.dialect.name == "postgresql"
        return postgresql.insert(entity) if on_postgresql else sqlite.insert(entity)


def _translated(
    error: Any, dialect: sa.Dialect, connection: ManagesConnection | None = None
) -> sa.exc.DBAPIError:
    """The driver's error as SQLAlchemy's; a connection that had one is not used again."""
    dead = False
    if connection is not None:
        outdated = getattr(error, "pgcode", None) in OUTDATED
        dead = outdated or dialect.is_disconnect(error, connection.dbapi_connection, None)
        connection.invalidate()
    if isinstance(error, Unanswered):
        dead = False  # a second try would wait as long again
    base: Any = dialect.loaded_dbapi.Error
    translated: Any = sa.exc.DBAPIError.instance(
        None, None, error, base, True, connection_invalidated=dead, dialect=dialect
    )
    return translated  # type: ignore[no-any-return]


def render_item(kind: str, item: object, context: object) -> str | bool:
    """Keep application types out of migration files (an Alembic hook)."""
    if isinstance(item, Money):
        return f"sa.Numeric({item.precision}, 2).with_variant(sa.BigInteger(), 'sqlite')"
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    in_migrations: str | bool = getattr(item, "in_migrations", False)  # of `core.db.folding`
    return in_migrations
