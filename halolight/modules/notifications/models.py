"""The table of notifications."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.base import Identified, Model, choices

TYPES = ("system", "user", "message", "task", "alert")


class Notification(Identified, Model):
    """A notification of one user. Once read, it stays read."""

    __tablename__ = "notifications"
    __table_args__ = (
        choices("type", *TYPES),
        sa.Index(None, "user_id", "created_at", "id"),
        # The unread ones alone: they are counted often, and are few.
        sa.Index(
            "ix_notifications_unread",
            "user_id",
            "created_at",
            "id",
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        ),
        sa.Index(None, "sender_id"),
    )

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(sa.String(10))
    title: Mapped[str] = mapped_column(sa.String(200))
    content: Mapped[str] = mapped_column(sa.String(2000), default="")
    link: Mapped[str | None] = mapped_column(sa.String(500))
    sender_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    read_at: Mapped[dt.datetime | None] = mapped_column()
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
