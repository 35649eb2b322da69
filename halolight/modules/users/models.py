"""The table of users."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from halolight.core.db.base import AUDIT_OMIT, Identified, Model, Timestamped, choices
from halolight.core.db.counts import Counted
from halolight.core.db.folding import Folded, folded

if TYPE_CHECKING:
    from halolight.modules.documents.models import Document

STATUSES = ("ACTIVE", "INACTIVE", "SUSPENDED")


class User(Identified, Timestamped, Counted, Model):
    """A person who can sign in. `email` is in its canonical form, `username` is folded."""

    __tablename__ = "users"
    __table_args__ = (
        choices("status", *STATUSES),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "name_key", "id"),
        sa.Index(None, "email_key", "id"),
        sa.Index(None, "role", "created_at", "id"),
        sa.Index(None, "status", "created_at", "id"),
    )

    email: Mapped[str] = mapped_column(sa.String(255), unique=True)
    email_key: Mapped[str] = folded("email", 510)
    username: Mapped[str] = mapped_column(Folded(100), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    name_key: Mapped[str] = folded("name", 200)
    hashed_password: Mapped[str] = mapped_column(sa.String(255), info=AUDIT_OMIT)
    role: Mapped[str] = mapped_column(
        sa.ForeignKey("roles.name", onupdate="CASCADE"), default="user"
    )
    status: Mapped[str] = mapped_column(sa.String(10), default="ACTIVE")
    avatar: Mapped[str | None] = mapped_column(sa.String(500))
    phone: Mapped[str | None] = mapped_column(sa.String(50))
    department: Mapped[str | None] = mapped_column(sa.String(100))
    position: Mapped[str | None] = mapped_column(sa.String(100))
    bio: Mapped[str | None] = mapped_column(sa.String(2000))
    last_login_at: Mapped[dt.datetime | None] = mapped_column()

    documents: Mapped[list[Document]] = relationship(
        back_populates="author", lazy="raise", passive_deletes=True
    )
