"""A condition that a column has one of a few values which another statement finds."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class InArray(FunctionElement[bool]):
    """`column IN (SELECT ...)` of a few values, where PostgreSQL would expect many.

    PostgreSQL estimates unions and recursions badly, and would read the whole table. For an array,
    it expects a few values, and looks each of them up in the index.
    """

    inherit_cache = True  # and no Boolean: SQLite would be asked for `(... IN ...) = 1`

    def __init__(self, column: Any, values: sa.SelectBase) -> None:
        super().__init__(column, values.scalar_subquery())


@compiles(InArray)
def _in(element: InArray, compiler: Any, **kwargs: Any) -> str:
    column, values = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{column} IN {values}"


@compiles(InArray, "postgresql")
def _any(element: InArray, compiler: Any, **kwargs: Any) -> str:
    column, values = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{column} = ANY (ARRAY{values})"
