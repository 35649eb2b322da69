"""The tables of files and folders."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.base import AUDIT_OMIT, Identified, Model, Timestamped, choices
from halolight.core.db.counts import Counted
from halolight.core.db.folding import folded
from halolight.core.search.column import searched
from halolight.core.text import fold

FOLDER = "folder"
FILE_TYPES = ("image", "video", "audio", "archive", "document", "other")
TYPES = (FOLDER, *FILE_TYPES)
MAX_NAME = 255  # characters
MAX_PATH = 600  # characters: what an index of PostgreSQL holds, of the longest in UTF-8


def fold_path(path: str) -> str:
    """A path, folded part by part: a letter that is folded to a slash begins no part of its own."""
    return "/".join(fold(part).replace("/", "\uff0f") for part in path.split("/"))


class Blob(Model):
    """Bytes that are stored once, however many files have them; `checksum` is their SHA-256.

    The row is also the lock on them: an upload of equal bytes and their removal hold it.
    `storage_key` is where the storage has them, and a thumbnail beside them.
    """

    __tablename__ = "blobs"
    __table_args__ = (sa.Index(None, "storage_key", unique=True),)

    checksum: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    storage_key: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    mime_type: Mapped[str] = mapped_column(sa.String(100))  # decided from the bytes
    has_thumbnail: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class File(Identified, Timestamped, Counted, Model):
    """A file or a folder in the tree of a user. A folder has no bytes.

    `path` is the whole path, `/Projects/plan.pdf`; being unique for an owner, when folded, it keeps
    the names within a folder so. A folder that is renamed or moved changes the paths of all below.
    """

    __tablename__ = "files"
    counted_by = ("type", "owner_id")
    __table_args__ = (
        choices("type", *TYPES),
        sa.Index(None, "owner_id", "path_key", unique=True),
        sa.Index(None, "folder_id", "type"),
        sa.Index(None, "owner_id", "folder_id", "name_key", "id"),
        sa.Index(None, "owner_id", "type", "size"),
        sa.Index(None, "owner_id", "updated_at", "id"),
        sa.Index(None, "updated_at", "id"),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "name_key", "id"),
        sa.Index(None, "size", "id"),
        sa.Index(None, "type", "updated_at", "id"),
        sa.Index(None, "checksum"),
    )

    name: Mapped[str] = mapped_column(sa.String(MAX_NAME))
    name_key: Mapped[str] = folded("name", 2 * MAX_NAME)
    path: Mapped[str] = mapped_column(sa.String(MAX_PATH))
    path_key: Mapped[str] = folded("path", MAX_PATH, fold_path)
    type: Mapped[str] = mapped_column(sa.String(10))
    size: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # bytes
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    folder_id: Mapped[int | None] = mapped_column(sa.ForeignKey("files.id", ondelete="CASCADE"))
    checksum: Mapped[str | None] = mapped_column(sa.ForeignKey("blobs.checksum"))
    search_key: Mapped[str | None] = searched(names=("name",))


class FileFavorite(Model):
    """A file or folder that a user marked as a favorite."""

    __tablename__ = "file_favorites"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    file_id: Mapped[int] = mapped_column(
        sa.ForeignKey("files.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class FileShare(Identified, Model):
    """A share of a file, or of a folder with its contents, with a user, a team or by a link."""

    __tablename__ = "file_shares"
    __table_args__ = (
        sa.CheckConstraint(
            "CASE WHEN user_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN team_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN token_hash IS NULL THEN 0 ELSE 1 END = 1",
            name="one_recipient",
        ),
        sa.UniqueConstraint("file_id", "user_id"),
        sa.UniqueConstraint("file_id", "team_id"),
        sa.UniqueConstraint("token_hash"),
        sa.Index(None, "user_id", "file_id"),
        sa.Index(None, "team_id", "file_id"),
    )

    file_id: Mapped[int] = mapped_column(sa.ForeignKey("files.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id", ondelete="CASCADE"))
    # Of a public link: a hash of what stands in it, and of the password if it has one.
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), info=AUDIT_OMIT)
    password_hash: Mapped[str | None] = mapped_column(sa.String(255), info=AUDIT_OMIT)
    expires_at: Mapped[dt.datetime | None] = mapped_column()
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
