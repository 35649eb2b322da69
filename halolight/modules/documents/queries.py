"""What is read of documents: who sees which, and the columns each answer shows."""

from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.database import Lines
from halolight.core.listing import EVERYTHING, Condition, Listing, contains
from halolight.extensions import db
from halolight.modules.teams.models import Team, teams_of
from halolight.modules.users.models import User

from .models import Document, DocumentShare, DocumentTag, DocumentVersion

CALLER = sa.bindparam("caller", type_=sa.Integer)
NOW = sa.bindparam("now", type_=DocumentShare.expires_at.type)

_VALID = sa.or_(DocumentShare.expires_at.is_(None), DocumentShare.expires_at > NOW)
_WITH_CALLER = sa.or_(DocumentShare.user_id == CALLER, DocumentShare.team_id.in_(teams_of(CALLER)))
_OWN_IDS = sa.select(Document.id).where(Document.author_id == CALLER)
_SHARED_IDS = sa.select(DocumentShare.document_id).where(_WITH_CALLER, _VALID)

# A set of ids and not an OR: so the work grows with what the caller has, not with the table.
_VISIBLE_IDS = _OWN_IDS.union(_SHARED_IDS)
VISIBLE = Document.id.in_(_VISIBLE_IDS)
EDITABLE = sa.or_(
    Document.author_id == CALLER,
    Document.id.in_(_SHARED_IDS.where(DocumentShare.permission == "EDIT")),
)
SHARED = sa.exists().where(DocumentShare.document_id == Document.id, _VALID)

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

ONE_DOCUMENT = DOCUMENT.add_columns(Document.content, Document.version).where(
    Document.id == sa.bindparam("id")
)
ONE_VISIBLE_DOCUMENT = ONE_DOCUMENT.where(VISIBLE)

DOCUMENTS = Listing(
    db,
    Document,
    DOCUMENT,
    {
        "search": contains("search", Document.title, Document.content),
        "type": Document.type == sa.bindparam("type"),
        "folder": Document.folder_key == sa.bindparam("folder"),
        "tag": Document.id.in_(
            sa.select(DocumentTag.document_id).where(DocumentTag.key == sa.bindparam("tag"))
        ),
        "author_id": Document.author_id == sa.bindparam("author_id"),
        "shared": sa.case((SHARED, sa.true()), else_=sa.false()) == sa.bindparam("shared"),
    },
)

VISIBLE_VERSIONS = DocumentVersion.document_id.in_(_VISIBLE_IDS)
VERSIONS = Listing(
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

_SHARE = sa.select(
    DocumentShare.id,
    DocumentShare.user_id,
    User.name.label("user_name"),
    User.avatar.label("user_avatar"),
    DocumentShare.team_id,
    Team.name.label("team_name"),
    DocumentShare.permission,
    DocumentShare.expires_at,
    DocumentShare.created_at,
    Document.author_id.label("document_author_id"),
)
# One row with an id of NULL when the document is not shared; no row when it does not exist.
SHARES = (
    _SHARE.select_from(Document)
    .outerjoin(DocumentShare, sa.and_(DocumentShare.document_id == Document.id, _VALID))
    .outerjoin(User, User.id == DocumentShare.user_id)
    .outerjoin(Team, Team.id == DocumentShare.team_id)
    .where(Document.id == sa.bindparam("document_id"))
    .order_by(DocumentShare.id)
)
VISIBLE_SHARES = SHARES.where(VISIBLE)


def scope(user: CurrentUser) -> Condition:
    """Which documents there are for this user. Every read starts here."""
    return EVERYTHING if user.can("documents:manage") else VISIBLE


def scope_params(user: CurrentUser) -> dict[str, Any]:
    """What the conditions of this page ask: who reads, and when."""
    return {"caller": user.id, "now": utcnow()}
