"""A condition for a column to be one of a list, which is a single parameter.

    db.rows(sa.select(User.name).where(Among(User.id, "ids")), ids=[1, 2])

So the statement is a constant whatever the length of the list, and SQLite's limit of 32,766
parameters does not apply.
"""

from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _List(sa.types.TypeDecorator[Iterable[int]]):
    """An array for PostgreSQL, a JSON text for SQLite."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[int] | None, dialect: sa.Dialect) -> Any:
        values = sorted(value or ())
        return values if dialect.name == "postgresql" else orjson.dumps(values).decode()


class Among(FunctionElement[bool]):
    """Whether the column is one of the integers in the parameter `name`."""

    inherit_cache = True
    type = sa.Boolean()

    def __init__(self, column: Any, name: str) -> None:
        super().__init__(column, sa.bindparam(name, type_=_List()))


@compiles(Among, "postgresql")
def _in_array(element: Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, values = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"{column} = ANY({values})"


@compiles(Among, "sqlite")
def _in_json(element: Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, values = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608
