"""The tables of conversations and their members."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.base import AUDIT_OMIT, Identified, Model, choices
from halolight.core.db.folding import folded_text

PRIVATE, GROUP = "private", "group"
TYPES = (PRIVATE, GROUP)
MAX_PEOPLE = 101  # each message is written once per member


class Conversation(Identified, Model):
    """A private conversation has two members; a group has any number, and perhaps a name.

    A transaction that changes its messages or members locks its row first.
    """

    __tablename__ = "conversations"
    __table_args__ = (choices("type", *TYPES),)

    type: Mapped[str] = mapped_column(sa.String(10))
    name: Mapped[str | None] = mapped_column(sa.String(100))
    name_key: Mapped[str | None] = folded_text("name")
    # The ids of its members, "3:7", where it is the conversation that exactly they have. Unique, so
    # that two first messages at once do not create two.
    people_key: Mapped[str | None] = mapped_column(sa.String(1200), unique=True, info=AUDIT_OMIT)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Participant(Model):
    """The membership of a user in a conversation, and when they last got something new.

    A member who leaves a group is removed. One who leaves a private conversation has
    a `left_at` until its next message.
    """

    __tablename__ = "conversation_participants"
    __table_args__ = (sa.Index(None, "user_id", "updated_at", "conversation_id"),)

    conversation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    updated_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    left_at: Mapped[dt.datetime | None] = mapped_column()
