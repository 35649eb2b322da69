"""The tables behind signing in."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.base import Identified, Model


class PasswordReset(Model):
    """The one link with which a user may set a password; a newer one takes its place."""

    __tablename__ = "password_resets"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime] = mapped_column()


class LoginAttempt(Identified, Model):
    """Something that is limited: a password that was tried, a mail that was asked for or sent, a
    registration.

    `account` is a hash of what was typed, `address` the network of the client; see `throttle`.
    """

    __tablename__ = "login_attempts"
    __table_args__ = (
        sa.Index(None, "account", "created_at"),
        sa.Index(None, "address", "created_at"),
        sa.Index(None, "expires_at"),
    )

    kind: Mapped[str] = mapped_column(sa.String(20))
    account: Mapped[str] = mapped_column(sa.String(64))
    address: Mapped[str] = mapped_column(sa.String(45))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime] = mapped_column()
