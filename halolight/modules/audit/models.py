"""The table of the audit trail."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.base import Identified, Model
from halolight.core.db.counts import Counted


class AuditEntry(Identified, Counted, Model):
    """One change of state. Nothing edits it, and it outlives whom and what it names.

    So the actor is no foreign key, and their name is as it was then.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "actor_id", "created_at", "id"),
        sa.Index(None, "action", "created_at", "id"),
        sa.Index(None, "target_id", "created_at", "id"),
        sa.Index(None, "target_type", "created_at", "id"),
    )

    actor_id: Mapped[int | None] = mapped_column()  # None: a command, or nobody signed in
    actor_name: Mapped[str | None] = mapped_column(sa.String(100))
    action: Mapped[str] = mapped_column(sa.String(60))
    target_type: Mapped[str] = mapped_column(sa.String(50))
    target_id: Mapped[str | None] = mapped_column(sa.String(50))
    target_name: Mapped[str | None] = mapped_column(sa.String(255))
    changes: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    ip: Mapped[str | None] = mapped_column(sa.String(45))
    user_agent: Mapped[str | None] = mapped_column(sa.String(255))
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
