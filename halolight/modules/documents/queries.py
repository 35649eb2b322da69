"""The statements that read documents: which ones a user sees, and their columns."""

import sqlalchemy as sa

from halolight.core.db.base import Lines
from halolight.core.db.listing import Listing
from halolight.core.db.resource import CALLER, Resource
from halolight.core.i18n import _
from halolight.core.search.listing import indexed_search
from halolight.extensions import db
from halolight.modules.teams.shares import Shares
from halolight.modules.users.models import User

from .models import Document, DocumentShare, DocumentTag, DocumentVersion

SHARES = Shares(DocumentShare, DocumentShare.document_id)
_SHARED_IDS = sa.select(DocumentShare.document_id).where(SHARES.with_caller, SHARES.valid)
_EDITABLE = sa.or_(
    Document.author_id == CALLER,
    Document.id.in_(_SHARED_IDS.where(DocumentShare.permission == "EDIT")),
)
DOCUMENTS = Resource(
    *(db, Document, _("Document"), _("documents")),
    permission="documents",
    owner=Document.author_id,
    shared=_SHARED_IDS,
    editable=_EDITABLE,
)

SHARED = sa.exists().where(DocumentShare.document_id == Document.id, SHARES.valid)
TAGS = sa.type_coerce(
    sa.select(sa.func.aggregate_strings(DocumentTag.name, "\n"))
    .where(DocumentTag.document_id == Document.id)
    .correlate(Document)
    .scalar_subquery(),
    Lines,
).label("tags")

DOCUMENT = sa.select(
    Document.id,
    Document.title,
    Document.type,
    Document.size,
    Document.folder,
    TAGS,
    Document.views,
    SHARED.label("shared"),
    Document.author_id,
    User.name.label("author_name"),
    User.avatar.label("author_avatar"),
    Document.created_at,
    Document.updated_at,
).outerjoin(User, User.id == Document.author_id)

WHOLE_DOCUMENT = DOCUMENT.add_columns(Document.content, Document.version)
DOCUMENT_SHARES = SHARES.of_one(DOCUMENTS, DocumentShare.permission)

DOCUMENT_LISTING = Listing(
    db,
    Document,
    DOCUMENT,
    {
        "search": indexed_search(Document, Document.title, Document.content),
        "type": Document.type_key == sa.bindparam("type"),
        "folder": Document.folder_key == sa.bindparam("folder"),
        "tag": Document.id.in_(
            sa.select(DocumentTag.document_id).where(DocumentTag.key == sa.bindparam("tag"))
        ),
        "author_id": Document.author_id == sa.bindparam("author_id"),
        # Two filters and not one with a parameter: few are shared, and an index has them.
        "shared": Document.id.in_(sa.select(DocumentShare.document_id).where(SHARES.valid)),
        "unshared": ~SHARED,
    },
)

VERSIONS = Resource(
    *(db, DocumentVersion, _("Document"), _("documents")),
    permission="documents",
    visible=sa.exists().where(Document.id == DocumentVersion.document_id, DOCUMENTS.seen),
)
VERSION_LISTING = Listing(
    db,
    DocumentVersion,
    sa.select(
        DocumentVersion.number,
        DocumentVersion.content,
        DocumentVersion.size,
        DocumentVersion.author_id,
        User.name.label("author_name"),
        User.avatar.label("author_avatar"),
        DocumentVersion.created_at,
    ).outerjoin(User, User.id == DocumentVersion.author_id),
    {"document_id": DocumentVersion.document_id == sa.bindparam("document_id")},
    tiebreaker=DocumentVersion.number,
)
