"""The tables of documents."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from halolight.core.clock import utcnow
from halolight.core.db.base import AUDIT_REDACT, Identified, Model, Timestamped, choices
from halolight.core.db.counts import Counted
from halolight.core.db.folding import folded, folded_text
from halolight.core.search.column import searched

if TYPE_CHECKING:
    from halolight.modules.users.models import User

SHARE_PERMISSIONS = ("VIEW", "EDIT")
MAX_TAG_KEY = 100  # characters of a folded tag


class Document(Identified, Timestamped, Counted, Model):
    """A text with a title. `size` is in bytes of UTF-8; `version` counts all its changes."""

    __tablename__ = "documents"
    counted_by = ("type", "type_key", "author_id", "created_on")
    __table_args__ = (
        sa.Index(None, "updated_at", "id"),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "title_key", "id"),
        sa.Index(None, "author_id", "updated_at", "id"),
        sa.Index(None, "author_id", "created_at"),
        sa.Index(None, "folder_key", "updated_at", "id"),
        sa.Index(None, "type_key", "updated_at", "id"),
    )

    title: Mapped[str] = mapped_column(sa.String(200))
    title_key: Mapped[str] = folded("title", 400)
    content: Mapped[str] = mapped_column(sa.Text, default="", info=AUDIT_REDACT)
    content_key: Mapped[str | None] = folded_text("content")
    type: Mapped[str] = mapped_column(sa.String(50))
    type_key: Mapped[str] = folded("type", 100)
    size: Mapped[int] = mapped_column(default=0)
    folder: Mapped[str | None] = mapped_column(sa.String(200))
    folder_key: Mapped[str | None] = folded("folder", 400)
    views: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    search_key: Mapped[str | None] = searched(names=("title",), texts=("content",))

    author: Mapped[User | None] = relationship(back_populates="documents", lazy="raise")
    __mapper_args__ = {"version_id_col": version}

    @validates("folder")
    def _no_empty_folder(self, _: str, folder: str | None) -> str | None:
        return folder or None


class DocumentTag(Model):
    __tablename__ = "document_tags"
    __table_args__ = (sa.Index(None, "key", "document_id"),)

    document_id: Mapped[int] = mapped_column(
        sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = folded("name", MAX_TAG_KEY, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))


class DocumentVersion(Model):
    """A text that a document has or had, from whom and since when; numbered from 1."""

    __tablename__ = "document_versions"

    document_id: Mapped[int] = mapped_column(
        sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int] = mapped_column()
    author_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class DocumentShare(Identified, Model):
    """That a document is shown to a user or to a team, perhaps until some time."""

    __tablename__ = "document_shares"
    __table_args__ = (
        choices("permission", *SHARE_PERMISSIONS),
        sa.CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name="one_recipient"),
        sa.UniqueConstraint("document_id", "user_id"),
        sa.UniqueConstraint("document_id", "team_id"),
        sa.Index(None, "user_id", "document_id"),
        sa.Index(None, "team_id", "document_id"),
    )

    document_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id", ondelete="CASCADE"))
    permission: Mapped[str] = mapped_column(sa.String(10), default="VIEW")
    expires_at: Mapped[dt.datetime | None] = mapped_column()
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
