"""Reads, compiled once: the SQL, its parameters and its rows without SQLAlchemy's work per call.

SQLAlchemy compiles a statement and knows its types; what it does anew for each execution costs
more CPU than the database's answer. A `Plan` keeps what does not change between two calls.
"""

import hashlib
import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.pool import ManagesConnection

from .driver import Connection
from .sessions import STATEMENT_TIMEOUT, local_settings, session_of, time_limit

Convert = Callable[[Any], Any]

# The execution option of a statement with a time limit of its own, in seconds. SQLite has none.
TIME_LIMIT = "halolight_time_limit"

PREPARE_AFTER = 5  # uses of a statement by one connection, as in psycopg 3

_PARAMETER = re.compile(r"(?<!%)%\((\w+)\)s")  # and no doubled `%`, which stands in a text

Row: TypeAlias = Any  # a named tuple of the columns that its statement selects or returns

Statement: TypeAlias = Any  # a SELECT, INSERT, UPDATE or DELETE


class Plan:
    """How one statement is run on one kind of database."""

    def __init__(self, statement: Statement, dialect: sa.Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        if compiled.prefetch:
            raise TypeError(f"the statement has to name {[c.name for c in compiled.prefetch]}")
        given = {name for bind, name in compiled.bind_names.items() if bind.required}
        # Some constants are only written into the SQL when all parameters have a value.
        expanded = compiled.construct_expanded_state(dict.fromkeys(given))
        self.sql: str = expanded.statement
        self._constants = {k: v for k, v in expanded.parameters.items() if k not in given}
        if dialect.name == "postgresql":
            literals = _literals(compiled, expanded, self._constants)
            self.sql = _PARAMETER.sub(lambda match: literals.get(match[1], match[0]), self.sql)
        self._order: list[str] | None = expanded.positiontup
        self._name = f"halolight_{hashlib.sha256(self.sql.encode()).hexdigest()[:20]}"
        self._prepare, self._execute, self._limit, self._settings = "", "", "", ""
        if dialect.name == "postgresql":
            self._prepare, self._execute = _prepared(self._name, self.sql)
            # They hold for the rest of what is sent at once, and cost no round trip.
            seconds = statement.get_execution_options().get(TIME_LIMIT)
            self._limit = time_limit(seconds) if seconds else ""
            self._settings = local_settings(seconds or STATEMENT_TIMEOUT)
        self._binds = {  # by name: a parameter may occur several times
            name: convert
            for bind, name in compiled.bind_names.items()
            if (convert := bind.type.dialect_impl(dialect).bind_processor(dialect))
        }
        columns = list(statement.exported_columns)
        names: Any = [column.key for column in columns]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
        self._row = partial(tuple.__new__, row)  # in C, unlike its `_make`
        self._results = [
            (index, convert)
            for index, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def run(self, connection: ManagesConnection, params: Mapping[str, Any]) -> Sequence[Row]:
        """All rows, as named tuples."""
        cursor: Any = connection.dbapi_connection.cursor()  # type: ignore[union-attr]
        try:
            cursor.execute(self._command(connection), self._bound(params))
            rows = cursor.fetchall() if cursor.description else ()
        finally:
            cursor.close()
        if self._results:
            return [self._row(self._converted(row)) for row in rows]
        return [self._row(row) for row in rows]

    def run_later(self, connection: ManagesConnection, params: Mapping[str, Any]) -> None:
        """Run it with the next statement of the transaction; at once on SQLite.

        If it fails, the next statement raises its error.
        """
        driver: Any = connection.dbapi_connection
        cursor = driver.cursor()
        try:
            if isinstance(driver, Connection):
                prepares = session_of(connection).prepares
                command = self._prepared_command(connection) if prepares else self.sql
                driver.later(cursor.mogrify(command, self._bound(params)))
            else:
                cursor.execute(self.sql, self._bound(params))
        finally:
            cursor.close()

    def _command(self, connection: ManagesConnection) -> str:
        """The SQL to send, with what has to hold for it alone."""
        if not self._prepare:
            return self.sql
        session = session_of(connection)
        settings = self._settings if session.pooled else self._limit
        return settings + (self._prepared_command(connection) if session.prepares else self.sql)

    def _prepared_command(self, connection: ManagesConnection) -> str:
        """From the fifth use on by one connection, PostgreSQL keeps the plan."""
        driver: Any = connection.dbapi_connection
        uses = driver.uses[self._name] = driver.uses.get(self._name, 0) + 1
        if uses < PREPARE_AFTER or not driver.may_prepare:
            return self.sql
        return self._prepare + self._execute if uses == PREPARE_AFTER else self._execute

    def _bound(self, params: Mapping[str, Any]) -> Any:
        values = {**self._constants, **params}
        for name, convert in self._binds.items():
            values[name] = convert(values[name])
        return values if self._order is None else [values[name] for name in self._order]

    def _converted(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for index, convert in self._results:
            values[index] = convert(values[index])
        return values


def _literals(compiled: Any, expanded: Any, constants: Mapping[str, Any]) -> dict[str, str]:
    """The constants as they are written in SQL, by the names of their parameters.

    As parameters of a prepared statement they could have any value, so PostgreSQL would not know
    how few rows they find, take the plan for all values as too slow, and plan each execution anew.
    """
    origins = {
        name: origin for origin, names in expanded.parameter_expansion.items() for name in names
    }
    literals = {}
    for name, value in constants.items():
        type_ = compiled.binds[origins.get(name, name)].type.dialect_impl(compiled.dialect)
        if value is not None and (literal := type_.literal_processor(compiled.dialect)):
            literals[name] = literal(value)
    return literals


def _prepared(name: str, sql: str) -> tuple[str, str]:
    """`PREPARE` and `EXECUTE` of a statement (the driver knows no protocol of its own for them).

    Reading and planning the SQL of a list takes PostgreSQL longer than finding the rows.
    """
    names = list(dict.fromkeys(_PARAMETER.findall(sql)))
    numbered = _PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", sql)
    values = ", ".join(f"%({parameter})s" for parameter in names)
    execute = f"EXECUTE {name}({values})" if names else f"EXECUTE {name}"
    return f"PREPARE {name} AS {numbered}; ", execute


@lru_cache(maxsize=2048)
def plan(statement: Statement, dialect: sa.Dialect) -> Plan:
    """The plan of a statement, which should be a constant: it is made once for each object."""
    return Plan(statement, dialect)
