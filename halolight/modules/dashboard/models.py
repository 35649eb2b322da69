"""The tables of the visit counters."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.db.base import Model, choices

KINDS = ("session", "user")


class DailyVisits(Model):
    """How often the service was read on a day (UTC), and by how many."""

    __tablename__ = "daily_visits"

    date: Mapped[dt.date] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)
    unique_visitors: Mapped[int] = mapped_column(default=0)
    page_views: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class DailyVisitor(Model):
    """That a session or a user has been counted for a day already. Kept as long as it matters.

    No foreign key: what is counted stays counted when a session or a user goes.
    """

    __tablename__ = "daily_visitors"
    __table_args__ = (choices("kind", *KINDS),)

    date: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    visitor_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
