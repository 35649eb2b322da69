"""The tables of conversations and of who takes part."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.base import AUDIT_OMIT, Identified, Model, choices
from halolight.core.db.folding import folded_text

PRIVATE, GROUP = "private", "group"
TYPES = (PRIVATE, GROUP)
MAX_PEOPLE = 101  # each message is written once for each of them


class Conversation(Identified, Model):
    """A private one is between two people, a group has any number and perhaps a name.

    Its row is the lock: who changes what is in it, or who, locks it first.
    """

    __tablename__ = "conversations"
    __table_args__ = (choices("type", *TYPES),)

    type: Mapped[str] = mapped_column(sa.String(10))
    name: Mapped[str | None] = mapped_column(sa.String(100))
    name_key: Mapped[str | None] = folded_text("name")
    # The ids of its people, "3:7", where it is the one conversation that they have without having
    # asked for another: unique, so that two first messages at once do not make two.
    people_key: Mapped[str | None] = mapped_column(sa.String(1200), unique=True, info=AUDIT_OMIT)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Participant(Model):
    """That somebody takes part in a conversation, and when there last was something new for them.

    Who leaves a group is gone. Who leaves a private conversation stays its other half, so it has
    a `left_at` until the next message.
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
