"""How many rows of a large table have a value, without counting them.

    class Order(Counted, Model):
        counted_by = ("status",)

    group_count(Order, Order.status == sa.bindparam("status"))

As with `row_counts`, triggers keep the numbers in the transaction of each change. A migration makes
them with `group_triggers.begin_grouping`. The groups of a table are named `orders.status`; each may
also have the sum of another column.
"""

from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql import operators

from .base import Model
from .paging import Condition

PRUNED_AT_ONCE = 5_000  # values
MAX_VALUE = 400  # characters of a value, folded texts among them


class GroupCount(Model):
    """A part of the number of rows with a value. There are several, for different connections."""

    __tablename__ = "group_counts"

    name: Mapped[str] = mapped_column(sa.String(63), primary_key=True)  # `orders.status`
    value: Mapped[str] = mapped_column(sa.String(MAX_VALUE), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(sa.BigInteger)
    # The sum of their sizes, in bytes, or of their amounts. SQLite sums amounts in cents.
    total: Mapped[int] = mapped_column(sa.Numeric(20, 2).with_variant(sa.BigInteger(), "sqlite"))


NUMBER = sa.func.coalesce(sa.func.sum(GroupCount.n), 0).cast(sa.BigInteger)


def of_group(entity: Any, column: str) -> Condition:
    """The rows of `GroupCount` for a column in `counted_by` of a model."""
    return GroupCount.name == f"{entity.__tablename__}.{column}"


def group_count(entity: Any, condition: Condition) -> sa.Select[int] | None:
    """The number of rows that meet the condition, if it compares a column in `counted_by`."""
    if not isinstance(condition, sa.BinaryExpression):
        return None
    column, value = condition.left, condition.right
    if condition.operator not in {operators.eq, operators.ne}:
        return None
    if not isinstance(column, sa.Column) or not isinstance(value, sa.BindParameter):
        return None
    if column.table is not entity.__table__ or column.name not in entity.counted_by:
        return None
    # The parameter keeps its type, because it may also be compared with the column.
    text = value if isinstance(column.type, sa.String) else _text(sa.cast(value, column.type))
    compared = condition.operator(GroupCount.value, text)
    return sa.select(NUMBER).where(of_group(entity, column.name), compared)


def prune_counts(session: Session) -> int:
    """Delete counters of values that no row has any more; return their number.

    Those that a transaction is changing are left out. What is deleted adds up to 0, so the numbers
    stay the same, whichever counters of a value these are.
    """
    key = (GroupCount.name, GroupCount.value)
    ended = sa.and_(sa.func.sum(GroupCount.n) == 0, sa.func.sum(GroupCount.total) == 0)
    values = sa.select(*key).group_by(*key).having(ended).limit(PRUNED_AT_ONCE)
    found = sa.select(*sa.inspect(GroupCount).columns).where(sa.tuple_(*key).in_(values))
    rows = session.execute(found.with_for_update(skip_locked=True)).all()
    sums: Counter[tuple[str, str]] = Counter()
    totals: Counter[tuple[str, str]] = Counter()
    for row in rows:  # as they are now that they are locked
        sums[row.name, row.value] += row.n
        totals[row.name, row.value] += row.total
    gone = [row for row in rows if not (sums[row[:2]] or totals[row[:2]])]
    for row in gone:
        session.execute(
            sa.delete(GroupCount).filter_by(name=row.name, value=row.value, slot=row.slot)
        )
    session.commit()
    return len(gone)


def _text(number: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.cast(number, sa.String(MAX_VALUE))
