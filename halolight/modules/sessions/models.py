"""The table of sessions."""

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.db.base import Identified, Model


def _new_key() -> str:
    return secrets.token_hex(16)


class Session(Identified, Model):
    """One sign-in on one device, from login until it ends.

    Its tokens carry the random `key` beside the id, so that no token ever opens another session,
    whatever ids come again. `token_id` and `last_used_at` are what its live tokens are made of, so
    that they can be made again; of the tokens themselves only the hash of the refresh token is
    kept.
    """

    __tablename__ = "sessions"
    __table_args__ = (sa.Index(None, "user_id", "revoked_at"), sa.Index(None, "expires_at"))

    key: Mapped[str] = mapped_column(sa.String(32), default=_new_key)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    token_id: Mapped[str] = mapped_column(sa.String(32))
    refresh_hash: Mapped[str] = mapped_column(sa.String(64))
    parent_hash: Mapped[str | None] = mapped_column(sa.String(64))
    ip: Mapped[str | None] = mapped_column(sa.String(45))
    user_agent: Mapped[str | None] = mapped_column(sa.String(255))
    created_at: Mapped[dt.datetime] = mapped_column()
    last_used_at: Mapped[dt.datetime] = mapped_column()
    expires_at: Mapped[dt.datetime] = mapped_column()
    revoked_at: Mapped[dt.datetime | None] = mapped_column()
    revoked_reason: Mapped[str | None] = mapped_column(sa.String(50))
