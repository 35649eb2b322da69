"""How many rows the large tables have, without counting them.

`count(*)` over a million rows costs a hundred times the page beside it. Triggers, made by the
migrations, keep the number in the transaction of each change: it is exact, and read at once.
"""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Model


class RowCount(Model):
    """A part of a table's number of rows. There are several, so that few writers wait for one."""

    __tablename__ = "row_counts"

    table_name: Mapped[str] = mapped_column(sa.String(63), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(sa.BigInteger)


class Counted:
    """A model whose rows are counted: its migration makes the triggers, a test recounts.

    So are the rows with each value of the columns in `counted_by`: see `groups`.
    """

    counted_by: ClassVar[tuple[str, ...]] = ()


def row_count(entity: Any) -> sa.Select[int]:
    """The number of rows of the table of a `Counted` model."""
    total = sa.func.coalesce(sa.func.sum(RowCount.n), 0).cast(sa.BigInteger)
    return sa.select(total).where(RowCount.table_name == entity.__tablename__)


# What a migration executes to have the rows of a new table counted, and on SQLite again after a
# batch change, which makes the table anew. The function `count_rows()` is there already.
_TRIGGERS = {
    "postgresql": (
        """CREATE TRIGGER count_{table}_insert AFTER INSERT ON {table}
           REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_rows()""",
        """CREATE TRIGGER count_{table}_delete AFTER DELETE ON {table}
           REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_rows()""",
        """CREATE TRIGGER count_{table}_truncate AFTER TRUNCATE ON {table}
           FOR EACH STATEMENT EXECUTE FUNCTION count_rows()""",
    ),
    "sqlite": (
        """CREATE TRIGGER count_{table}_insert AFTER INSERT ON {table} BEGIN
           UPDATE row_counts SET n = n + 1 WHERE table_name = '{table}'; END""",
        """CREATE TRIGGER count_{table}_delete AFTER DELETE ON {table} BEGIN
           UPDATE row_counts SET n = n - 1 WHERE table_name = '{table}'; END""",
    ),
}


def begin_counting(connection: sa.Connection, table: str) -> None:
    """Count the rows of the table of a `Counted` model from now on. For migrations."""
    counted = sa.select(sa.literal(table), sa.literal(0), sa.func.count()).select_from(
        sa.table(table)
    )
    connection.execute(sa.insert(RowCount).from_select(["table_name", "slot", "n"], counted))
    for trigger in _TRIGGERS[connection.dialect.name]:
        connection.execute(sa.text(trigger.format(table=table)))


def end_counting(connection: sa.Connection, table: str) -> None:
    """Before the table is dropped, which takes its triggers along. For migrations."""
    connection.execute(sa.delete(RowCount).filter_by(table_name=table))
