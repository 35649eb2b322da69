"""The statements that read files and folders: which ones a user sees, and their columns."""

from typing import Any

import sqlalchemy as sa

from halolight.core.db.arrays import InArray
from halolight.core.db.listing import Listing, Search
from halolight.core.db.paging import Condition
from halolight.core.db.resource import CALLER, ID, OWNER, Resource
from halolight.core.i18n import _
from halolight.core.search.listing import indexed_search
from halolight.extensions import db
from halolight.modules.roles.models import Role
from halolight.modules.teams.shares import Shares
from halolight.modules.users.models import User
from halolight.modules.users.queries import ACTIVE

from .models import FOLDER, Blob, File, FileFavorite, FileShare

IS_FOLDER = File.type == FOLDER

SHARES = Shares(FileShare, FileShare.file_id)

# What is shared with the caller, and all folders in the folders among it; of files the folder is
# enough. So the recursion is short, and PostgreSQL does not take it for a long one.
_named = (
    sa.select(FileShare.file_id.label("id"))
    .where(SHARES.with_caller, SHARES.valid)
    .cte("shared", recursive=True)
)
_shared = _named.union(
    sa.select(File.id).join(_named, File.folder_id == _named.c.id).where(IS_FOLDER)
)
_SHARED = sa.select(_shared.c.id)

OWN = File.owner_id == CALLER
_IN_SHARED_FOLDERS = sa.select(File.id).where(InArray(File.folder_id, _SHARED))

# Of one file the same is asked upwards, which is a few steps however much is shared.
_here = sa.select(File.id, File.folder_id).where(File.id == ID).cte("above", recursive=True)
_around = File.__table__.alias("around")
_above = _here.union_all(
    sa.select(_around.c.id, _around.c.folder_id).join(_here, _around.c.id == _here.c.folder_id)
)


def _one_is_shared(*conditions: Condition) -> Condition:
    """Whether the file of `ID`, or a folder above it, is shared with the caller."""
    above = sa.select(_above.c.id).where(*conditions)
    return sa.exists().where(FileShare.file_id.in_(above), SHARES.with_caller, SHARES.valid)


FILES = Resource(
    *(db, File, _("File"), _("files")),
    permission="files",
    owner=File.owner_id,
    shared=_SHARED.union(_IN_SHARED_FOLDERS),
    one_shared=_one_is_shared(),
    most_owned=100_000,  # folders among them
)

_FAVORITES = sa.select(FileFavorite.file_id).where(FileFavorite.user_id == CALLER)

# Others do not learn how the folders are called in which the owner keeps what they are shown, nor
# that there are any which they do not see.
SHOWN_PATH = sa.case((OWN, File.path), else_=sa.literal_column("'/'") + File.name)
SHOWN_FOLDER = sa.case((sa.or_(OWN, File.folder_id.in_(_SHARED)), File.folder_id))
ONE_SHOWN_FOLDER = sa.case((sa.or_(OWN, _one_is_shared(_above.c.id != ID)), File.folder_id))

# The direct contents of a folder: users who see the folder see all of them.
_items = File.__table__.alias("items")
ITEM_COUNT = (
    sa.select(sa.func.count())
    .where(_items.c.folder_id == File.id)
    .correlate(File)
    .scalar_subquery()
    .label("item_count")
)

_ADDRESS = sa.literal_column("'/api/files/'", sa.String) + sa.cast(File.id, sa.String)


def _file(path: Any, folder_id: Any) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            File.id,
            File.name,
            File.type,
            File.size,
            sa.case((IS_FOLDER, ITEM_COUNT.element)).label("item_count"),
            Blob.mime_type,
            path.label("path"),
            folder_id.label("folder_id"),
            sa.case((Blob.has_thumbnail, _ADDRESS + sa.literal_column("'/thumbnail'"))).label(
                "thumbnail"
            ),
            File.id.in_(_FAVORITES).label("is_favorite"),
            File.checksum,
            sa.case((sa.not_(IS_FOLDER), _ADDRESS + sa.literal_column("'/download'"))).label("url"),
            sa.exists().where(FileShare.file_id == File.id, SHARES.valid).label("shared"),
            File.owner_id,
            User.name.label("owner_name"),
            User.avatar.label("owner_avatar"),
            File.created_at,
            File.updated_at,
        )
        .outerjoin(User, User.id == File.owner_id)
        .outerjoin(Blob, Blob.checksum == File.checksum)
    )


FILE = _file(File.path, File.folder_id)
SHOWN_FILE = _file(SHOWN_PATH, ONE_SHOWN_FOLDER)  # to users who do not manage files

_at_path = File.__table__.alias("at_path")  # what a path names in the caller's own tree
_FILTERS: dict[str, Condition | Search] = {
    "search": indexed_search(File, File.name),
    "type": File.type == sa.bindparam("type"),
    "folder_id": File.folder_id == sa.bindparam("folder_id"),
    "path": File.folder_id
    == sa.select(_at_path.c.id)
    .where(_at_path.c.owner_id == CALLER, _at_path.c.path_key == sa.bindparam("path"))
    .scalar_subquery(),
    "at_root": File.folder_id.is_(None),
    "marked": File.id.in_(_FAVORITES),
    "unmarked": File.id.not_in(_FAVORITES),
}
FILE_LISTING = Listing(db, File, FILE, _FILTERS)
SHOWN_LISTING = Listing(db, File, _file(SHOWN_PATH, SHOWN_FOLDER), _FILTERS)

FILE_SHARES = SHARES.of_one(
    FILES,
    FileShare.token_hash.is_not(None).label("public"),
    FileShare.password_hash.is_not(None).label("has_password"),
)

BYTES = sa.select(
    File.name, File.size, File.checksum, Blob.storage_key, Blob.mime_type, Blob.has_thumbnail
).join(Blob, Blob.checksum == File.checksum)  # a folder has none

BLOB = sa.select(Blob.storage_key, Blob.has_thumbnail).where(
    Blob.checksum == sa.bindparam("checksum")
)

# Who has a ticket, as they are now.
HOLDER = (
    sa.select(User.id, User.name, User.role, Role.permissions)
    .join(Role, Role.name == User.role)
    .where(User.id == sa.bindparam("user_id"), ACTIVE)
)

# Only while the owner is active: links end with their owner and rest while the
# account is closed.
LINK = (
    sa.select(
        FileShare.id.label("share_id"),
        FileShare.password_hash,
        FileShare.expires_at,
        File.name,
        File.type,
        File.size,
        File.checksum,
        Blob.storage_key,
        Blob.mime_type,
        User.name.label("owner_name"),
    )
    .join(File, File.id == FileShare.file_id)
    .outerjoin(Blob, Blob.checksum == File.checksum)
    .join(User, User.id == File.owner_id)
    .where(FileShare.token_hash == sa.bindparam("token_hash"), SHARES.valid, ACTIVE)
)


# Every file counts whole for its owner, though equal bytes are stored once: what somebody else
# does with theirs changes nothing for them. So do all texts that a document has or had.
# The owner's row comes with it, because it says how much they may have.
_OF_FILES = sa.select(File.type, File.size).where(File.owner_id == OWNER, File.type != FOLDER)
# By name, because the module of documents is above this one: it checks the quota.
_documents = sa.table("documents", sa.column("id"), sa.column("author_id"))
_versions = sa.table("document_versions", sa.column("document_id"), sa.column("size"))
_OF_DOCUMENTS = (
    sa.select(sa.literal_column("'document'", sa.String).label("type"), _versions.c.size)
    .join(_documents, _documents.c.id == _versions.c.document_id)
    .where(_documents.c.author_id == OWNER)
)
_stored = _OF_FILES.union_all(_OF_DOCUMENTS).subquery("stored")
_STORED_BY_OWNER = (
    sa.select(
        sa.func.coalesce(sa.func.sum(_stored.c.size), 0).label("used"), User.email_verified_at
    )
    .select_from(User)
    .outerjoin(_stored, sa.true())
    .where(User.id == OWNER)
)
USED = _STORED_BY_OWNER.group_by(User.id)
USED_BY_TYPE = _STORED_BY_OWNER.add_columns(_stored.c.type).group_by(User.id, _stored.c.type)


def is_below(folder_id: int) -> Condition:
    """Lies in this folder, however deep; the folder itself does not."""
    direct = sa.select(File.id).where(File.folder_id == folder_id).cte("below", recursive=True)
    found = direct.union_all(sa.select(File.id).join(direct, File.folder_id == direct.c.id))
    return File.id.in_(sa.select(found.c.id))
