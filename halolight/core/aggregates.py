"""Rows within a row: those of a sub-select as one JSON list, on PostgreSQL and SQLite alike."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Objects(FunctionElement[Any]):
    """Of many rows one JSON list of objects; its arguments are keys and values in turn."""

    type = sa.JSON()
    inherit_cache = True


@compiles(_Objects, "postgresql")
def _on_postgresql(element: _Objects, compiler: SQLCompiler, **kwargs: Any) -> str:
    pairs = compiler.process(element.clauses, **kwargs)
    return f"coalesce(json_agg(json_build_object({pairs})), '[]')"


@compiles(_Objects, "sqlite")
def _on_sqlite(element: _Objects, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_group_array(json_object({compiler.process(element.clauses, **kwargs)}))"


def json_rows(select: sa.Select[*tuple[Any, ...]]) -> sa.ScalarSelect[Any]:
    """The rows of a select, in its order, as a list of objects with its columns' names as keys.

    Empty when there is none. The columns are texts and numbers: times JSON does not know. Limit
    the select, and `correlate` it with the table of the outer statement.
    """
    rows = select.subquery()
    # The keys are part of the SQL: of parameters a prepared statement could not tell the type.
    pairs = [part for column in rows.c for part in (sa.literal_column(f"'{column.name}'"), column)]
    return sa.select(_Objects(*pairs)).select_from(rows).scalar_subquery()
