"""What can be done with documents, and by whom. Each change is one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.background.counter import BufferedCounter
from halolight.core.clock import utcnow
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.errors import NotFound
from halolight.core.http.etags import IfMatch
from halolight.core.i18n import _
from halolight.core.text import fold
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.files.content import usage

from . import queries
from .models import MAX_TAG_KEY, Document, DocumentTag, DocumentVersion
from .queries import DOCUMENTS

MAX_VERSIONS = 100  # of a document; the oldest make room for the newest


_KEPT = sa.bindparam("kept", type_=sa.Integer)
_DOCUMENT_ID = sa.bindparam("document_id", type_=sa.Integer)
_LAST = (
    sa.select(sa.func.coalesce(sa.func.max(DocumentVersion.number), 0))
    .where(DocumentVersion.document_id == _DOCUMENT_ID)
    .scalar_subquery()
)
_VERSION = {
    column.name: sa.bindparam(column.name, type_=column.type)
    for column in DocumentVersion.__table__.columns
}
ADD_VERSION = sa.insert(DocumentVersion).values(_VERSION | {"number": _LAST + 1}).inline()
DROP_OLD_VERSIONS = sa.delete(DocumentVersion).where(
    DocumentVersion.document_id == _DOCUMENT_ID, DocumentVersion.number <= _LAST - _KEPT
)


def list_documents(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    shared = query.get("shared")
    narrowed = {} if shared is None else {"shared" if shared else "unshared": True}
    asked = {**query, "shared": None, **narrowed}
    return DOCUMENTS.page(user, queries.DOCUMENT_LISTING, asked)


def get_document(user: CurrentUser, document_id: int) -> Row:
    return DOCUMENTS.get(user, queries.WHOLE_DOCUMENT, document_id)


def view_document(user: CurrentUser, document_id: int) -> Row:
    """Get a document and count that it was looked at."""
    row = get_document(user, document_id)
    VIEWS.add(document_id)
    return row


def create_document(user: CurrentUser, data: dict[str, Any]) -> Row:
    tags = data.pop("tags", [])
    text = _text(data.pop("content", ""))
    usage.check_room(DOCUMENTS, user.id, text["size"])
    values = {"type": "document", **data, **text, "author_id": user.id}
    values["folder"] = values.get("folder") or None
    id_ = db.add_row(Document, **values)
    db.add_rows(DocumentVersion, [{"document_id": id_, "number": 1, **text, "author_id": user.id}])
    added = _add_tags(id_, tags)
    trail.record_row(user, "documents.create", (Document, id_), values, tags=([], added))
    db.session.commit()
    return get_document(user, id_)


def update_document(
    user: CurrentUser, document_id: int, changes: dict[str, Any], if_match: IfMatch
) -> Row:
    """Change a document, unless it has changed since the client read it (412)."""
    [document] = DOCUMENTS.lock(user, [document_id], to="edit")
    if_match.check(document.version)
    unseen: dict[str, trail.Values] = {}
    with db.session.no_autoflush:  # all changes in one UPDATE: it is one version
        if "tags" in changes:
            unseen["tags"] = _set_tags(document, changes.pop("tags"))
        content = changes.pop("content", document.content)
        if content != document.content:
            _set_content(user, document, content)
        document.assign(changes)
    trail.record(user, "documents.update", document, **unseen)
    db.session.commit()
    return get_document(user, document_id)


def delete_documents(
    user: CurrentUser, document_ids: Sequence[int], if_match: IfMatch | None = None
) -> int:
    """Delete all of these documents or none; return their number."""
    for document in DOCUMENTS.lock(user, document_ids, to="delete"):
        if if_match:
            if_match.check(document.version)
        trail.record(user, "documents.delete", document)
        db.session.delete(document)
    db.session.commit()
    return len(document_ids)


def list_versions(user: CurrentUser, document_id: int, query: Mapping[str, Any]) -> Page:
    """The texts of a document; each has at least one."""
    query = {**query, "document_id": document_id}
    page = queries.VERSIONS.page(user, queries.VERSION_LISTING, query)
    if not page.total:
        raise NotFound(DOCUMENTS.not_found)
    return page


def restore_version(user: CurrentUser, document_id: int, number: int, if_match: IfMatch) -> Row:
    """Make a former text the current one again, as a new version."""
    [document] = DOCUMENTS.lock(user, [document_id], to="edit")
    if_match.check(document.version)
    content = db.session.scalar(
        sa.select(DocumentVersion.content).filter_by(document_id=document_id, number=number)
    )
    if content is None:
        raise NotFound(_("Version not found."))
    _set_content(user, document, content)
    trail.record(user, "documents.restore", document, restored=(None, number))
    db.session.commit()
    return get_document(user, document_id)


def _set_content(user: CurrentUser, document: Document, content: str) -> None:
    """Write a new text and remember it as a version."""
    document.assign(_text(content))
    if document.author_id is not None:
        usage.check_bytes(document.author_id, document.size)
    version = {"document_id": document.id, **_text(content), "author_id": user.id}
    db.later(ADD_VERSION, **version, created_at=utcnow())
    db.later(DROP_OLD_VERSIONS, document_id=document.id, kept=MAX_VERSIONS)


def _text(content: str) -> dict[str, Any]:
    """The columns of a text."""
    return {"content": content, "size": len(content.encode())}


def _set_tags(document: Document, names: Sequence[str]) -> trail.Values:
    """Replace the tags, which is a change of the document, too; answers with both sets of them."""
    former = db.session.scalars(
        sa.delete(DocumentTag).filter_by(document_id=document.id).returning(DocumentTag.name)
    )
    before = sorted(former)
    document.updated_at = utcnow()
    return before, _add_tags(document.id, names)


def _add_tags(document_id: int, names: Sequence[str]) -> list[str]:
    """Of names that are equal when folded the first is taken."""
    first = {fold(name)[:MAX_TAG_KEY]: name for name in reversed(names)}
    db.add_rows(DocumentTag, [{"document_id": document_id, "name": n} for n in first.values()])
    return sorted(first.values())


def _add_views(counts: Counter[int]) -> None:
    """Add gathered views. Being looked at is no change: version and time stay."""
    for document_id in sorted(counts):
        db.session.execute(
            sa.update(Document)
            .where(Document.id == document_id)
            .values(views=Document.views + counts[document_id], updated_at=Document.updated_at)
        )
    db.session.commit()


VIEWS: BufferedCounter[int] = BufferedCounter("document_views", _add_views)
