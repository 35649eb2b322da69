"""Many rows in one column: what belongs to a row of a list, read in the statement of the list.

    sa.select(JsonRows(id=User.id, name=User.name)).join(...).where(...).scalar_subquery()

A list so shows the attendees of each event without a statement per event, and without the event
repeated for each attendee. The databases build the JSON, each with functions of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Value = str | int | float | bool | None


class JsonList(sa.types.TypeDecorator[list[Any]]):
    """A JSON array, in the order of its values or of the first column of its rows.

    Sorted here, because SQLite orders an aggregate only from version 3.44 on.
    """

    impl = sa.Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> list[Any]:
        return sorted(orjson.loads(value), key=_first) if value else []


def _first(value: dict[str, Value] | Value) -> Any:
    return next(iter(value.values())) if isinstance(value, dict) else value


class JsonValues(FunctionElement[list[Any]]):
    """The values of one column, of all rows. For texts and numbers; times would lose their type."""

    inherit_cache = True
    type = JsonList()

    def __init__(self, column: Any) -> None:
        super().__init__(column)


class JsonRows(FunctionElement[list[dict[str, Value]]]):
    """All rows, each as a dict of these columns. The first is their order and never null."""

    inherit_cache = True
    type = JsonList()

    def __init__(self, **columns: Any) -> None:
        super().__init__(*_pairs(columns))


def _pairs(columns: Mapping[str, Any]) -> Iterator[Any]:
    """Name, column, name, column. Names are written into the SQL: a parameter has no type."""
    for name, column in columns.items():
        yield sa.literal_column(f"'{name}'")
        yield column


@compiles(JsonValues, "postgresql")
def _values_postgresql(element: JsonValues, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"CAST(json_agg({compiler.process(element.clauses, **kwargs)}) AS TEXT)"


@compiles(JsonValues, "sqlite")
def _values_sqlite(element: JsonValues, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kwargs)})"


@compiles(JsonRows, "postgresql")
def _rows_postgresql(element: JsonRows, compiler: SQLCompiler, **kwargs: Any) -> str:
    pairs = compiler.process(element.clauses, **kwargs)
    return f"CAST(json_agg(json_build_object({pairs})) AS TEXT)"


@compiles(JsonRows, "sqlite")
def _rows_sqlite(element: JsonRows, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_group_array(json_object({compiler.process(element.clauses, **kwargs)}))"
