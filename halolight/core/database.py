"""The model base class, the column types of the whole schema, and the two ways to the database.

Reads run as single statements on an AUTOCOMMIT connection (`Database.rows`, `.row`, `.value`):
one round trip each, no BEGIN and no ROLLBACK. Changes run through `Database.session`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg2.extensions
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import PoolProxiedConnection

from .clock import utcnow
from .reads import plan

STATEMENT_TIMEOUT = 30  # seconds a statement may take on PostgreSQL before it is given up
BUSY_TIMEOUT = 5  # seconds a SQLite writer waits for another


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
        if value is None:
            return None
        if value.tzinfo is dt.UTC:
            return value
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Lines(sa.types.TypeDecorator[list[str]]):
    """Several texts that a statement has joined by newlines, read as a sorted list."""

    impl = sa.Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> list[str]:
        return sorted(value.split("\n")) if value else []


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
    type_annotation_map = {dt.datetime: UTCDateTime}

    def update(self, changes: Mapping[str, object]) -> None:
        for name, value in changes.items():
            setattr(self, name, value)


class Identified:
    """A table with the integer id that everything on the wire has."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class Timestamped:
    """When a row came to be, and when it last changed."""

    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow, sort_order=90)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utcnow, onupdate=utcnow, sort_order=91)


def choices(name: str, *values: str) -> sa.CheckConstraint:
    """A constraint that keeps a text column to a few words."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{name} IN ({allowed})", name=name)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy with a read path beside its session."""

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        with app.app_context():
            engine = self.engine
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _prepare_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)

    def rows(self, statement: sa.Select[*tuple[Any, ...]], /, **params: Any) -> Sequence[Any]:
        """All rows of a read, in one round trip. `statement` should be a constant."""
        engine = self.engine
        try:
            connection = engine.raw_connection()
            try:
                _set_autocommit(connection, True)
                rows = plan(statement, engine.dialect).run(connection, params)
                _set_autocommit(connection, False)
                return rows
            except BaseException:
                connection.invalidate()
                raise
            finally:
                connection.close()
        except engine.dialect.loaded_dbapi.Error:
            return self._rows_once_more(engine, statement, params)

    def _rows_once_more(
        self, engine: sa.Engine, statement: sa.Executable, params: Mapping[str, Any]
    ) -> Sequence[Any]:
        """SQLAlchemy's own way, which knows what an error means and which connections are dead.

        So a restart of PostgreSQL costs no reader an error, and no request a ping before each use.
        """
        for last in (False, True):
            try:
                with engine.connect() as connection:
                    return connection.execute(statement, params).all()
            except sa.exc.DBAPIError as error:
                if last or not error.connection_invalidated:
                    raise
        return []

    def row(self, statement: sa.Select[*tuple[Any, ...]], /, **params: Any) -> Any:
        """The first row of a read, or None."""
        rows = self.rows(statement, **params)
        return rows[0] if rows else None

    def value(self, statement: sa.Select[*tuple[Any, ...]], /, **params: Any) -> Any:
        """The first column of the first row of a read, or None."""
        row = self.row(statement, **params)
        return None if row is None else row[0]


def _set_autocommit(connection: PoolProxiedConnection, on: bool) -> None:
    """Have the PostgreSQL driver send no BEGIN and no ROLLBACK. SQLite's never does by itself."""
    if isinstance(connection.dbapi_connection, psycopg2.extensions.connection):
        connection.dbapi_connection.autocommit = on


def engine_options(url: str, *, pool_size: int, max_overflow: int, timeout: int) -> dict[str, Any]:
    """What SQLAlchemy is told of the connections of one worker."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_TIMEOUT}}
    return {
        "pool_size": pool_size,
        "max_overflow": max_overflow,
        "pool_timeout": timeout,
        "pool_use_lifo": True,
        "connect_args": {
            "connect_timeout": 2,
            "application_name": "halolight",
            "options": f"-c timezone=UTC -c statement_timeout={STATEMENT_TIMEOUT}s",
        },
    }


def _prepare_sqlite(connection: Any, record: object) -> None:
    """SQLite as a server needs it: readers beside a writer, foreign keys, letters beyond ASCII."""
    connection.isolation_level = None  # we say BEGIN ourselves, in _begin_sqlite
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _begin_sqlite(connection: sa.Connection) -> None:
    """A transaction takes the write lock at once, so that what it checks still holds at its end."""
    if not connection.get_execution_options().get("without_transaction"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def render_item(kind: str, item: object, context: object) -> str | bool:
    """Keep application types out of migration files (an Alembic hook)."""
    return "sa.DateTime(timezone=True)" if isinstance(item, UTCDateTime) else False
