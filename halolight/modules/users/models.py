"""The table of users."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from halolight.core.clock import utcnow
from halolight.core.db.base import AUDIT_OMIT, Identified, Model, Timestamped, choices
from halolight.core.db.counts import Counted
from halolight.core.db.folding import Folded, folded
from halolight.core.search.column import searched

if TYPE_CHECKING:
    from halolight.modules.documents.models import Document

STATUSES = ("ACTIVE", "INACTIVE", "SUSPENDED")


class User(Identified, Timestamped, Counted, Model):
    """A person who can sign in. `email` is in its canonical form, `username` is folded."""

    __tablename__ = "users"
    counted_by = ("status", "role", "created_on")
    __table_args__ = (
        choices("status", *STATUSES),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "name_key", "id"),
        sa.Index(None, "email_key", "id"),
        sa.Index(None, "role", "created_at", "id"),
        sa.Index(None, "status", "created_at", "id"),
        sa.Index(
            "ix_users_pending_email",
            "pending_email",
            sqlite_where=sa.text("pending_email IS NOT NULL"),
            postgresql_where=sa.text("pending_email IS NOT NULL"),
        ),
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
    # In which mails and notifications are written: that of the browser at the last sign-in.
    language: Mapped[str | None] = mapped_column(sa.String(2))
    # Since when `email` counts as theirs: they have used a link in a mail to it, or an
    # administrator vouches for it. A `pending_email` takes its place once it is confirmed.
    email_verified_at: Mapped[dt.datetime | None] = mapped_column()
    pending_email: Mapped[str | None] = mapped_column(sa.String(255))
    search_key: Mapped[str | None] = searched(names=("name", "username"), addresses=("email",))

    documents: Mapped[list[Document]] = relationship(
        back_populates="author", lazy="raise", passive_deletes=True
    )


class EmailVerification(Model):
    """The link with which a user may confirm an address; a newer link replaces it."""

    __tablename__ = "email_verifications"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    email: Mapped[str] = mapped_column(sa.String(255))  # to which it was sent
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime] = mapped_column()
