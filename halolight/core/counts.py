"""How many rows the large tables have, without counting them.

`count(*)` over a million rows costs a hundred times the page beside it. Triggers, made by the
migrations, keep the number in the transaction of each change: it is exact, and read at once.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .database import Model


class RowCount(Model):
    """A part of a table's number of rows. There are several, so that few writers wait for one."""

    __tablename__ = "row_counts"

    table_name: Mapped[str] = mapped_column(sa.String(63), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(sa.BigInteger)


class Counted:
    """A model whose rows are counted: its migration makes the triggers, a test recounts."""


def row_count(entity: Any) -> sa.Select[int]:
    """The number of rows of the table of a `Counted` model."""
    total = sa.func.coalesce(sa.func.sum(RowCount.n), 0).cast(sa.BigInteger)
    return sa.select(total).where(RowCount.table_name == entity.__tablename__)
