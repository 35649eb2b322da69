"""Sharing documents with users and teams."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.errors import Forbidden, NotFound
from halolight.core.preconditions import IfMatch
from halolight.core.reads import Row
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.teams.sharing import (
    check_recipients,
    people_among,
    share_with,
    tell_of_share,
)

from . import queries, service
from .models import DocumentShare


def list_shares(user: CurrentUser, document_id: int) -> Sequence[Row]:
    """With whom a document is shared; for who may share it."""
    manages = user.can("documents:manage")
    statement = queries.SHARES if manages else queries.VISIBLE_SHARES
    rows = db.rows(statement, document_id=document_id, **queries.scope_params(user))
    if not rows:
        raise NotFound(service.OWNED.not_found)
    if not manages and rows[0].document_author_id != user.id:
        raise Forbidden(service.OWNED.read_only)
    return [row for row in rows if row.id is not None]


def share_document(
    user: CurrentUser,
    document_id: int,
    *,
    user_ids: Sequence[int],
    team_ids: Sequence[int],
    permission: str,
    expires_at: dt.datetime | None,
    if_match: IfMatch,
) -> Sequence[Row]:
    """Show a document to users and teams. A share that exists already is changed."""
    document = service.lock_owned(user, document_id)
    if_match.check(document.version)
    check_recipients(user, user_ids, team_ids)
    others = [i for i in user_ids if i != document.author_id]
    of, terms = {"document_id": document_id}, {"permission": permission, "expires_at": expires_at}
    share_with(DocumentShare, of, others, team_ids, **terms)
    document.updated_at = utcnow()
    trail.record(
        user,
        "documents.share",
        document,
        shared_with_users=(None, others),
        shared_with_teams=(None, team_ids),
        permission=(None, permission),
    )
    people = people_among(others, team_ids) - {document.author_id}
    tell_of_share(user, people, "document", document.title, f"/documents/{document_id}")
    db.session.commit()
    return list_shares(user, document_id)


def unshare_document(
    user: CurrentUser,
    document_id: int,
    *,
    user_ids: Sequence[int],
    team_ids: Sequence[int],
    if_match: IfMatch,
) -> Sequence[Row]:
    """Take a document back from these users and teams, or from everybody when none is named."""
    document = service.lock_owned(user, document_id)
    if_match.check(document.version)
    ending = sa.delete(DocumentShare).filter_by(document_id=document_id)
    if user_ids or team_ids:
        named = (DocumentShare.user_id.in_(user_ids), DocumentShare.team_id.in_(team_ids))
        ending = ending.where(sa.or_(*named))
    returning = ending.returning(DocumentShare.user_id, DocumentShare.team_id)
    if ended := db.session.execute(returning).all():
        document.updated_at = utcnow()
        trail.record(
            user,
            "documents.unshare",
            document,
            shared_with_users=(sorted(share.user_id for share in ended if share.user_id), None),
            shared_with_teams=(sorted(share.team_id for share in ended if share.team_id), None),
        )
    db.session.commit()
    return list_shares(user, document_id)
