"""Sharing documents with users and teams."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.core.http.etags import IfMatch
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.teams.sharing import Sharing, tell_of_share

from .models import DocumentShare
from .queries import DOCUMENT_SHARES, DOCUMENTS, SHARES

SHARED = _("A document was shared with you")

SHARING = Sharing(DOCUMENTS, SHARES, DOCUMENT_SHARES)


def list_shares(user: CurrentUser, document_id: int) -> Sequence[Row]:
    """The shares of a document, for users who may share it."""
    return SHARING.list(user, document_id)


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
    [document] = DOCUMENTS.lock(user, [document_id], to="share")
    if_match.check(document.version)
    terms = {"permission": permission, "expires_at": expires_at}
    values = None, permission
    shared = SHARING.make(user, document, user_ids, team_ids, terms, permission=values)
    if shared.changed:
        document.updated_at = utcnow()
    tell_of_share(user, shared.gained, SHARED, document.title, f"/documents/{document_id}")
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
    [document] = DOCUMENTS.lock(user, [document_id], to="share")
    if_match.check(document.version)
    named = sa.or_(DocumentShare.user_id.in_(user_ids), DocumentShare.team_id.in_(team_ids))
    if ended := SHARING.end(document, *([named] if user_ids or team_ids else [])):
        document.updated_at = utcnow()
        SHARING.record_end(user, document, ended)
    db.session.commit()
    return list_shares(user, document_id)
