"""The tables of messages and their receipts."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.base import AUDIT_REDACT, Identified, Model, choices
from halolight.core.db.folding import folded_text
from halolight.core.search.column import searched

TYPES = ("text", "image", "file")
INBOX, SENT = "inbox", "sent"
BOXES = (INBOX, SENT)


class Message(Identified, Model):
    """A message in a conversation. It is deleted with its last receipt."""

    __tablename__ = "messages"
    __table_args__ = (choices("type", *TYPES),)

    conversation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    sender_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    type: Mapped[str] = mapped_column(sa.String(10), default="text")
    content: Mapped[str] = mapped_column(sa.Text, info=AUDIT_REDACT)
    content_key: Mapped[str | None] = folded_text("content")
    search_key: Mapped[str | None] = searched(texts=("content",))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class MessageReceipt(Model):
    """The message of one member, and when they read it.

    Conversation and time are those of the message, for the indexes: a person's messages are found
    in their order without looking at anybody else's.
    """

    __tablename__ = "message_receipts"
    __table_args__ = (
        choices("box", *BOXES),
        sa.Index(None, "user_id", "created_at", "message_id"),
        sa.Index(None, "user_id", "box", "created_at", "message_id"),
        sa.Index(  # named here, because its name would be too long
            "ix_message_receipts_conversation",
            *("conversation_id", "user_id", "created_at", "message_id"),
        ),
        # The unread ones alone: they are counted often, and are few.
        sa.Index(
            "ix_message_receipts_unread",
            "user_id",
            "conversation_id",
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        ),
    )

    message_id: Mapped[int] = mapped_column(
        sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    conversation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("conversations.id", ondelete="CASCADE")
    )
    box: Mapped[str] = mapped_column(sa.String(5))
    created_at: Mapped[dt.datetime] = mapped_column()
    read_at: Mapped[dt.datetime | None] = mapped_column()
